"""Until when a case must be decided, and how that is told."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.clocks import (
    APPEAL,
    HOURS,
    LONGEST,
    MEDIAN,
    P90,
    SHORTEST,
    Standing,
    due,
    rank,
    reading,
    standing,
    words,
)
from widget_server.rules.harms import HARMS

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("hours", "of"),
    [
        (1, {"child_sexual", "self_harm"}),
        (4, {"intimidation", "violence"}),
        (24, {"hate", "harassment", "victimisation", "fraud", "dangerous_advice"}),
        (
            48,
            {"misinformation", "invented_facts", "bias", "privacy", "profiling", "automated_decision", "sexual"},
        ),
        (72, {"gambling", "intellectual_property", "spam", "wrong_label", "other", "appeal"}),
    ],
)
def test_how_long_each_category_may_wait(hours: int, of: set[str]) -> None:
    assert {kind for kind, given in HOURS.items() if given == hours} == of


def test_every_category_and_appeals_have_a_clock() -> None:
    assert HOURS.keys() == {*HARMS, APPEAL}


def test_urgent_categories_have_the_shortest_clocks() -> None:
    urgent = [HOURS[code] for code, harm in HARMS.items() if harm.urgent]
    others = [HOURS[code] for code, harm in HARMS.items() if not harm.urgent]
    assert max(urgent) < min(others)


def test_an_owner_sets_one_hour_to_thirty_days() -> None:
    assert (SHORTEST, LONGEST) == (1, 30 * 24)


@pytest.mark.parametrize(
    ("reported", "appealed", "hours_from_noon"),
    [(0, None, 24), (None, 0, 72), (0, 0, 24), (0, -47, 24), (0, -49, 23), (None, None, None)],
)
def test_a_case_is_due_when_the_first_of_its_clocks_runs_out(
    reported: int | None, appealed: int | None, hours_from_noon: int | None
) -> None:
    since = [None if hours is None else NOON + timedelta(hours=hours) for hours in (reported, appealed)]
    expected = None if hours_from_noon is None else NOON + timedelta(hours=hours_from_noon)
    assert due("fraud", reported=since[0], appealed=since[1], hours=HOURS) == expected


def test_a_case_is_due_by_the_owners_hours() -> None:
    assert due("fraud", reported=NOON, appealed=None, hours={"fraud": 2}) == NOON + timedelta(hours=2)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(hours=4), Standing.IN_TIME),
        (timedelta(hours=1), Standing.IN_TIME),
        (timedelta(hours=1) - MOMENT, Standing.SOON),
        (timedelta(0), Standing.SOON),
        (-MOMENT, Standing.LATE),
    ],
)
def test_a_clock_of_four_hours_is_in_time_soon_or_late(left: timedelta, expected: Standing) -> None:
    assert standing(since=NOON - timedelta(hours=4), due=NOON, at=NOON - left) is expected


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(hours=2), (Standing.IN_TIME, "Due in 2 h")),
        (timedelta(minutes=5), (Standing.SOON, "Due in 5 min")),
        (timedelta(0), (Standing.SOON, "Due in under 1 min")),
        (-MOMENT, (Standing.LATE, "Late by under 1 min")),
        (timedelta(hours=-3), (Standing.LATE, "Late by 3 h")),
    ],
)
def test_a_clock_is_read_in_words(left: timedelta, told: tuple[Standing, str]) -> None:
    assert reading(since=NOON - timedelta(hours=4), due=NOON, at=NOON - left) == told


@pytest.mark.parametrize(
    ("count", "percent", "nth"),
    [
        (1, MEDIAN, 1),
        (2, MEDIAN, 1),
        (3, MEDIAN, 2),
        (4, MEDIAN, 2),
        (1, P90, 1),
        (9, P90, 9),
        (10, P90, 9),
        (11, P90, 10),
        (1000, MEDIAN, 500),
        (1000, P90, 900),
    ],
)
def test_the_value_that_so_many_of_a_hundred_do_not_exceed(count: int, percent: int, nth: int) -> None:
    assert rank(count, percent) == nth


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        (timedelta(0), "under 1 min"),
        (timedelta(seconds=59, microseconds=999_999), "under 1 min"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(minutes=61), "1 h 1 min"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(hours=48), "2 days"),
        (timedelta(hours=48, minutes=59), "2 days"),
        (timedelta(hours=73), "3 days 1 h"),
    ],
)
def test_durations_are_told_as_people_say_them(duration: timedelta, told: str) -> None:
    assert words(duration) == told
