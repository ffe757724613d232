"""All reports on one text of one site, and the way of a case over the desk."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import Expression, ModelSelect, fn

from widget_server.rules import moderation
from widget_server.rules.moderation import Decision, Label, State
from widget_server.storage import deliveries, log
from widget_server.storage.tables import Case, Moderator, Report, Ruling, Site, database

PAGE = 50


class Clash(Exception):
    """The case is no longer as the moderator saw it. `case` is as it is now, `ruling` what the other decided."""

    def __init__(self, case: Case, ruling: Ruling | None) -> None:
        super().__init__("decided by somebody else meanwhile")
        self.case = case
        self.ruling = ruling


def locked(condition: Expression) -> Case | None:
    """The case, kept from changing until the transaction ends."""
    query = Case.select().where(condition)
    return (query.for_update() if database.for_update else query).first()


def find(number: int) -> Case | None:
    return Case.select(Case, Site).join(Site).where(Case.id == number).first()


def page(states: Iterable[State], *, site: str | None, search: str, after: Case | None) -> list[Case]:
    """Up to PAGE + 1 cases in the order of the queue: urgent first, then those that wait longest.

    `after` is the last case of the page before; one case more than PAGE tells that there is a next page.
    """
    query = Case.select(Case, Site).join(Site).where(Case.state.in_([str(state) for state in states]))
    if site:
        query = query.where(Site.key == site)
    if search:
        query = query.where(Case.text.contains(search))
    if after:
        later = (Case.waiting_since > after.waiting_since) | (
            (Case.waiting_since == after.waiting_since) & (Case.id > after.id)
        )
        same_urgency = (Case.urgent == after.urgent) & later
        query = query.where(same_urgency | ((Case.urgent == False) if after.urgent else False))  # noqa: E712
    return list(query.order_by(Case.urgent.desc(), Case.waiting_since, Case.id).limit(PAGE + 1))


def count(states: Iterable[State]) -> int:
    return Case.select().where(Case.state.in_([str(state) for state in states])).count()


def categories(cases: Iterable[Case]) -> dict[int, dict[str, int]]:
    """For each case, how many reports name each category, the most frequent first."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        Report.select(Report.case, Report.category, fn.COUNT(Report.id).alias("reports"))
        .where(Report.case.in_([case.id for case in cases]), Report.taken_back_at.is_null())
        .group_by(Report.case, Report.category)
        .order_by(fn.COUNT(Report.id).desc(), Report.category)
    )
    for row in rows:
        found[row.case_id][row.category] = row.reports
    return found


def rulings(case: Case) -> list[Ruling]:
    """What was decided about a case, the oldest first."""
    return list(Ruling.select(Ruling, Moderator).join(Moderator).where(Ruling.case == case).order_by(Ruling.id))


def open_for_review(case: Case, *, moderator: int, at: datetime) -> None:
    """A moderator looks at the case: reporters are told that it is in review."""
    if case.viewed_at is None:
        with database.atomic():
            Case.update(viewed_at=at).where(Case.id == case.id).execute()
            log.write("view case", f"case {case.id}", moderator=moderator, at=at)


def decide(
    number: int,
    decision: Decision,
    *,
    version: int,
    category: str,
    ground: str,
    label: Label | None,
    message: str,
    moderator: int,
    at: datetime,
) -> Case:
    """Decide a case as the moderator saw it (`version`), tell the reporters, and keep who did what: all or nothing.

    Raises Clash if somebody decided it meanwhile and moderation.NotPossible if the decision does not fit its state.

    """
    with database.atomic():
        case = locked(Case.id == number)
        if case is None:
            raise LookupError(number)
        if case.version != version:
            raise Clash(case, Ruling.select().where(Ruling.case == case).order_by(Ruling.id.desc()).first())
        before = State(case.state)
        after = moderation.decide(before, decision)
        outcome = None if after in moderation.WAITING else str(after)
        ruling = Ruling.create(
            case=case,
            decision=decision,
            before=before,
            outcome=outcome,
            category=category,
            ground=ground,
            label=label.as_json() if label else None,
            message=message,
            moderator=moderator,
            decided_at=at,
        )
        case.state = after
        case.version += 1
        if outcome:
            case.outcome = outcome
            case.label = label.as_json() if label else None
        else:
            case.waiting_since = at
        case.save()
        log.write(decision, f"case {number}", moderator=moderator, at=at, before=before, after=after, category=category)
        if outcome:
            deliveries.owe_decision(case, ruling, at=at)
    return case


@dataclass(frozen=True, slots=True)
class Decided:
    """The last final decision on a text: what followed, on which day (UTC), and the corrected label, if it was one."""

    outcome: State
    on: date
    label: dict[str, Any]


def decided(site: int, hashes: Iterable[str]) -> dict[str, Decided]:
    """What holds for those of these texts of a site that moderators have decided about."""
    rows = (
        Ruling.select(Ruling.outcome, Ruling.label, Ruling.decided_at, Case.text_sha256)
        .join(Case)
        .where(Case.site == site, Case.text_sha256.in_(list(hashes)), Ruling.outcome.is_null(False))
        .order_by(Ruling.id)
    )
    return {row.case.text_sha256: Decided(State(row.outcome), row.decided_at.date(), row.label or {}) for row in rows}


def earlier(case: Case) -> ModelSelect:
    """Decided cases with the same text on other sites."""
    return (
        Case.select(Case, Site)
        .join(Site)
        .where(Case.text_sha256 == case.text_sha256, Case.id != case.id, Case.outcome.is_null(False))
    )
