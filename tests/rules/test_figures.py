"""For which periods figures are told, and how they are put together."""

from datetime import UTC, date, datetime

import pytest

from widget_server.rules.figures import MOST_BARS, PERIODS, bars, by_clause, day, since

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = 20_780
"""2026-11-23, in days since 1970."""


def test_the_periods_that_can_be_chosen() -> None:
    assert PERIODS == {7: "7 days", 30: "30 days", 90: "90 days", 364: "52 weeks"}


@pytest.mark.parametrize(
    ("days", "at", "begins"),
    [
        (7, NOON, datetime(2026, 11, 17, tzinfo=UTC)),
        (7, datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)),
        (7, datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)),
        (364, NOON, datetime(2025, 11, 25, tzinfo=UTC)),
    ],
)
def test_a_period_has_whole_days_and_today(days: int, at: datetime, begins: datetime) -> None:
    assert since(days, at=at) == begins


def test_a_day_is_known_by_its_number() -> None:
    assert (day(0), day(TODAY)) == (date(1970, 1, 1), date(2026, 11, 23))


def test_each_day_is_a_bar_in_order_also_without_anything() -> None:
    shown = bars({TODAY: (3, 1), TODAY - 6: (2, 0), TODAY - 7: (9, 9)}, days=7, at=NOON)
    assert [(bar.first.day, bar.last.day, bar.reports, bar.decisions) for bar in shown] == [
        (17, 17, 2, 0),
        (18, 18, 0, 0),
        (19, 19, 0, 0),
        (20, 20, 0, 0),
        (21, 21, 0, 0),
        (22, 22, 0, 0),
        (23, 23, 3, 1),
    ]


@pytest.mark.parametrize(("days", "number"), [(7, 7), (30, 30), (90, 90), (91, 13), (364, 52)])
def test_more_than_ninety_days_are_told_by_the_week(days: int, number: int) -> None:
    shown = bars({TODAY - back: (1, 2) for back in range(days)}, days=days, at=NOON)
    assert (len(shown), MOST_BARS) == (number, 90)
    assert {(bar.reports, bar.decisions) for bar in shown} == {(days // number, 2 * days // number)}
    assert shown[-1].last == date(2026, 11, 23)
    assert shown[0].first == since(days, at=NOON).date()


def test_clauses_are_the_sums_of_their_categories() -> None:
    counted = {"fraud": (3, 2), "spam": (1, 0), "self_harm": (4, 4)}
    assert by_clause(counted) == {"1.ii": (4, 2), "1.iii": (4, 4)}
