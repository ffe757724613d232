"""What moderators are told by mail: cases whose time has run out, and cases that are handed to them.

Kept in the transaction that causes them, composed and sent afterwards.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from peewee import ModelSelect, fn

from widget_server.rules import clocks
from widget_server.rules.access import DECIDE
from widget_server.rules.events import Event
from widget_server.rules.moderation import State
from widget_server.storage import certain, log, outbox, people, roles, webhooks
from widget_server.storage.clocks import ON_DESK
from widget_server.storage.outbox import Mail
from widget_server.storage.tables import Alert, Case, Moderator, Ruling, Site, database

MOST = 200
"""Late cases that one round finds."""
NAMED = 20
"""Cards that one mail names."""
PAUSE = timedelta(minutes=15)
"""A moderator is not told more often that cases are late, unless one is urgent."""


def recipients() -> list[tuple[Moderator, list[int] | None]]:
    """Who is told of late cases, each with the sites whose cases they may see (None: all)."""
    every = people.every()
    standings = roles.of(every)
    return [(person, standings[person.id].sites(DECIDE)) for person in every if standings[person.id].may(DECIDE)]


def find_late(*, at: datetime) -> int:
    """Find cases whose time has run out, and tell each once. Returns how many.

    What a clock that was ahead has told is told again when it is true.
    """
    told = Case.alerted_at.is_null(False) & (Case.alerted_at >= Case.due_at) & (Case.alerted_at <= at + certain.SURE)
    late = (
        Case.select(Case.id).where(Case.queue.in_(ON_DESK), Case.due_at < at, ~told).order_by(Case.due_at).limit(MOST)
    )
    if database.for_update:
        late = late.for_update("FOR UPDATE SKIP LOCKED")  # what somebody is just deciding
    with database.atomic():
        found = list(Case.update(alerted_at=at).where(Case.id.in_(late)).returning(Case).execute())
        for case in found:
            breached(case, at=at)
        for person, sites in recipients() if found else []:
            seen = [case for case in found if sites is None or case.site_id in sites]
            if seen:
                _owe_digest(person, urgent=any(case.urgent for case in seen), at=at)
    return len(found)


def breached(case: Case, *, at: datetime) -> None:
    """A case is late: what others are told of it."""
    due = case.due_at.isoformat()
    told = {"category": case.category, "urgent": case.urgent, "state": case.state, "due_at": due}
    log.write("become late", f"case {case.id}", moderator=None, at=at, site=case.site_id, **told)
    webhooks.tell(case, Event.CASE_LATE, at=at, due_at=due)


def owe_handover(ruling: Ruling, *, to: int, at: datetime) -> None:
    """Tell a moderator that a case was escalated to them."""
    Alert.insert(moderator=to, ruling=ruling, created_at=at, due_at=at).execute()


def cancel(ruling: Ruling) -> None:
    """The decision is taken back: what was not sent about it is not sent any more."""
    Alert.delete().where(Alert.ruling == ruling, Alert.delivered_at.is_null()).execute()


def send(
    deliver: Callable[[Mail], str | None], desk: str, *, at: datetime, enough: Callable[[], bool] = lambda: False
) -> int:
    """Try the mails to moderators that are due (see outbox.send). `desk`: the server's address."""

    def attempt(number: int) -> str | None:
        alert = Alert.select(Alert, Moderator).join(Moderator).where(Alert.id == number).first()
        if alert is None:
            return None  # taken back this very moment
        mail = _handover(alert, desk) if alert.ruling_id else _digest(alert, desk, at=max(at, alert.created_at))
        return deliver(mail) if mail else None

    return outbox.send(Alert, attempt, at=at, enough=enough)


def _owe_digest(person: Moderator, *, urgent: bool, at: datetime) -> None:
    """One mail tells all that is late when it is sent: while one is owed, no other is.

    One that is being sent may be composed already, and is not owed any more. The others tell what is late now, whatever
    the clock of who sends them says.
    """
    digests = (Alert.moderator == person) & Alert.ruling.is_null()
    last = Alert.select(fn.MAX(Alert.delivered_at)).where(digests).scalar()
    due = at if urgent or last is None else max(at, min(last, at) + PAUSE)
    on_its_way = (Alert.attempts > 0) & (Alert.failure == "")
    owed = digests & Alert.delivered_at.is_null() & Alert.due_at.is_null(False) & ~on_its_way
    if not Alert.update(created_at=at).where(owed).execute():
        Alert.insert(moderator=person, created_at=at, due_at=due).execute()
    elif urgent:
        Alert.update(due_at=due).where(owed, Alert.due_at > due, Alert.attempts == 0).execute()


def _handover(alert: Alert, desk: str) -> Mail | None:
    """None if the case is not theirs to decide any more."""
    ruling = Ruling.select(Ruling, Moderator).join(Moderator).where(Ruling.id == alert.ruling_id).get()
    case = Case.select(Case, Site).join(Site).where(Case.id == ruling.case_id).get()
    if State(case.state) is not State.ESCALATED or case.escalated_to_id != alert.moderator_id:
        return None
    body = (
        f"{ruling.moderator.email} asks you to decide {_named(case)}.\n"
        f"It is due by {case.card_due_at:%Y-%m-%d %H:%M} UTC:\n{desk}/admin/reports/{case.id}\n"
    )
    return alert.moderator.email, f"Case {case.id} was handed to you", body


def _digest(alert: Alert, desk: str, *, at: datetime) -> Mail | None:
    """None if nothing is late any more that this moderator may see."""
    sites = next((sites for person, sites in recipients() if person.id == alert.moderator_id), [])
    late = _late_cards(sites, at=at)
    number = late.count()
    if not number:
        return None
    due = dict(late.limit(NAMED).tuples())
    cases = {case.id: case for case in Case.select(Case, Site).join(Site).where(Case.id.in_(list(due)))}
    lines = [
        f"{_named(cases[card])}: late by {clocks.words(at - since)}\n{desk}/admin/reports/{card}\n"
        for card, since in due.items()
    ]
    more = [f"And {number - NAMED:,} more.\n"] if number > NAMED else []
    body = "\n".join(
        ["The time to decide them has run out:\n", *lines, *more, f"All of them:\n{desk}/admin/reports?late=1\n"]
    )
    return alert.moderator.email, "1 case is late" if number == 1 else f"{number:,} cases are late", body


def _late_cards(sites: list[int] | None, *, at: datetime) -> ModelSelect:
    """The cards with a late case on them, as in the queue: their leader, and when the first was due."""
    card = fn.COALESCE(Case.leader, Case.id)
    late = Case.select(card.alias("card"), fn.MIN(Case.due_at)).where(Case.queue.in_(ON_DESK), Case.due_at < at)
    late = late if sites is None else late.where(Case.site.in_(sites))
    return late.group_by(card).order_by(fn.MIN(Case.place))


def _named(case: Case) -> str:
    """Nothing that a reader typed."""
    urgent = ", urgent" if case.card_urgent else ""
    return f"case {case.id} ({case.site.name}): {case.category.replace('_', ' ')}{urgent}"
