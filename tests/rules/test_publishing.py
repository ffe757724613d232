"""Guideline 2.i, with the guideline's own examples."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.guidelines import strictest
from widget_server.rules.publishing import (
    CHECKS,
    Audience,
    approval_refused,
    has_room,
    has_run_out,
    needs_review,
    rejection_refused,
    runs_out,
    who_answers,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


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


@pytest.mark.parametrize(
    ("hours", "days", "over"),
    [
        (0, None, False),
        (24 * 3650, None, False),
        (23, 1, False),
        (24, 1, True),
        (25, 1, True),
        (24 * 30 - 1, 30, False),
    ],
)
def test_a_review_is_over_when_its_days_are_full(hours: int, days: int | None, over: bool) -> None:
    assert has_run_out(NOON, days=days, at=NOON + timedelta(hours=hours)) is over


def test_what_was_never_reviewed_does_not_run_out() -> None:
    assert (runs_out(None, days=1), has_run_out(None, days=1, at=NOON)) == (None, False)


@pytest.mark.parametrize(
    ("authors", "amenders", "four_eyes", "why"),
    [
        ([], [], True, None),
        (["ada@news.example"], ["ada@news.example"], False, None),
        (["bot", "ada@news.example"], [], True, "You asked for this text"),
        ([], ["ada@news.example"], True, "You amended this text"),
        (["Bob <bob@news.example>, Ada <ada@news.example>"], [], True, "You asked for this text"),
        (["bob@news.example"], ["bob@news.example"], True, None),
    ],
)
def test_four_eyes_are_two_people(authors: list, amenders: list, four_eyes: bool, why: str | None) -> None:
    refused = approval_refused(
        reviewer="ada@news.example", checks=[*CHECKS], authors=authors, amenders=amenders, four_eyes=four_eyes
    )
    assert (refused is None) if why is None else (refused.startswith(why) and "guideline 2.i" in refused)


def test_every_check_is_asked_for_by_name() -> None:
    refused = approval_refused(reviewer="a@b.example", checks=["harm"], authors=[], amenders=[], four_eyes=False)
    assert refused == "Confirm each check before you approve: accuracy, plausibility, sources (guideline 2.i)."


@pytest.mark.parametrize(("note", "fine"), [("", False), (" \n", False), ("Wrong.", True)])
def test_a_rejection_needs_a_reason(note: str, fine: bool) -> None:
    assert (rejection_refused(note) is None) is fine


@pytest.mark.parametrize(
    ("responsible", "contact", "said"),
    [("Ada", "a@b.example", "Ada (a@b.example)"), ("Ada", "", "Ada"), ("", "a@b.example", "")],
)
def test_nobody_answers_without_a_name(responsible: str, contact: str, said: str) -> None:
    assert who_answers(responsible, contact) == said


@pytest.mark.parametrize(("held", "room"), [(0, True), (999, True), (1_000, False), (10_000, False)])
def test_a_thousand_texts_of_a_site_wait_at_most(held: int, room: bool) -> None:
    assert has_room(held) is room


def test_an_account_with_an_odd_address_is_no_other_one() -> None:
    def refused(reviewer: str, author: str) -> bool:
        told = approval_refused(reviewer=reviewer, checks=[*CHECKS], authors=[author], amenders=[], four_eyes=True)
        return told is not None

    assert refused("sales/ada@news.example", "Ada <sales/ada@news.example>")
    assert not refused("sales/ada@news.example", "Ada <ada@news.example>")
