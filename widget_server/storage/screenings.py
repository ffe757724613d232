"""What the operator's screen says of held texts, once each. It is kept beside the publication and changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import SQL, Value, fn

from widget_server.rules.publishing import Publication
from widget_server.rules.retries import MOST_ATTEMPTS
from widget_server.rules.screening import Finding
from widget_server.storage import outbox
from widget_server.storage.tables import PublicationRow, Screening, database

AT_ONCE = 100
"""Texts in one round."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a screen found in a text, perhaps nothing; or None, and in one line why it could not look."""

    found: list[Finding] | None
    failure: str = ""


def send(look: Callable[[str], Looked], *, model: str, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Have a screen look at the texts that are held and that none has looked at, until `enough`; how many it did.

    After one that fails the rest waits for the next round: those that never failed come first then.
    """
    outbox.recall(Screening, at=at)
    _begin(at)
    done = 0
    for row in _due(at):
        if enough():
            break
        looked = _try(row, look, model, at=at)
        if looked is False:
            break
        done += bool(looked)
    return done


def of(publications: Iterable[PublicationRow]) -> dict[str, Screening]:
    """What is known of each of these."""
    rows = Screening.select().where(Screening.publication.in_([row.id for row in publications]))
    return {row.publication_id: row for row in rows}


def forget(publication: PublicationRow) -> None:
    """Its text is another one now."""
    Screening.delete().where(Screening.publication == publication.id).execute()


def of_text(site: int, digest: str) -> Screening | None:
    """What was found in a text when it was held on this site, and nobody made another of it."""
    query = Screening.select().join(PublicationRow).where(Screening.screened_at.is_null(False))
    same = query.where(PublicationRow.site == site, PublicationRow.text_sha256 == digest)
    same = same.where(PublicationRow.amended.is_null())
    return same.order_by(Screening.screened_at.desc()).first()


def _begin(at: datetime) -> None:
    """Owe a look at what is held now, and none at what a person was faster with, unless that is held again."""
    reviewed = PublicationRow.select(PublicationRow.id).where(
        PublicationRow.id == Screening.publication, PublicationRow.state != Publication.HELD
    )
    Screening.delete().where(Screening.due_at.is_null(False), fn.EXISTS(reviewed)).execute()
    known = Screening.select(SQL("1")).where(Screening.publication == PublicationRow.id)
    moment = Value(Screening.due_at.db_value(at), converter=False)
    held = PublicationRow.select(PublicationRow.id, moment, Value(0), Value(""), Value("")).where(
        PublicationRow.state == Publication.HELD, ~fn.EXISTS(known)
    )
    columns = [Screening.publication, Screening.due_at, Screening.attempts, Screening.model, Screening.failure]
    oldest = held.order_by(PublicationRow.held_at, PublicationRow.id).limit(AT_ONCE)
    Screening.insert_from(oldest, columns).on_conflict_ignore().execute()


def _due(at: datetime) -> list[Screening]:
    query = Screening.select(Screening, PublicationRow).join(PublicationRow)
    due = query.where(Screening.due_at <= at, PublicationRow.state == Publication.HELD)
    return list(due.order_by(Screening.attempts, Screening.due_at, PublicationRow.held_at).limit(AT_ONCE))


def _try(row: Screening, look: Callable[[str], Looked], model: str, *, at: datetime) -> bool | None:
    """Whether it could look; None if another process has the text, or a person was faster."""
    claimed = outbox.claim(row.attempts, at=at)
    this = Screening.publication == row.publication_id
    held = PublicationRow.select(SQL("1")).where(
        PublicationRow.id == Screening.publication, PublicationRow.state == Publication.HELD
    )
    claim = Screening.update(claimed | {"model": model})
    if not claim.where(this, Screening.due_at == row.due_at, fn.EXISTS(held)).execute():
        return None
    looked = look(row.publication.asked_text)
    left: dict[str, Any] = {"failure": looked.failure}
    if claimed["attempts"] >= MOST_ATTEMPTS:
        left["due_at"] = None
    if looked.found is not None:
        found = [one.as_json() for one in looked.found]
        left = {"failure": "", "found": found, "screened_at": at, "due_at": None}
    ours = [getattr(Screening, name) == value for name, value in claimed.items()]
    with database.atomic():  # of a text that was amended meanwhile, nothing is owed any more, or another look
        Screening.update(left).where(this, *ours).execute()
    return looked.found is not None
