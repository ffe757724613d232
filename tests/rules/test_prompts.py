"""Guideline 3: at least 60 characters that users did not write."""

import pytest

from widget_server.rules.prompts import REQUIRED_CHARACTERS, check


@pytest.mark.parametrize("character", ["x", "ж", "文", "ש", "é", "😀"])
@pytest.mark.parametrize(("count", "ok"), [(59, False), (60, True), (61, True)])
def test_sixty_code_points_pass_and_fifty_nine_fail(character: str, count: int, ok: bool) -> None:
    found = check(character * count + "{question}")
    assert (found.fixed_characters, found.ok) == (count, ok)


def test_the_guidelines_number_is_sixty() -> None:
    assert REQUIRED_CHARACTERS == 60


def test_a_custom_model_is_exempt() -> None:
    assert check("{question}", custom_model=True).ok
    assert not check("{question}").ok


@pytest.mark.parametrize(
    ("template", "fixed"),
    [
        ("Answer {question}", "Answer"),
        ("Answer {question} now", "Answer now"),
        ("Answer {0} and {}", "Answer and"),
        ("Answer {user.name!r:>10}", "Answer"),
        ("Answer {{ question }}", "Answer"),
        ("Answer {{question|trim}} in {{ lang }}", "Answer in"),
        ("Answer {{{ raw }}}", "Answer"),
        ("{{#each items}}x{{/each}}", "x"),
        ("{% if x %}yes{% endif %}{# note #}", "yes"),
        ("Answer $question in ${lang}", "Answer in"),
        ("It costs $5 or $ 5", "It costs $5 or $ 5"),
        ("a {not closed", "a {not closed"),
        ("  a\n\n b\t", "a b"),
        ("", ""),
    ],
)
def test_only_fixed_text_counts(template: str, fixed: str) -> None:
    found = check(template)
    assert (found.fixed_characters, found.fixed_words) == (len(fixed), len(fixed.split()))


@pytest.mark.parametrize(
    "hostile", ["{{" + "a" * 40_000, "{{" + " " * 40_000, "{%" * 20_000, "{" * 50_000, "${" * 20_000, "{a:" * 15_000]
)
def test_a_hostile_template_is_measured_at_once(hostile: str) -> None:
    assert check(hostile).fixed_characters > 0


def test_messages_of_users_are_the_users_words() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "u" * 100},
        {"role": "assistant", "content": "Yes."},
    ]
    assert check(messages).fixed_characters == len("Be brief. Yes.")
