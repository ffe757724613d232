"""What an owner may choose, and how it is kept."""

from dataclasses import replace

import pytest

from widget_server.rules.policy import Control, Policy, mistakes, policy

CHOSEN = Policy(("ai21", "openai"), Control.WHEN_REQUIRED, "Papers", 90, "Ada", "ada@news.example", True, True, 30)


@pytest.mark.parametrize("chosen", [Policy(), CHOSEN])
def test_a_policy_comes_back_as_it_was_kept(chosen: Policy) -> None:
    assert policy(chosen.as_json()) == chosen


def test_only_what_was_chosen_is_kept() -> None:
    assert Policy().as_json() == {}
    assert replace(Policy(), review_days=30).as_json() == {"review_days": 30}


def test_what_this_version_does_not_know_is_left_out() -> None:
    assert policy({"guidelines": ["gone"], "colour": "red"}) == Policy()
    assert policy({"guidelines": ["gone", "openai"]}).guidelines == ("openai",)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"guidelines": ()}, "guidelines"),
        ({"guidelines": ("ai21", "acme")}, "guidelines"),
        ({"least_disclosed": -1}, "least_disclosed"),
        ({"least_disclosed": 101}, "least_disclosed"),
        ({"review_days": 0}, "review_days"),
        ({"review_days": 3651}, "review_days"),
        ({"responsible": "a" * 201}, "responsible"),
        ({"contact": "a" * 255}, "contact"),
        ({"application": "a" * 101}, "application"),
        ({"application": "a\x00"}, "application"),
    ],
)
def test_a_choice_that_cannot_be_is_named(wrong: dict, field: str) -> None:
    assert list(mistakes(replace(Policy(), **wrong))) == [field]


@pytest.mark.parametrize(
    "right",
    [
        {"least_disclosed": 0},
        {"least_disclosed": 100},
        {"review_days": 1},
        {"review_days": 3650},
        {"review_days": None},
        {"responsible": "a" * 200, "contact": "a" * 254, "application": "a" * 100},
    ],
)
def test_choices_that_can_be(right: dict) -> None:
    assert mistakes(replace(Policy(), **right)) == {}
