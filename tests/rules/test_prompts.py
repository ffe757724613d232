"""Guideline 3: at least 60 characters that users did not write."""

import pytest

from widget_server.rules.pieces import DEEPEST
from widget_server.rules.prompts import REQUIRED_CHARACTERS, Verdict, check, users_own, verdict


@pytest.mark.parametrize("character", ["x", "ж", "文", "ש", "é", "😀"])
@pytest.mark.parametrize(("count", "ok"), [(59, False), (60, True), (61, True)])
def test_sixty_code_points_pass_and_fifty_nine_fail(character: str, count: int, ok: bool) -> None:
    found = check(character * count + "{question}")
    assert (found.fixed_characters, found.ok) == (count, ok)


def test_the_guidelines_number_is_sixty() -> None:
    assert REQUIRED_CHARACTERS == 60
    assert check("").required_characters == 60


def test_a_custom_model_is_exempt() -> None:
    assert check("{question}", custom_model=True).ok
    assert check("{question}", custom_model=True).detail == ""
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


HOSTILE = [
    "{{" + "a" * 40_000,
    "{{" + " " * 40_000,
    "{%" * 20_000,
    "{" * 50_000,
    "${" * 20_000,
    "{a:" * 15_000,
    "{a" + " " * 40_000 + "!",
    "{{a" * 15_000 + "}}",
    "{{#a}}" * 8_000,
    "{% if a %}" * 5_000,
    "{{ " + "(" * 30_000 + " }}",
    "{a{b}" * 10_000,
    "$é" * 20_000,
    "{#" * 20_000 + "#}",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile[:10])
@pytest.mark.parametrize("syntax", ["any", "format", "jinja", "mustache", "dollar", "percent"])
def test_a_hostile_template_is_measured_at_once(hostile: str, syntax: str) -> None:
    found = check(hostile, syntax=syntax)
    assert found.fixed_characters <= len(hostile)
    if hostile in HOSTILE[:6] and syntax == "any":
        assert found.fixed_characters > 0


def test_messages_of_users_are_the_users_words() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "u" * 100},
        {"role": "assistant", "content": "Yes."},
    ]
    assert check(messages).fixed_characters == len("Be brief. Yes.")


LONG = "x" * 60


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("Answer {q}", "The prompt holds 6 characters that its users did not write; it needs 60."),
        ("A{q}", "The prompt holds 1 character that its users did not write; it needs 60."),
        ("{q}", "The prompt holds nothing but what its users write; it needs 60 characters that they did not."),
        (LONG + "\n {q", "The prompt template cannot be read: line 2, column 2: “{” is not closed"),
        (LONG + "\n{% if x %}", "The prompt template cannot be read: line 2: Unexpected end of template."),
        (LONG[:-1] + "{% if x %}y{% endif %}", "but only 59 stand in every prompt that is made of it; it needs 60."),
    ],
)
def test_what_is_wrong_is_told_with_the_remedy(template: str, told: str) -> None:
    found = check(template)
    assert told in found.detail
    assert not found.always_holds


def test_a_template_may_hold_enough_when_not_each_of_its_prompts_does() -> None:
    sixty = check(LONG + "{% if x %}y{% endif %}")
    assert (sixty.ok, sixty.always_holds, sixty.detail) == (True, True, "")
    fewer = check(LONG[:-1] + "{% if x %}y{% endif %}")
    assert (fewer.ok, fewer.always_holds, fewer.fixed_characters, fewer.always_characters) == (True, False, 60, 59)
    assert check("{% if x %}y{% endif %}", custom_model=True).ok


@pytest.mark.parametrize(
    ("template", "custom_model", "elsewhere", "stands"),
    [
        (LONG, False, [], Verdict.HOLDS),
        (LONG, True, ["SYSTEM"], Verdict.HOLDS),
        ("x", True, [], Verdict.EXEMPT),
        (LONG + "{x", True, [], Verdict.EXEMPT),
        (LONG + "{x", False, ["SYSTEM"], Verdict.UNREADABLE),
        ("x", False, ["SYSTEM"], Verdict.ELSEWHERE),
        ("x", False, [], Verdict.SHORT),
        (LONG[:-1] + "{% if x %}y{% endif %}", False, [], Verdict.UNSURE),
    ],
)
def test_how_a_prompt_in_a_source_stands(template: str, custom_model: bool, elsewhere: list, stands: Verdict) -> None:
    assert verdict(check(template, custom_model=custom_model), elsewhere=elsewhere) is stands


