"""For which periods the desk's figures are told, and how they are put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from widget_server.rules.harms import HARMS

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 364: "52 weeks"}
"""A year is told in whole weeks: no bar stands for fewer days than the others."""

MOST_BARS = 90
"""More days than this are told by the week: narrower bars cannot be seen on a phone."""

_FIRST = date(1970, 1, 1)
Two = tuple[int, int]
"""How many reports, and how many decisions."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened from the day `first` to the day `last`."""

    first: date
    last: date
    reports: int
    decisions: int


def since(days: int, *, at: datetime) -> datetime:
    """When a period begins, of whose days (UTC) the last one is running."""
    return datetime.combine(at.date() - timedelta(days=days - 1), time(), UTC)


def day(number: int) -> date:
    """The day that is so many days after the first one of 1970."""
    return _FIRST + timedelta(days=number)


def bars(by_day: Mapping[int, Two], *, days: int, at: datetime) -> list[Bar]:
    """A period by its days, or weeks, in order. `by_day`: by the number of each day since 1970."""
    step = 1 if days <= MOST_BARS else 7
    first = (since(days, at=at).date() - _FIRST).days
    return [
        Bar(
            day(start),
            day(start + step - 1),
            *_sum(by_day.get(number, (0, 0)) for number in range(start, start + step)),
        )
        for start in range(first, first + days, step)
    ]


def by_clause(by_category: Mapping[str, Two]) -> dict[str, Two]:
    """The same by the guideline's clauses."""
    clauses: dict[str, list[Two]] = {}
    for category, two in by_category.items():
        clauses.setdefault(HARMS[category].clause, []).append(two)
    return {clause: _sum(twos) for clause, twos in clauses.items()}


def _sum(twos: Iterable[Two]) -> Two:
    all_of_them = list(twos)
    return sum(reports for reports, _ in all_of_them), sum(decisions for _, decisions in all_of_them)
