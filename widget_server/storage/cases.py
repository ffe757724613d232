"""All reports on one text of one site, and what moderators decide about it."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from peewee import Expression, fn

from widget_server.rules import moderation
from widget_server.rules.moderation import Decision, Label, State
from widget_server.storage import deliveries, kin, log
from widget_server.storage.tables import Case, Moderator, Note, Report, Ruling, Site, database


class Clash(Exception):
    """The case is no longer as the moderator saw it. `case` is as it is now, `ruling` what the other decided."""

    def __init__(self, case: Case, ruling: Ruling | None) -> None:
        super().__init__("decided by somebody else meanwhile")
        self.case = case
        self.ruling = ruling


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator decided, and why. `escalated_to`: the colleague who is to decide; None: anybody."""

    decision: Decision
    category: str
    ground: str
    message: str
    label: Label | None = None
    escalated_to: int | None = None
    batch: str | None = None


def locked(condition: Expression) -> Case | None:
    """The case, kept from changing until the transaction ends."""
    query = Case.select().where(condition)
    return (query.for_update() if database.for_update else query).first()


def find(number: int, *, sites: list[int] | None = None) -> Case | None:
    """The case with this number, on one of `sites` (None: any)."""
    query = Case.select(Case, Site, Moderator).join(Site).switch(Case)
    query = query.left_outer_join(Moderator, on=(Case.claimed_by == Moderator.id)).where(Case.id == number)
    return (query if sites is None else query.where(Case.site.in_(sites))).first()


def keep(case: Case) -> None:
    """Store what changed in a case, and with it where it stands in the lists of the desk."""
    case.queue = moderation.queue_of(State(case.state), follows=case.leader_id is not None)
    since = case.waiting_since if State(case.state) in moderation.WAITING else case.decided_at or case.waiting_since
    case.place = moderation.place(case.queue, urgent=case.urgent, since=since)
    case.save(only=case.dirty_fields)


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
    verdict: Verdict,
    *,
    version: int,
    moderator: int,
    at: datetime,
    along: bool = False,
    sites: list[int] | None = None,
) -> Case:
    """Decide a case as the moderator saw it (`version`), tell the reporters, and keep who did what: all or nothing.

    `along`: the near-duplicates on its card are decided with it; else they get a card of their own. Raises Clash if
    somebody decided it meanwhile or has taken it, moderation.NotPossible if the decision does not fit its state, and
    LookupError if there is no such case on `sites`.
    """
    with database.atomic():
        case = locked(Case.id == number)
        if case is None or (sites is not None and case.site_id not in sites):
            raise LookupError(number)
        if case.version != version or moderation.held(
            by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at
        ):
            raise Clash(case, last_ruling(case))
        rule_with_card(case, verdict, along=along, moderator=moderator, at=at)
    return case


def undo(number: int, *, moderator: int, at: datetime, sites: list[int] | None = None) -> Ruling:
    """Take back the last decision on a case as a mistake: it stands again as before, and no more mails go out about it.

    Raises moderation.NotPossible once it is too old, or when something has happened to the case since.
    """
    with database.atomic():
        case = locked(Case.id == number)
        if case is None or (sites is not None and case.site_id not in sites):
            raise LookupError(number)
        ruling = last_ruling(case)
        if ruling is None or not revocable(case, ruling, at=at):
            raise moderation.NotPossible(
                "This decision cannot be taken back: it is more than 24 hours old, or something has happened to the "
                "case since. Decide again instead."
            )
        revoke(case, ruling, moderator=moderator, at=at)
        for one in kin.followers(case) if ruling.batch else []:
            same = last_ruling(one)
            if same and same.batch == ruling.batch and revocable(one, same, at=at):
                revoke(one, same, moderator=moderator, at=at)
    return ruling


def split(number: int, *, moderator: int, at: datetime) -> None:
    """The case gets a card of its own."""
    with database.atomic():
        case = locked(Case.id == number)
        if case is None or case.leader_id is None:
            raise moderation.NotPossible("The case has a card of its own already.")
        from_card, case.leader = case.leader_id, None
        keep(case)
        log.write("split case", f"case {number}", moderator=moderator, at=at, from_case=from_card)


def merge(number: int, into: int, *, moderator: int, at: datetime) -> None:
    """The case, and what stands on its card, goes to the card of another case of the same site."""
    with database.atomic():
        case, leader = locked(Case.id == number), locked(Case.id == into)
        if case is None or leader is None or case.site_id != leader.site_id or case.id == leader.id:
            raise moderation.NotPossible("There is no such case on this site to merge with.")
        if leader.leader_id is not None:
            leader = locked(Case.id == leader.leader_id)
        if leader is None or leader.id == case.id or leader.queue != moderation.Queue.WAITING:
            raise moderation.NotPossible("A case is merged with another one that waits.")
        for one in (case, *kin.followers(case)):
            lead(one, leader)
        log.write("merge case", f"case {number}", moderator=moderator, at=at, into_case=leader.id)


