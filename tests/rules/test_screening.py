"""What a screen says, in our categories and in words: never more than a hint."""

import json

import pytest

from tests.screens import CATEGORIES, completion, moderation
from widget_server.rules.harms import HARMS
from widget_server.rules.screening import (
    GUARD,
    MODERATIONS,
    Finding,
    NotUnderstood,
    guard,
    kept,
    moderations,
    sentence,
)

WORDS = {code: f"<{code}>" for code in HARMS}


def test_every_category_of_a_moderation_endpoint_is_one_of_ours() -> None:
    assert set(MODERATIONS) == set(CATEGORIES)
    assert {code for codes in MODERATIONS.values() for code in codes} <= set(HARMS)


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("S1", ("intimidation", "violence")),
        ("S2", ("gambling", "fraud")),
        ("S3", ("sexual",)),
        ("S4", ("child_sexual",)),
        ("S5", ("invented_facts",)),
        ("S6", ("dangerous_advice",)),
        ("S7", ("profiling", "privacy")),
        ("S8", ("intellectual_property",)),
        ("S9", ("dangerous_advice",)),
        ("S10", ("hate", "bias")),
        ("S11", ("self_harm",)),
        ("S12", ("sexual",)),
        ("S13", ("misinformation",)),
    ],
)
def test_the_hazards_of_a_guard_model_are_those_of_the_table_of_harms(code: str, ours: tuple[str, ...]) -> None:
    assert GUARD[code] == Finding(code).categories == ours
    assert len(GUARD) == 13


def test_the_flagged_categories_are_found_the_surest_first() -> None:
    found = moderations(moderation({"hate": 0.71, "violence": 0.93}))
    assert found == [Finding("violence", 0.93), Finding("hate", 0.71)]
    assert moderations(moderation({})) == []


def test_a_category_that_we_do_not_know_is_kept_under_its_own_name() -> None:
    (found,) = moderations(moderation({"pii/phone": 0.9}))
    assert (found, found.categories) == (Finding("pii/phone", 0.9), ())


def test_a_flag_without_a_category_is_a_finding_all_the_same() -> None:
    assert moderations({"results": [{"flagged": True, "categories": {"hate": False}}]}) == [Finding("flagged")]
    assert moderations({"results": [{"flagged": False, "categories": {"hate": None}}]}) == []


@pytest.mark.parametrize("score", [-0.01, 1.01, float("nan"), float("inf"), True, "0.9", None])
def test_a_score_that_is_none_is_left_out(score: object) -> None:
    answer = {"results": [{"categories": {"hate": True}, "category_scores": {"hate": score}}]}
    assert moderations(answer) == [Finding("hate", None)]


@pytest.mark.parametrize("score", [0, 1, 0.5])
def test_a_score_is_from_nought_to_one(score: float) -> None:
    answer = {"results": [{"categories": {"hate": True}, "category_scores": {"hate": score}}]}
    assert moderations(answer) == [Finding("hate", score)]


def test_no_more_is_kept_than_a_person_can_read() -> None:
    many = {f"kind {number}": True for number in range(100)}
    assert len(moderations({"results": [{"categories": many}]})) == 40
    assert len(guard(completion("unsafe\n" + ",".join(f"S{number}" for number in range(100))))) == 40


@pytest.mark.parametrize(
    ("code", "kept_as"), [("a" * 64, "a" * 64), ("a" * 65, "unsafe"), ("<b>hate</b>", "unsafe"), ("", "unsafe")]
)
def test_what_does_not_look_like_a_category_is_not_quoted(code: str, kept_as: str) -> None:
    assert moderations({"results": [{"categories": {code: True}}]}) == [Finding(kept_as)]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("safe", []),
        ("\n\nsafe", []),
        ("Safe \n", []),
        ("unsafe\nS10", [Finding("S10")]),
        ("\n\nunsafe\nS1,S10", [Finding("S1"), Finding("S10")]),
        ("unsafe\nS1, S10\nS10", [Finding("S1"), Finding("S10")]),
        ("unsafe\nS99", [Finding("S99")]),
        ("unsafe", [Finding("unsafe")]),
        ("unsafe\n<script>", [Finding("unsafe")]),
    ],
)
def test_a_guard_model_says_safe_or_unsafe_and_why(said: str, found: list[Finding]) -> None:
    assert guard(completion(said)) == found


@pytest.mark.parametrize("said", ["", "I think that it is safe.", "safe\nS10", "unsafely\nS1", None, ["safe"], 7])
def test_what_a_guard_model_does_not_say_is_no_finding(said: object) -> None:
    with pytest.raises(NotUnderstood):
        guard(completion(said))  # type: ignore[arg-type]


@pytest.mark.parametrize("read", [moderations, guard])
@pytest.mark.parametrize(
    "answer",
    [
        *(None, [], "safe", 0, {}, {"results": [], "choices": []}, {"results": {}, "choices": "x"}),
        *({"results": [1], "choices": [None]}, {"results": [{}], "choices": [{}]}),
        {"results": [{"categories": ["hate"]}], "choices": [{"message": "safe"}]},
        {"results": [{"categories": {"hate": 0.9}}], "choices": [{"message": {}}]},
        {"error": {"message": "overloaded"}},
    ],
)
def test_an_answer_of_another_shape_is_refused(read, answer: object) -> None:
    with pytest.raises(NotUnderstood):
        read(answer)


def test_findings_are_kept_and_read_again() -> None:
    found = [Finding("hate", 0.7), Finding("S99")]
    assert kept(json.loads(json.dumps([one.as_json() for one in found]))) == found


@pytest.mark.parametrize(
    ("found", "failure", "again", "said"),
    [
        ([Finding("hate", 0.914)], "", False, "A screen (m) found: <hate> (“hate”, score 0.91)."),
        (
            [Finding("S1"), Finding("S99")],
            "",
            False,
            "A screen (m) found: <intimidation> / <violence> (“S1”); something that has no category here (“S99”).",
        ),
        ([], "", False, "A screen (m) found nothing in this text."),
        (None, "Busy.", True, "A screen (m) could not look at this text: Busy. It is tried again."),
        (None, "Busy.", False, "A screen (m) could not look at this text: Busy. It is not tried again."),
        (None, "", True, "A screen (m) has not looked at this text yet."),
    ],
)
def test_it_is_said_in_words(found: list[Finding] | None, failure: str, again: bool, said: str) -> None:
    assert sentence("m", found, failure, again=again, words=WORDS) == said


def test_a_screen_without_a_name_is_a_screen() -> None:
    assert sentence("", [], "", again=False, words=WORDS) == "A screen found nothing in this text."
