"""All reports on one text of one site: finding, keeping, and what moderators note about them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import SQL, Expression, ModelSelect, fn

from widget_server.rules import moderation
from widget_server.rules.marking import is_whole
from widget_server.rules.moderation import Queue, State
from widget_server.storage import clocks, doubles, kin, log, ready, webhooks
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Moderator, Note, Report, Ruling, Site, database

SENT_TWICE = timedelta(minutes=1)
"""The same note of the same person within so long is the same form, sent again."""


def locked(condition: Expression) -> Case | None:
    """The case, kept from changing until the transaction ends."""
    return _locking(condition).first()


def lock_cards(numbers: Iterable[int]) -> None:
    """Keep these cases, and those on a card with them, from changing until the transaction ends: many at once, in the
    order of their numbers, as `saw` does, so that neither waits for the other.
    """
    if database.for_update:
        those = set(numbers)
        of_them = Case.select(Case.leader).where(Case.id.in_(those), Case.leader.is_null(False))
        those |= {case.leader_id for case in of_them}
        on_them = Case.select(Case.id).where(Case.id.in_(those) | Case.leader.in_(those))
        list(on_them.order_by(Case.id).for_update())


def of_text(site: int, text_sha256: str) -> Case | None:
    """The case of this text, locked."""
    return next(iter(_of_text.rows(Case, site, text_sha256)), None)


def _locking(condition: Expression) -> ModelSelect:
    query = Case.select(Case, webhooks.listened().alias("overheard")).where(condition)
    return query.for_update() if database.for_update else query


_of_text = Ready(lambda site, digest: _locking((Case.site == site) & (Case.text_sha256 == digest)))


def find(number: int, *, sites: list[int] | None = None) -> Case | None:
    """The case with this number, on one of `sites` (None: any)."""
    has = {"ruled": Ruling, "noted": Note}
    told = [fn.EXISTS(table.select(SQL("1")).where(table.case == Case.id)).alias(name) for name, table in has.items()]
    first = Report.select(fn.MIN(Report.received_at)).where(Report.case == Case.id)
    told.append(moment_of(first).alias("reported"))
    query = Case.select(Case, Site, Moderator, *told).join(Site).switch(Case)
    query = query.left_outer_join(Moderator, on=(Case.claimed_by == Moderator.id)).where(Case.id == number)
    return (query if sites is None else query.where(Case.site.in_(sites))).first()


def moment_of(one: ModelSelect) -> Expression:
    """A moment that is asked for beside a row, or None."""
    return fn.COALESCE(one, None).converter(Report.received_at.python_value)


def keep(case: Case) -> None:
    """Store what changed in a case, and with it where it stands in the lists of the desk, and its clock."""
    before = case.queue
    settle(case)
    if case.queue == Queue.WAITING and before != Queue.WAITING:
        kin.wait(case)
    ready.save(case)


def settle(case: Case) -> None:
    """Where a case stands in the lists of the desk, and its clock, by what is known of it. Keep it afterwards."""
    queue = moderation.queue_of(State(case.state), follows=case.leader_id is not None)
    since = case.waiting_since if State(case.state) in moderation.WAITING else case.decided_at or case.waiting_since
    place = moderation.place(queue, urgent=case.card_urgent, since=since, unproved=case.unproved)
    ready.change(case, queue=queue, place=place)
    if case.state in (State.OPEN, State.APPEALED):
        ready.change(case, escalated_to_id=None)
    clocks.wind(case)


def is_beginning(case: Case) -> bool:
    """Whether only the beginning of its text has come: which text it begins is its reporter's word."""
    return bool(case.text) and not is_whole(case.text, case.text_sha256)


def named(case: Case) -> dict[str, int]:
    """How many of the reports that count name each category, the most frequent first."""
    return dict(sorted(case.named.items(), key=lambda one: (-one[1], one[0])))


def open_for_review(case: Case, *, moderator: int, at: datetime) -> None:
    """A moderator looks at the case: reporters are told that it is in review."""
    if case.viewed_at is None:
        with database.atomic():
            Case.update(viewed_at=at).where(Case.id == case.id).execute()
            log.write("view case", f"case {case.id}", moderator=moderator, at=at, site=case.site_id)


def write_note(case: Case, text: str, *, moderator: int, at: datetime) -> None:
    """Tell the other moderators something about a case. Sent twice it is told once."""
    with database.atomic():
        doubles.in_turn(moderator)
        same = Note.case == case, Note.moderator == moderator, Note.text == text
        if Note.select().where(*same, Note.written_at > at - SENT_TWICE).exists():
            return
        Note.create(case=case, moderator=moderator, text=text, written_at=at)
        log.write("write note", f"case {case.id}", moderator=moderator, at=at, site=case.site_id)


def notes(case: Case) -> list[Note]:
    """What moderators told each other, the oldest first."""
    if not case.noted:
        return []
    return list(Note.select(Note, Moderator).join(Moderator).where(Note.case == case).order_by(Note.id))


def saw(cases: Iterable[int]) -> None:
    """Count views of texts that somebody has reported, by their cases."""
    for number, views in sorted(Counter(cases).items()):
        Case.update(seen=Case.seen + views).where(Case.id == number).execute()
