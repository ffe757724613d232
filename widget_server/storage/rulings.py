"""What moderators decide about a case, and take back."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from peewee import Expression, fn

from widget_server.rules import moderation
from widget_server.rules.events import Event
from widget_server.rules.moderation import Decision, Label, State
from widget_server.storage import (
    alerts,
    appeals,
    cards,
    cases,
    changes,
    counted,
    deliveries,
    holding,
    kin,
    log,
    webhooks,
)
from widget_server.storage.tables import Case, Moderator, Report, Ruling, database


class Clash(Exception):
    """The case is no longer as the moderator saw it. `case` is as it is now, `ruling` what the other decided."""

    def __init__(self, case: Case, ruling: Ruling | None) -> None:
        super().__init__("decided by somebody else meanwhile")
        self.case = case
        self.ruling = ruling


Along = Mapping[int, int]
"""Which cases on a card: those with these numbers, as long as they have the version that somebody has seen."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator decided, and why. `escalated_to`: the colleague who is to decide; None: anybody.

    `label_back`: a label that was corrected is as it was before.
    """

    decision: Decision
    category: str
    ground: str
    message: str
    label: Label | None = None
    escalated_to: int | None = None
    batch: str | None = None
    label_back: bool = False


def decide(
    number: int,
    verdict: Verdict,
    *,
    version: int,
    moderator: int,
    at: datetime,
    along: Along = MappingProxyType({}),
    sites: list[int] | None = None,
) -> Case:
    """Decide a case as the moderator saw it (`version`), tell the reporters, and keep who did what: all or nothing.

    `along`: the near-duplicates on its card that are decided with it; the others get a card of their own. Raises Clash
    if somebody decided it meanwhile or has taken it, moderation.NotPossible if the decision does not fit its state,
    and LookupError if there is no such case on `sites`.
    """
    with database.atomic():
        case = cases.locked(Case.id == number)
        if case is None or (sites is not None and case.site_id not in sites):
            raise LookupError(number)
        if case.version != version or moderation.held(
            by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at
        ):
            raise Clash(case, holding.last(case))
        if _is_unsure(case, verdict.decision):
            raise moderation.NotPossible(
                "Only the beginning of this text has come. Find the whole first (“As it stands on the page now”): else "
                "another text may be meant."
            )
        appeals.check(case, verdict.decision, moderator=moderator, escalated_to=verdict.escalated_to)
        rule_with_card(case, verdict, along=along, moderator=moderator, at=at)
    return case


def undo(number: int, *, ruling: str, moderator: int, at: datetime, sites: list[int] | None = None) -> Ruling:
    """Take back the last decision on a case as a mistake: it stands again as before, and no more mails go out about it.
    Where the one before holds again, reporters who have heard another one last are told.

    `ruling`: the number of the decision that the moderator saw. Raises Clash if it is not the last any more,
    moderation.NotPossible once it is too old, when something has happened to the case since, or if it is about
    an appeal that is another person's to decide.
    """
    with database.atomic():
        case = cases.locked(Case.id == number)
        if case is None or (sites is not None and case.site_id not in sites):
            raise LookupError(number)
        last = holding.last(case)
        if last and str(last.id) != ruling:
            raise Clash(case, last)
        if last is None or not revocable(case, last, at=at):
            raise moderation.NotPossible(
                "This decision cannot be taken back: it is more than 24 hours old, or something has happened to the "
                "case since. Decide again instead."
            )
        if not is_open_to(case, last, moderator):
            raise moderation.NotPossible(
                "The appeal was against your own decision: another person decides it, or takes back what was decided."
            )
        revoke(case, last, moderator=moderator, at=at)
        for one in kin.followers(case) if last.batch else []:
            same = holding.last(one)
            fits = same and same.batch == last.batch and revocable(one, same, at=at)
            if same and fits and is_open_to(one, same, moderator):
                revoke(one, same, moderator=moderator, at=at)
    return last


def of_case(case: Case) -> list[Ruling]:
    """What was decided about a case, the oldest first."""
    if not case.ruled:
        return []
    query = Ruling.select(Ruling, Moderator, first_report().alias("reported")).join(Moderator)
    return list(query.where(Ruling.case == case).order_by(Ruling.id))


def first_report() -> Expression:
    """When a reader first reported the text of a ruling's case. None: not before it, so that it was the desk's idea."""
    first = Report.select(fn.MIN(Report.received_at))
    return cases.moment_of(first.where(Report.case == Ruling.case, Report.received_at <= Ruling.decided_at))


def rule_with_card(case: Case, verdict: Verdict, *, along: Along, moderator: int, at: datetime) -> None:
    """One ruling on a locked case, and on near-duplicates on its card; the others get a card of their own."""
    followers, from_card = kin.followers(case), case.leader_id
    if along:
        verdict = replace(verdict, batch=verdict.batch or uuid.uuid4().hex)
        for one in followers:
            if along.get(one.id) == one.version and _goes_along(one, case, verdict, moderator=moderator, at=at):
                rule(one, verdict, moderator=moderator, at=at)
    elif verdict.decision is not Decision.ESCALATE:
        case.leader = None
    ruling = rule(case, verdict, moderator=moderator, at=at)
    if verdict.escalated_to is not None:
        alerts.owe_handover(ruling, to=verdict.escalated_to, at=at)
    cards.regroup(case, followers)
    if case.leader_id is None or State(case.state) not in moderation.WAITING:
        cards.ease(from_card)


def _goes_along(one: Case, case: Case, verdict: Verdict, *, moderator: int, at: datetime) -> bool:
    """Whether a near-duplicate is decided with a case: of those on a card that waits, those that do."""
    if State(case.state) in moderation.WAITING and State(one.state) not in moderation.WAITING:
        return False
    if moderation.held(by=one.claimed_by_id, until=one.claimed_until, moderator=moderator, at=at):
        return False
    return fits(one, verdict.decision) and appeals.is_open_to(one, moderator)


def fits(case: Case, decision: Decision) -> bool:
    """Whether a case can be decided so, as it stands and by what has come of its text."""
    return moderation.fits(State(case.state), decision) and not _is_unsure(case, decision)


def _is_unsure(case: Case, decision: Decision) -> bool:
    """Whether a decision would change pages, and which text is meant is its reporter's word."""
    return moderation.needs_whole(decision) and cases.is_beginning(case)


