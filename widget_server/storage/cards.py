"""Which cases stand on one card at the desk: near-duplicates by themselves, others by a moderator's hand."""

from datetime import datetime

from widget_server.rules import moderation
from widget_server.rules.moderation import State
from widget_server.storage import cases, counted, kin, log
from widget_server.storage.tables import Case, database


def split(number: int, *, moderator: int, at: datetime) -> None:
    """The case gets a card of its own."""
    with database.atomic():
        case = cases.locked(Case.id == number)
        if case is None or case.leader_id is None:
            raise moderation.NotPossible("The case has a card of its own already.")
        from_card, case.leader = case.leader_id, None
        cases.keep(case)
        ease(from_card)
        site = case.site_id
        log.write("split case", f"case {number}", moderator=moderator, at=at, site=site, from_case=from_card)


def merge(number: int, into: int, *, moderator: int, at: datetime) -> None:
    """The case, and what stands on its card, goes to the card of another case of the same site."""
    with database.atomic():
        case, leader = cases.locked(Case.id == number), cases.locked(Case.id == into)
        if case is None or leader is None or case.site_id != leader.site_id or case.id == leader.id:
            raise moderation.NotPossible("There is no such case on this site to merge with.")
        if leader.leader_id is not None:
            leader = cases.locked(Case.id == leader.leader_id)
        if leader is None or leader.id == case.id or leader.queue != moderation.Queue.WAITING:
            raise moderation.NotPossible("A case is merged with another one that waits.")
        from_card, followers = case.leader_id, kin.followers(case)
        for one in followers:
            lead(one, leader)
        if followers:
            counted.weigh(case)
        lead(case, leader)
        if from_card != leader.id:
            ease(from_card)
        site = case.site_id
        log.write("merge case", f"case {number}", moderator=moderator, at=at, site=site, into_case=leader.id)


def regroup(case: Case, followers: list[Case] | None = None) -> None:
    """If the case waits no more, those on its card that still wait get another: the first of them leads the others.

    `followers`: what kin.followers has given in the same transaction.
    """
    if State(case.state) in moderation.WAITING:
        return
    waiting = [
        one
        for one in (kin.followers(case) if followers is None else followers)
        if State(one.state) in moderation.WAITING
    ]
    for one in waiting[:1]:
        one.leader = None
        cases.keep(one)
    for one in waiting[1:]:
        lead(one, waiting[0])


def fitting(case: Case) -> Case | None:
    """The near-duplicate on whose card a case comes to wait by itself, locked: nobody decides it meanwhile."""
    while (found := kin.leader_for(case)) and database.for_update:
        leader = cases.locked(Case.id == found.id)
        if leader and leader.queue == moderation.Queue.WAITING:
            return leader
    return found


def lead(case: Case, leader: Case) -> None:
    """Put a case on the card of another one."""
    case.leader = leader
    cases.keep(case)
    if State(case.state) in moderation.WAITING:
        hurry(leader, case)
    elif not leader.leads:
        leader.leads = True
        cases.keep(leader)


def put_back(case: Case) -> None:
    """Keep a locked case of which something is new, or which waits again: on its card, if that waits, else on its own.

    So it is in a list of the desk, and its card is as urgent as it is.
    """
    leader = None
    if case.leader_id and State(case.state) in moderation.WAITING:
        leader = cases.locked(Case.id == case.leader_id)
        if leader is None or leader.queue != moderation.Queue.WAITING:
            case.leader = leader = None
    before = case.due_at
    cases.keep(case)
    if leader and before and case.due_at and case.due_at > before == leader.card_due_at:
        ease(leader.id)
    elif leader:
        hurry(leader, case)


def hurry(leader: Case, case: Case) -> None:
    """A card is as urgent as the most urgent case on it, as proved, and due with the first; now this one is on it."""
    sooner = case.due_at and leader.card_due_at and case.due_at < leader.card_due_at
    if sooner or case.urgent > leader.card_urgent or case.unproved < leader.unproved or not leader.leads:
        leader.leads = True
        leader.card_urgent, leader.unproved = leader.card_urgent or case.urgent, leader.unproved and case.unproved
        leader.card_due_at = case.due_at if sooner else leader.card_due_at
        cases.keep(leader)


def ease(leader: int | None) -> None:
    """A card that a case has left, or on which one waits no more or less, is as urgent and due as what waits on it."""
    found = cases.locked(Case.id == leader) if leader else None
    if found and found.queue == moderation.Queue.WAITING:
        counted.weigh(found)
        cases.keep(found)
