"""The prompt check in Python: measured, required, asserted, and around a function."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from widget_server import Refused
from widget_server.prompts import assert_prompt, assert_prompts, check_prompt, prompt_checked, require_prompt

LONG = "Answer the question of the reader in one short and honest sentence. {question}"
SHORT = "Answer {question}"
TODAY = datetime.now(UTC).date()


def test_a_template_is_measured() -> None:
    found = check_prompt(LONG, variables=["question"])
    assert (found.ok, found.fixed_characters, found.fixed_words) == (True, 67, 12)
    assert (found.required_characters, found.clause, found.parts) == (60, "3", (LONG.removesuffix(" {question}"),))


def test_values_of_the_owner_count_and_users_variables_have_none() -> None:
    template = "{rules} {question}"
    assert check_prompt(template, variables=["question"], values={"rules": "r" * 60}).ok
    with pytest.raises(ValueError, match="question: said to be written by users"):
        check_prompt(template, variables=["question"], values={"question": "q" * 60})


def test_a_syntax_may_be_stated() -> None:
    assert check_prompt("{a} and $b", syntax="dollar").fixed_characters == len("{a} and")
    with pytest.raises(ValueError, match="syntax must be one of any, format, jinja"):
        check_prompt("x", syntax="perl")


def test_a_custom_model_is_named_and_dated() -> None:
    assert check_prompt(SHORT, custom_model="acme-7b", since=TODAY).ok
    assert check_prompt(SHORT, custom_model="acme-7b", since="2026-01-01").ok
    assert check_prompt(SHORT, custom_model=True).ok
    with pytest.raises(ValueError, match="custom_model: Say since when"):
        check_prompt(SHORT, custom_model="acme-7b")
    with pytest.raises(ValueError, match="still to come"):
        check_prompt(SHORT, custom_model="acme-7b", since=TODAY + timedelta(days=2))


def test_a_required_prompt_comes_back_or_is_refused_with_its_clause() -> None:
    messages = [{"role": "system", "content": LONG}, {"role": "user", "content": "{question}"}]
    assert require_prompt(messages) is messages
    with pytest.raises(Refused, match=r"holds 6 characters .* \(guideline 3\)") as refused:
        require_prompt(SHORT)
    assert refused.value.clause == "3"
    with pytest.raises(Refused, match="cannot be read"):
        require_prompt(LONG + "{more")


def test_in_a_test_a_short_prompt_fails_and_says_why() -> None:
    assert_prompt(LONG)
    with pytest.raises(AssertionError) as failed:
        assert_prompt("Answer {question} now")
    assert "The prompt holds 10 characters" in str(failed.value)
    assert "Its fixed text: Answer | now" in str(failed.value)
    assert_prompt(SHORT, custom_model=True)


def test_in_a_test_all_prompts_of_files_and_folders_are_checked(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(LONG)
    assert_prompts(tmp_path, str(tmp_path / "good.txt"))
    (tmp_path / "bad.py").write_text("x = 1\nPROMPT = 'Answer {question}'\n")
    (tmp_path / "worse.py").write_text("x = \n")
    with pytest.raises(AssertionError) as failed:
        assert_prompts(tmp_path)
    lines = str(failed.value).splitlines()
    assert len(lines) == 2
    assert "bad.py:2:10: too short: PROMPT: The prompt holds 6 characters" in lines[0]
    assert "worse.py: not read: it is not Python" in lines[1]


def test_in_a_test_a_folder_without_prompts_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="There is no prompt in"):
        assert_prompts(tmp_path)
    with pytest.raises(AssertionError, match=r"nothing\.txt: not read: no such file"):
        assert_prompts(tmp_path / "nothing.txt")


def test_a_function_is_checked_at_each_call() -> None:
    @prompt_checked
    def build(text: str) -> str:
        """Its own words."""
        return text

    assert (build.__name__, build.__doc__) == ("build", "Its own words.")
    assert build(LONG) == LONG
    with pytest.raises(Refused) as refused:
        build(SHORT)
    assert refused.value.clause == "3"


def test_a_function_may_be_recorded_instead_of_refused() -> None:
    seen = []

    @prompt_checked(record=seen.append, syntax="format")
    def build(text: str) -> str:
        return text

    assert (build(LONG), build(SHORT)) == (LONG, SHORT)
    assert [found.ok for found in seen] == [True, False]


def test_a_function_that_waits_is_checked_when_it_is_done() -> None:
    @prompt_checked()
    async def build(text: str) -> str:
        await asyncio.sleep(0)
        return text

    assert asyncio.run(build(LONG)) == LONG
    with pytest.raises(Refused):
        asyncio.run(build(SHORT))


def test_a_function_for_a_custom_model_is_exempt() -> None:
    @prompt_checked(custom_model="acme-7b", since="2026-01-01")
    def build() -> str:
        return SHORT

    assert build() == SHORT


def test_the_module_is_what_its_name_says() -> None:
    from widget_server import prompts

    assert prompts.assert_prompt is assert_prompt