def rule(case: Case, verdict: Verdict, *, moderator: int, at: datetime) -> Ruling:
    """One ruling on a locked case."""
    at = moderation.after(case.decided_at, case.latest_at, at=at)
    before = State(case.state)
    after = moderation.decide(before, verdict.decision)
    alone = {"appeal": "nobody else to decide"} if moderator in counted.appealed_from(case) else {}
    outcome = None if after in moderation.WAITING else str(after)
    replaced, label = _after(case, verdict)
    ruling = Ruling.create(
        case=case,
        decision=verdict.decision,
        before=before,
        outcome=outcome,
        category=verdict.category,
        ground=verdict.ground,
        label=label,
        message=verdict.message,
        moderator=moderator,
        decided_at=at,
        batch=verdict.batch,
        reported_since=case.reported_since,
        appealed_since=case.appealed_since,
        viewed_at=case.viewed_at,
        due_at=case.due_at,
        waiting_since=case.waiting_since,
        escalated_to=case.escalated_to_id,
        replaced=replaced,
        site=case.site_id,
        model=case.model,
    )
    case.state, case.version = moderation.holds(after, label=label), case.version + 1
    case.claimed_by = case.claimed_until = None
    if outcome:
        case.outcome, case.label, case.decided_at = case.state, label, at
    else:
        case.escalated_to = verdict.escalated_to
    cases.keep(case)
    changes.changed(case.site_id)
    log.write(
        verdict.decision,
        f"case {case.id}",
        moderator=moderator,
        at=at,
        site=case.site_id,
        before=before,
        after=case.state,
        category=verdict.category,
        **(alone if outcome else {}),
    )
    if outcome:
        _, reports = holding.answered(ruling)[-1]
        deliveries.owe_decision(ruling, reports, at=at)
        if ruling.replaced or ruling.appealed_since:
            deliveries.end(reports, but=ruling)
    _tell(case, Event.CASE_DECIDED if outcome else Event.CASE_ESCALATED, ruling, at=at)
    return ruling


def _after(case: Case, verdict: Verdict) -> tuple[str | None, dict[str, str] | None]:
    """Which outcome a decision replaces, and how the label is corrected after it."""
    appeals = counted.appealed_against(case) if case.outcome == State.RELABELLED else set()
    replaced = case.outcome if not appeals or case.outcome in appeals else appeals.pop()
    if verdict.label:
        return replaced, verdict.label.upon(case.label or {})
    back = {"appealed": State.RELABELLED in appeals, "taken_back": verdict.label_back}
    stays = moderation.leaves_label(State(case.state), verdict.decision, **back)
    return replaced, case.label if stays else None


def revocable(case: Case, ruling: Ruling, *, at: datetime) -> bool:
    """Whether a case's last decision can be taken back: it is fresh, and the case stands as it left it."""
    left = moderation.holds(ruling.outcome or State.ESCALATED, label=ruling.label)
    return case.state == left and moderation.undoable(ruling.decided_at, at=at)


def is_open_to(case: Case, ruling: Ruling, moderator: int) -> bool:
    """Whether a case's last decision is this moderator's to take back: what they decided themselves, or what leaves
    them a case that they may decide.
    """
    return ruling.moderator_id == moderator or appeals.is_open_again_to(case, moderator, ruling)


def revoke(case: Case, ruling: Ruling, *, moderator: int, at: datetime) -> None:
    """Take back a locked case's last decision. Where nobody waits for another one any more, it leaves the desk."""
    ruling.undone_at, ruling.undone_by = at, moderator
    ruling.save(only=ruling.dirty_fields)
    alerts.cancel(ruling)
    final = holding.last(case, final=True)
    case.state, case.version = ruling.before, case.version + 1
    case.label = final.label if final else None
    case.outcome = moderation.holds(final.outcome, label=final.label) if final else None
    case.decided_at = final.decided_at if final else None
    if ruling.waiting_since:
        case.waiting_since, case.escalated_to = ruling.waiting_since, ruling.escalated_to_id
    if case.state in moderation.WAITING:
        counted.weigh(case)
        if not counted.any_of(case):
            case.state = moderation.after_last_report(case.outcome)
    elif counted.any_of(case):
        _reopen(case)
    cards.put_back(case)
    deliveries.owe_what_holds(case, at=at)
    deliveries.cancel(ruling)  # after that: what is just being sent counts as heard
    changes.changed(case.site_id)
    left = {"decision": ruling.decision, "after": ruling.before}
    log.write("undo", f"case {case.id}", moderator=moderator, at=at, site=case.site_id, **left)
    _tell(case, Event.CASE_REOPENED, ruling, at=at)


def _reopen(case: Case) -> None:
    """Reports have come that only the decision which is taken back had answered."""
    case.state = moderation.after_report(State(case.state))
    if State(case.state) in moderation.WAITING:
        case.viewed_at = None
        counted.weigh(case)


def _tell(case: Case, event: Event, ruling: Ruling, *, at: datetime) -> None:
    parts = {name: getattr(ruling, name) for name in ("decision", "category", "ground", "message")}
    webhooks.tell(case, event, at=at, ruling=ruling.id, **{name: str(part) for name, part in parts.items()})
