"""Which reports count, and what a case is by those that do."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import SQL, Expression, ModelSelect, fn
from peewee import Case as Either

from widget_server.rules import moderation, sources
from widget_server.rules.harms import URGENT, gravest
from widget_server.rules.moderation import Decision, State
from widget_server.storage import clocks
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Report, Ruling


def counts() -> Expression:
    """Neither taken back by its reporter nor set aside by a moderator."""
    return Report.taken_back_at.is_null() & Report.aside_at.is_null()


def aside() -> Expression:
    """Set aside by a moderator, and not taken back by its reporter."""
    return Report.taken_back_at.is_null() & Report.aside_at.is_null(False)


def awaits(case: Case | type[Case]) -> Expression:
    """The reports of a case, or (the table) of each beside it, that count and wait for a decision."""
    return counts() & (_unanswered(case) | _appealed(case))


def any_of(case: Case) -> bool:
    """Whether a report that counts, or an appeal, has come since the case was last decided."""
    return Report.select().where(Report.case == case, awaits(case)).exists()


def weigh(case: Case) -> None:
    """A locked case's category, urgency, place, clock and numbers by the reports that count now. Keep it afterwards.

    As long as it waits, what it is about are the reports since its last decision, if there are any and no appeal waits.
    """
    rows = _by_category(case)
    fresh = [row for row in rows if row["fresh"]]
    about = rows if any(row["appealed"] for row in rows) else fresh or rows
    named: dict[str, int] = {}
    for row in about:
        named[row["category"]] = named.get(row["category"], 0) + row["reports"]
    case.named = {}
    for row in rows:
        case.named[row["category"]] = case.named.get(row["category"], 0) + row["reports"]
    if about:
        case.category = gravest(named)
        case.card_urgent = case.urgent or _on_its_card(case, Case.category.in_(URGENT))
        case.unproved = all(row["unproved"] for row in about) and not _on_its_card(case, ~Case.unproved)
    if State(case.state) in moderation.WAITING:
        _wind(case, reported=[row["since"] for row in fresh], appeals=rows)
    case.confirmed = sum(row["confirmed"] for row in rows)
    case.sources = _sources(case, reports=sum(row["reports"] for row in rows))


def _wind(case: Case, *, reported: list[datetime], appeals: list[dict[str, Any]]) -> None:
    """Since when reporters and appeals wait, by those that do: of each the first. A handover begins none again."""
    case.reported_since = min(reported, default=None)
    case.appealed_since = min((row["appealed"] for row in appeals if row["appealed"]), default=None)
    if case.state == State.APPEALED and not case.appealed_since and reported:
        case.state = State.OPEN
    case.waiting_since = clocks.since(case) or case.waiting_since


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
    fresh, appealed = _unanswered(case) if waits else Report.id > 0, _appealed(case)
    query = (
        Report.select(
            Report.category,
            fresh.alias("fresh"),
            fn.COUNT(Report.id).alias("reports"),
            fn.COUNT(Report.confirmed_at).coerce(False).alias("confirmed"),
            fn.MIN(Report.unproved.cast("integer")).alias("unproved"),
            fn.MIN(Report.received_at).alias("since"),
            fn.MIN(Either(None, ((appealed, Report.appealed_at),)))
            .converter(Report.appealed_at.python_value)
            .alias("appealed"),
        )
        .where(Report.case == case, counts())
        .group_by(Report.category, SQL("fresh"))
    )
    return list(query.dicts())


def _unanswered(case: Case | type[Case]) -> Expression:
    """Its reports that the last decision does not answer.

    On a withdrawn text that decision answers whatever comes, until there is an appeal against it.
    """
    other = Report.alias()
    appeals = (other.case == case.id) & other.taken_back_at.is_null() & (other.appealed_at > case.decided_at)
    withdrawn, later = case.outcome == State.WITHDRAWN, Report.received_at > case.decided_at
    after_appeal = Report.received_at > other.select(fn.MIN(other.appealed_at)).where(appeals)
    if case is Case:
        return Case.decided_at.is_null() | Either(None, ((withdrawn, after_appeal),), later)
    if case.decided_at is None:
        return Report.id > 0
    return after_appeal if withdrawn else later


def under_appeal(case: Case | type[Case], part: Any) -> ModelSelect:
    """This part of the decisions that appeals which wait are against, on a case or (the table) on each."""
    query = Report.select(part).join(Ruling, on=(Report.appeal_against == Ruling.id))
    return query.where(Report.case == case.id, counts(), Report.appealed_at > case.decided_at)


def appealed_against(case: Case) -> set[str]:
    """The outcomes of the decisions that appeals which wait are against."""
    return {outcome for (outcome,) in under_appeal(case, Ruling.outcome).tuples()}


def appealed_from(case: Case) -> set[int]:
    """Whose decisions the appeals that wait are against: there may be several."""
    return {one for (one,) in under_appeal(case, Ruling.moderator).tuples()} if case.appealed_since else set()


def corrected(cases: Iterable[int]) -> list[Case]:
    """Those of these cases whose label is corrected. `appealed`: an appeal against that waits; `stays`: to dismiss the
    case would leave it so.
    """
    against = under_appeal(Case, SQL("1")).where(Ruling.outcome == State.RELABELLED)
    query = Case.select(Case.id, Case.state, Case.label, fn.EXISTS(against).alias("appealed"))
    query = query.where(Case.id.in_(list(cases)), Case.outcome == State.RELABELLED).order_by(Case.id)
    found = [case for case in query if case.label]
    for case in found:
        state = State(case.state)
        case.stays = moderation.leaves_label(state, Decision.DISMISS, appealed=case.appealed, taken_back=False)
    return found


def _appealed(case: Case | type[Case]) -> Expression:
    """Those whose reporter has asked for a second look since the last decision."""
    asked, since = Report.appealed_at.is_null(False), Report.appealed_at > case.decided_at
    if case is Case:
        return asked & (Case.decided_at.is_null() | since)
    return asked & since if case.decided_at else asked


def _sources(case: Case, *, reports: int) -> int:
    known = Report.select(fn.COUNT(Report.source.distinct())).where(Report.case == case, counts()).scalar()
    return sources.about(reports=reports, known=known, past=case.sources_past)


def _on_its_card(case: Case, condition: Expression) -> bool:
    return Case.select().where(Case.leader == case, Case.state.in_(moderation.WAITING), condition).exists()
