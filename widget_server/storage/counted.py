"""Which reports count, and what a case is by those that do."""

from typing import Any

from peewee import SQL, Expression, fn

from widget_server.rules import moderation, sources
from widget_server.rules.harms import HARMS, gravest
from widget_server.rules.moderation import State
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Report


def counts() -> Expression:
    """Neither taken back by its reporter nor set aside by a moderator."""
    return Report.taken_back_at.is_null() & Report.aside_at.is_null()


def aside() -> Expression:
    """Set aside by a moderator, and not taken back by its reporter."""
    return Report.taken_back_at.is_null() & Report.aside_at.is_null(False)


def any_of(case: Case) -> bool:
    """Whether a report that counts, or an appeal, has come since the case was last decided."""
    query = Report.select().where(Report.case == case, counts())
    if case.decided_at:
        query = query.where((Report.received_at > case.decided_at) | (Report.appealed_at > case.decided_at))
    return query.exists()


def weigh(case: Case) -> None:
    """A locked case's category, urgency, place and numbers by the reports that count now. Keep the case afterwards.

    As long as it waits, what it is about are the reports since its last decision.
    """
    rows = _by_category(case)
    fresh = [row for row in rows if row["fresh"]] or rows
    named: dict[str, int] = {}
    for row in fresh:
        named[row["category"]] = named.get(row["category"], 0) + row["reports"]
    case.named = {}
    for row in rows:
        case.named[row["category"]] = case.named.get(row["category"], 0) + row["reports"]
    if fresh:
        case.category = gravest(named)
        case.urgent = any(HARMS[code].urgent for code in named) or _on_its_card(case, Case.urgent)
        case.unproved = all(row["unproved"] for row in fresh) and not _on_its_card(case, ~Case.unproved)
    if fresh and case.state == State.OPEN:
        case.waiting_since = case.reported_since = min(row["since"] for row in fresh)
    case.confirmed = sum(row["confirmed"] for row in rows)
    case.sources = _sources(case, reports=sum(row["reports"] for row in rows))


def new_source(case: Case, source: int | None) -> bool:
    """Whether no report on this case that counts came from there before."""
    if source is None:
        return True
    return not _from_there.any(case.id, source)


_from_there = Ready(
    lambda case, source: Report.select(SQL("1")).where(Report.case == case, Report.source == source, counts()).limit(1)
)


def _by_category(case: Case) -> list[dict[str, Any]]:
    waits = State(case.state) in moderation.WAITING
    fresh = Report.received_at > case.decided_at if waits and case.decided_at else Report.id > 0
    query = (
        Report.select(
            Report.category,
            fresh.alias("fresh"),
            fn.COUNT(Report.id).alias("reports"),
            fn.COUNT(Report.confirmed_at).coerce(False).alias("confirmed"),
            fn.MIN(Report.unproved.cast("integer")).alias("unproved"),
            fn.MIN(Report.received_at).alias("since"),
        )
        .where(Report.case == case, counts())
        .group_by(Report.category, SQL("fresh"))
    )
    return list(query.dicts())


def _sources(case: Case, *, reports: int) -> int:
    known = Report.select(fn.COUNT(Report.source.distinct())).where(Report.case == case, counts()).scalar()
    return sources.about(reports=reports, known=known, past=case.sources_past)


def _on_its_card(case: Case, condition: Expression) -> bool:
    return Case.select().where(Case.leader == case, condition).exists()