def regroup(case: Case) -> None:
    """If the case waits no more, those on its card that still wait get another: the first of them leads the others."""
    if State(case.state) in moderation.WAITING:
        return
    waiting = [one for one in kin.followers(case) if State(one.state) in moderation.WAITING]
    for one in waiting[:1]:
        one.leader = None
        keep(one)
    for one in waiting[1:]:
        lead(one, waiting[0])


def lead(case: Case, leader: Case) -> None:
    """Put a case on the card of another one, which is as urgent as the most urgent on it."""
    case.leader = leader
    keep(case)
    if case.urgent and not leader.urgent:
        leader.urgent = True
        keep(leader)


def write_note(number: int, text: str, *, moderator: int, at: datetime) -> None:
    """Tell the other moderators something about a case."""
    with database.atomic():
        Note.create(case=number, moderator=moderator, text=text, written_at=at)
        log.write("write note", f"case {number}", moderator=moderator, at=at)


def notes(case: Case) -> list[Note]:
    return list(Note.select(Note, Moderator).join(Moderator).where(Note.case == case).order_by(Note.id))


def saw(texts: Iterable[tuple[int, str]]) -> None:
    """Count views (site, digest of the text) of those texts that somebody has reported."""
    views = Counter(texts)
    digests = {digest for _, digest in views}
    reported = Case.select(Case.id, Case.site, Case.text_sha256).where(Case.text_sha256.in_(digests)).tuples()
    for number, site, digest in sorted(reported) if digests else []:
        if seen := views[site, digest]:
            Case.update(seen=Case.seen + seen).where(Case.id == number).execute()


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
        .where(
            Case.site == site,
            Case.text_sha256.in_(list(hashes)),
            Ruling.outcome.is_null(False),
            Ruling.undone_at.is_null(),
        )
        .order_by(Ruling.id)
    )
    return {row.case.text_sha256: Decided(State(row.outcome), row.decided_at.date(), row.label or {}) for row in rows}


def rule_with_card(case: Case, verdict: Verdict, *, along: bool, moderator: int, at: datetime) -> None:
    """One ruling on a locked case, and on the near-duplicates on its card, which else get a card of their own."""
    if along:
        verdict = replace(verdict, batch=verdict.batch or uuid.uuid4().hex)
        for one in kin.followers(case):
            if moderation.fits(State(one.state), verdict.decision):
                rule(one, verdict, moderator=moderator, at=at)
    elif verdict.decision is not Decision.ESCALATE:
        case.leader = None
    rule(case, verdict, moderator=moderator, at=at)
    regroup(case)


def revocable(case: Case, ruling: Ruling, *, at: datetime) -> bool:
    """Whether a case's last decision can be taken back: it is fresh, and the case stands as it left it."""
    return case.state == (ruling.outcome or State.ESCALATED) and moderation.undoable(ruling.decided_at, at=at)


def rule(case: Case, verdict: Verdict, *, moderator: int, at: datetime) -> None:
    """One ruling on a locked case."""
    before = State(case.state)
    after = moderation.decide(before, verdict.decision)
    outcome = None if after in moderation.WAITING else str(after)
    label = verdict.label.as_json() if verdict.label else None
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
    )
    case.state, case.version = after, case.version + 1
    case.claimed_by = case.claimed_until = None
    if outcome:
        case.outcome, case.label, case.decided_at, case.escalated_to = outcome, label, at, None
    else:
        case.waiting_since, case.escalated_to = at, verdict.escalated_to
    keep(case)
    log.write(
        verdict.decision,
        f"case {case.id}",
        moderator=moderator,
        at=at,
        before=before,
        after=after,
        category=verdict.category,
    )
    if outcome:
        deliveries.owe_decision(case, ruling, at=at)


def last_ruling(case: Case, *, final: bool = False) -> Ruling | None:
    """The newest decision that was not undone."""
    query = Ruling.select().where(Ruling.case == case, Ruling.undone_at.is_null())
    return (query.where(Ruling.outcome.is_null(False)) if final else query).order_by(Ruling.id.desc()).first()


def revoke(case: Case, ruling: Ruling, *, moderator: int, at: datetime) -> None:
    """Take back a locked case's last decision."""
    ruling.undone_at, ruling.undone_by = at, moderator
    ruling.save(only=ruling.dirty_fields)
    deliveries.cancel(ruling)
    final = last_ruling(case, final=True)
    case.state, case.version = ruling.before, case.version + 1
    case.outcome, case.label = (final.outcome, final.label) if final else (None, None)
    case.decided_at = final.decided_at if final else None
    keep(case)
    log.write("undo", f"case {case.id}", moderator=moderator, at=at, decision=ruling.decision, after=ruling.before)
