"""The guidelines' numbers, and the strictest of several."""

import pytest

from widget_server.rules.guidelines import GUIDELINES, Limits, Subject, strictest, which
from widget_server.rules.purposes import PURPOSES


@pytest.mark.parametrize(
    ("codes", "people", "viewers", "warning", "characters"),
    [
        (["ai21"], 100, 100, 80, 60),
        (["openai"], 0, 0, 0, None),
        (["anthropic"], None, None, None, None),
        (["ai21", "openai"], 0, 0, 0, 60),
        (["anthropic", "ai21"], 100, 100, 80, 60),
    ],
)
def test_of_several_guidelines_the_strictest_number_holds(
    codes: list[str], people: int | None, viewers: int | None, warning: int | None, characters: int | None
) -> None:
    found = strictest(codes)
    assert (found.people_unreviewed, found.viewers_unreported, found.warning, found.prompt_characters) == (
        people,
        viewers,
        warning,
        characters,
    )


def test_the_warning_comes_at_four_fifths_of_the_threshold_or_with_three_quarters_foreseen() -> None:
    limits = Limits(viewers_unreported=250)
    assert (limits.warning, limits.foreseen) == (200, 187)
    assert (Limits().warning, Limits().foreseen) == (None, None)


def test_purposes_of_high_risk_are_ones_that_a_site_can_declare() -> None:
    assert strictest(GUIDELINES).reviewed_purposes <= set(PURPOSES)
    assert strictest(["anthropic"]).reviewed_purposes == {
        "health_information",
        "legal_information",
        "financial_information",
        "news",
    }


def test_the_first_guideline_that_asks_for_something_is_named() -> None:
    assert which(["ai21", "openai"], Subject.REVIEW) == "2.i"
    assert which(["openai", "ai21"], Subject.REVIEW) == "OpenAI: human in the loop"
    assert which(["anthropic"], Subject.REPORTING) == ""


@pytest.mark.parametrize("guideline", GUIDELINES.values(), ids=str)
def test_a_guideline_says_where_it_comes_from(guideline) -> None:
    assert guideline.source
    assert guideline.version
    assert guideline.clauses
    assert len({clause.number for clause in guideline.clauses}) == len(guideline.clauses)
