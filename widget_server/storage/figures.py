"""How much is reported and decided, and how long readers wait: read from reports and decisions alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Expression, fn
from peewee import Case as Either

from widget_server.rules.clocks import MEDIAN, P90, rank
from widget_server.rules.figures import Two
from widget_server.storage.clocks import waits
from widget_server.storage.tables import Case, Report, Ruling

MOST_MODELS = 1_000
_A_DAY = SQL("86400000000")


@dataclass(frozen=True, slots=True)
class Wait:
    """How long something took, `count` times: half of them, and nine of ten, took no longer."""

    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A period's figures. `by_day`: by the number of each day since 1970 (UTC).

    `in_time`: of the `clocked` decisions, those before the clock ran out. `reversed`: of the decisions on `appeals`,
    those that changed the outcome. `first_view` and `decision` begin with the first report, `appeal` with the appeal.
    """

    by_day: dict[int, Two]
    by_category: dict[str, Two]
    by_model: dict[str, Two]
    clocked: int
    in_time: int
    appeals: int
    reversed: int
    first_view: Wait
    decision: Wait
    appeal: Wait


def of(*, since: datetime, sites: list[int] | None) -> Figures:
    """What came and what was decided since then on these sites (None: all). What was undone does not count."""
    came = Report.received_at >= since
    decided = (Ruling.decided_at >= since) & Ruling.outcome.is_null(False) & Ruling.undone_at.is_null()
    if sites is not None:
        came, decided = came & Report.site.in_(sites), decided & Ruling.site.in_(sites)
    reports = _by_day_and_category(Report, Report.received_at, came)
    rulings = _by_day_and_category(Ruling, Ruling.decided_at, decided, *_OUTCOMES)
    clocked, in_time, appeals, reversed_ = (sum(row[place] for row in rulings) for place in range(3, 7))
    viewed = decided & (Ruling.viewed_at >= Ruling.reported_since)
    return Figures(
        by_day=_added(((day, many) for day, _, many in reports), ((row[0], row[2]) for row in rulings)),
        by_category=_added(((code, many) for _, code, many in reports), ((row[1], row[2]) for row in rulings)),
        by_model=_added(_by_model(Report, came), _by_model(Ruling, decided)),
        clocked=clocked,
        in_time=in_time,
        appeals=appeals,
        reversed=reversed_,
        first_view=_wait(viewed, Ruling.viewed_at - Ruling.reported_since),
        decision=_wait(decided & Ruling.reported_since.is_null(False), Ruling.decided_at - Ruling.reported_since),
        appeal=_wait(decided & APPEALED, Ruling.decided_at - Ruling.appealed_since),
    )


def waiting(*, at: datetime, sites: list[int] | None) -> tuple[int, int]:
    """How many cases wait now, and how many of them are late."""
    query = Case.select().where(waits())
    query = query if sites is None else query.where(Case.site.in_(sites))
    return query.count(), query.where(Case.due_at < at).count()


def _sum_of(condition: Expression) -> Any:
    return fn.SUM(Either(None, ((condition, 1),), 0))


APPEALED = Ruling.appealed_since.is_null(False) & Ruling.replaced.is_null(False)
"""Decisions on appeals. Who asks for a second look before the first decision objects to a report that was set aside."""
_OUTCOMES = (
    _sum_of(Ruling.due_at.is_null(False)),
    _sum_of(Ruling.decided_at <= Ruling.due_at),
    _sum_of(APPEALED),
    _sum_of(APPEALED & (Ruling.replaced != Ruling.outcome)),
)


def _by_day_and_category(table: Any, moment: Any, which: Expression, *more: Any) -> list[tuple[Any, ...]]:
    columns = ((moment / _A_DAY).alias("day"), table.category, fn.COUNT(table.id), *more)
    return list(table.select(*columns).where(which).group_by(SQL("1"), SQL("2")).tuples())


def _by_model(table: Any, which: Expression) -> Iterable[tuple[str, int]]:
    many = fn.COUNT(table.id)
    query = table.select(table.model, many).where(which).group_by(table.model)
    return query.order_by(many.desc(), table.model).limit(MOST_MODELS).tuples()


def _added(reports: Iterable[tuple[Any, int]], decisions: Iterable[tuple[Any, int]]) -> dict[Any, Two]:
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for which, counted in enumerate((reports, decisions)):
        for key, many in counted:
            found[key][which] += many
    return {key: (came, decided) for key, (came, decided) in found.items()}


def _wait(which: Expression, took: Expression) -> Wait:
    """By offset in an ordered list, so that no row leaves the database but the two that are asked for."""
    query = Ruling.select(took.alias("took")).where(which)
    count = query.count()
    median, p90 = (
        timedelta(microseconds=query.order_by(SQL("1")).offset(rank(count, percent) - 1).limit(1).scalar())
        if count
        else None
        for percent in (MEDIAN, P90)
    )
    return Wait(count, median, p90)