def test_what_fails_and_what_warns() -> None:
    assert [one for one in Verdict if one.fails] == [Verdict.UNREADABLE, Verdict.SHORT]
    assert [one for one in Verdict if one.warns] == [Verdict.ELSEWHERE, Verdict.UNSURE]


def test_parts_and_variables_are_told() -> None:
    found = check("Say {a} and {b}, then {a} again.")
    assert (found.parts, found.variables) == (("Say", "and", ", then", "again."), ("a", "b"))


def test_a_value_that_the_owner_gives_is_fixed_text() -> None:
    template = "Say {examples} and {% if x %}{{ rules }}{% endif %} {question}"
    assert check(template).fixed_characters == len("Say and")
    filled = check(template, values={"examples": "hello", "rules": "never lie"})
    assert (filled.fixed_characters, filled.always_characters) == (len("Say hello and never lie"), len("Say hello and"))
    assert filled.variables == ("question",)


def test_values_are_put_in_as_long_as_they_add_no_more_than_a_million_characters() -> None:
    template = "{a}" * 100
    assert check(template, values={"a": "y" * 10_000}).fixed_characters == 1_000_000
    too_much = check(template, values={"a": "y" * 10_001})
    assert "more than 1,000,000 characters" in too_much.problem
    assert (too_much.fixed_characters, too_much.variables) == (0, ("a",))


def test_what_is_long_itself_is_read_with_and_without_values() -> None:
    long = "word " * 500_000 + "{a}"
    assert check(long).ok
    assert check(long, values={"a": "y"}).fixed_characters == 2_500_001
    assert check([{"role": "system", "content": long}]).ok


def test_what_users_write_has_no_value() -> None:
    assert users_own({"question": "", "lang": ""}, ["question", "other"]) == ["question"]
    assert users_own({"lang": ""}, None) == []


@pytest.mark.parametrize(("deep", "readable"), [(DEEPEST, True), (DEEPEST + 1, False)])
@pytest.mark.parametrize(("begin", "end"), [("{{#a}}", "{{/a}}"), ("{% if a %}", "{% endif %}")])
def test_blocks_within_blocks_are_read_to_a_depth_of_fifty(deep: int, readable: bool, begin: str, end: str) -> None:
    assert DEEPEST == 50
    found = check(begin * deep + "x" + end * deep)
    assert (not found.problem) is readable
    assert readable or "more than 50 blocks" in found.problem


@pytest.mark.parametrize(
    ("template", "syntax", "why"),
    [
        ("{% end %} of it", "jinja", "“” is closed, but nothing is open there"),
        ("{% if a %}{% end %}{% endif %}", "jinja", "“” is closed, but “if” is open there"),
        ("Before. {{#*}} after", "mustache", "“” is not closed"),
        (f"{{{{ {'9' * 5_000} }}}}", "jinja", "it is not Jinja: "),
    ],
)
def test_a_template_that_nobody_can_read_is_said_to_be_so(template: str, syntax: str, why: str) -> None:
    found = check(template, syntax=syntax)
    assert why in found.problem
    assert not found.ok


def test_prompts_within_prompts_end_somewhere() -> None:
    prompt: object = "x"
    for _ in range(5_000):
        prompt = {"_type": "few_shot", "example_prompt": prompt}
    assert (check(prompt).ok, check(prompt).problem) == (False, "it is nested too deeply")


class PromptTemplate:
    """As LangChain's in memory: found by its name and its attributes."""

    def __init__(self, template: str, template_format: str = "f-string") -> None:
        self.template, self.template_format = template, template_format


class SystemMessagePromptTemplate:
    def __init__(self, prompt: PromptTemplate) -> None:
        self.prompt = prompt


class HumanMessage:
    def __init__(self, content: str) -> None:
        self.content = content


class ChatPromptTemplate:
    def __init__(self, *messages: object) -> None:
        self.messages = list(messages)


def test_prompts_in_memory_are_read_as_they_are_saved() -> None:
    prompt = PromptTemplate("Say {x} and {{ y }}", "jinja2")
    assert check(prompt).fixed_characters == len("Say {x} and")
    conversation = ChatPromptTemplate(SystemMessagePromptTemplate(prompt), HumanMessage("u" * 100))
    assert check(conversation).fixed_characters == len("Say {x} and")
    assert check(7).problem
