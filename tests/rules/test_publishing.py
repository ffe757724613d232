"""Guideline 2.i, with the guideline's own examples."""

import pytest

from widget_server.rules.guidelines import strictest
from widget_server.rules.publishing import Audience, needs_review


@pytest.mark.parametrize(
    ("audience", "size", "held"),
    [
        (Audience.LIMITED, 7, False),  # a bot in a channel of seven
        (Audience.PUBLIC, None, True),  # a bot that posts to a public feed
        (Audience.ONE_TO_ONE, None, False),  # a chat with a customer, however many customers there are
        (Audience.ONE_TO_ONE, 1_000_000, False),
        (Audience.LIMITED, 99, False),
        (Audience.LIMITED, 100, False),
        (Audience.LIMITED, 101, True),
        (Audience.LIMITED, None, True),
        (Audience.PUBLIC, 1, True),
    ],
)
def test_a_text_is_held_when_more_than_a_hundred_people_may_see_it(
    audience: Audience, size: int | None, held: bool
) -> None:
    assert needs_review(audience, size) is held


@pytest.mark.parametrize(
    ("guidelines", "audience", "size", "purpose", "held"),
    [
        (["openai"], Audience.ONE_TO_ONE, None, "", False),
        (["openai"], Audience.LIMITED, 1, "", True),
        (["ai21", "openai"], Audience.LIMITED, 7, "", True),
        (["anthropic"], Audience.PUBLIC, None, "entertainment", False),
        (["anthropic"], Audience.ONE_TO_ONE, None, "health_information", True),
        (["ai21"], Audience.ONE_TO_ONE, None, "health_information", False),
        (["ai21", "anthropic"], Audience.LIMITED, 101, "", True),
    ],
)
def test_the_strictest_of_a_sites_guidelines_holds(
    guidelines: list[str], audience: Audience, size: int | None, purpose: str, held: bool
) -> None:
    assert needs_review(audience, size, purpose=purpose, limits=strictest(guidelines)) is held
