"""Whose turn it is: a case that a moderator has taken is nobody else's for as long as the lease runs."""

from datetime import datetime

from peewee import SQL, Expression, ModelSelect, Tuple, Value, fn

from widget_server.rules.moderation import LEASE, MOST_HELD, Decision, NotPossible, Queue, State, held, may_take
from widget_server.storage import appeals, cases, kin, log
from widget_server.storage.tables import Case, Moderator, Ruling, database


class Held(Exception):
    """Another moderator has the case. `case` tells who and until when."""

    def __init__(self, case: Case) -> None:
        super().__init__("held by somebody else")
        self.case = case


def next_for(
    moderator: int,
    *,
    without: tuple[str, ...],
    sites: list[int] | None,
    at: datetime,
    after: tuple[int, int] | None = None,
    resume: bool = False,
) -> Case | None:
    """Take the most urgent, oldest case that waits and is nobody's. None if there is no such case.

    What this moderator has handed to whoever else decides comes when there is nothing else. `without`: categories of
    which they take only what was handed to them. `after`: only cases behind this place in the queue. `resume`: a case
    that they hold already goes first, as it does once they hold very many.
    """
    if resume and (case := _first_held_by(moderator, at)):
        return claim(case.id, moderator=moderator, at=at)
    query = Case.select(Case.id).where(
        Case.queue == Queue.WAITING,
        Case.claimed_by.is_null() | (Case.claimed_until <= at),
        Case.escalated_to.is_null() | (Case.escalated_to == moderator),
        appeals.open_to(moderator),
        _held_by(moderator, at).select(fn.COUNT(SQL("1"))) < MOST_HELD,
    )
    if without:
        query = query.where((Case.escalated_to == moderator) | Case.category.not_in(without))
    if sites is not None:
        query = query.where(Case.site.in_(sites))
    if after is not None:
        query = query.where(Tuple(Case.place, Case.id) > Tuple(*(Value(part) for part in after)))
    for these in (query.where(~_handed_on(moderator)), query):
        first = these.order_by(Case.place, Case.id).limit(1)
        if database.for_update:
            first = first.for_update("FOR UPDATE SKIP LOCKED")  # what another is just taking is not waited for
        taken = Case.update(claimed_by=moderator, claimed_until=at + LEASE).where(Case.id.in_(first))
        with database.atomic():
            if case := next(iter(taken.returning(Case).execute()), None):
                return case
    first_held = None if may_take(_held_by(moderator, at).count()) else _first_held_by(moderator, at)
    return first_held and claim(first_held.id, moderator=moderator, at=at)


def claim(number: int, *, moderator: int, sites: list[int] | None = None, at: datetime) -> Case:
    """Take a case, or hold it for longer. Raises Held if it is another moderator's, LookupError if there is none, and
    moderation.NotPossible if they hold very many.
    """
    with database.atomic():
        case = cases.locked(Case.id == number)
        if case is None or (sites is not None and case.site_id not in sites):
            raise LookupError(number)
        if held(by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at):
            raise Held(case)
        if not may_take(_held_by(moderator, at, but=number).count()):
            raise NotPossible(f"You hold {MOST_HELD} cases: decide one, or put one back, before you take another.")
        _lease(case, moderator, at)
    return case


def take_over(number: int, *, moderator: int, at: datetime) -> None:
    """Take a case from whoever holds it: the log keeps whose it was."""
    with database.atomic():
        case = cases.locked(Case.id == number)
        if case is None:
            raise LookupError(number)
        if held(by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at):
            whose = case.claimed_by.email
            log.write("take over", f"case {number}", moderator=moderator, at=at, site=case.site_id, held_by=whose)
        _lease(case, moderator, at)


def release(number: int, *, moderator: int) -> None:
    """Give a case back to all, if it is this moderator's."""
    Case.update(claimed_by=None, claimed_until=None).where(Case.id == number, Case.claimed_by == moderator).execute()


def leave_to_others(number: int, *, moderator: int, at: datetime) -> None:
    """Give a case back to all, and what stands on its card, also if it was handed to this moderator."""
    with database.atomic():
        case = cases.locked(Case.id == number)
        if case is None:
            return
        release(number, moderator=moderator)
        of_card = [number, *(one.id for one in kin.followers(case))]
        Case.update(escalated_to=None).where(Case.id.in_(of_card), Case.escalated_to == moderator).execute()
        log.write("leave to others", f"case {number}", moderator=moderator, at=at, site=case.site_id)


def leave(person: Moderator, *, but: list[int] | None) -> None:
    """Cases that this person has, or is to decide, go back to all, `but` those of these sites (None: of any).

    So do those that a decision which is taken back would leave to them again.
    """
    if but is None:
        return
    others = Case.site.not_in(but)
    Case.update(claimed_by=None, claimed_until=None).where(Case.claimed_by == person, others).execute()
    Case.update(escalated_to=None).where(Case.escalated_to == person, others).execute()
    Ruling.update(escalated_to=None).where(Ruling.escalated_to == person, Ruling.site.not_in(but)).execute()


def _handed_on(moderator: int) -> Expression:
    """What waits for another look because this moderator has escalated it, to nobody by name."""
    theirs = (Ruling.case == Case.id) & (Ruling.moderator == moderator) & (Ruling.decision == Decision.ESCALATE)
    holds = Ruling.undone_at.is_null() & (Ruling.decided_at > fn.COALESCE(Case.decided_at, 0))
    escalated = (Case.state == State.ESCALATED) & Case.escalated_to.is_null()
    return escalated & fn.EXISTS(Ruling.select(SQL("1")).where(theirs, holds))


def _held_by(moderator: int, at: datetime, *, but: int | None = None) -> ModelSelect:
    one = Case.alias()
    return one.select(one.id).where(one.claimed_by == moderator, one.claimed_until > at, one.id != (but or 0))


def _first_held_by(moderator: int, at: datetime) -> Case | None:
    mine = Case.claimed_by == moderator, Case.claimed_until > at, Case.queue == Queue.WAITING
    return Case.select().where(*mine).first()


def _lease(case: Case, moderator: int, at: datetime) -> None:
    case.claimed_by, case.claimed_until = moderator, at + LEASE
    case.save(only=case.dirty_fields)
