"""The sessions of the people at the desk."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN

from widget_server.rules.access import Standing
from widget_server.storage import log, roles
from widget_server.storage.tables import Membership, Moderator, SignIn, database

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Present:
    """Who is there, and what they are."""

    person: Moderator
    standing: Standing
    session: SignIn


def begin(person: Moderator, *, at: datetime) -> str:
    """The token of a new session."""
    token = secrets.token_urlsafe(32)
    with database.atomic():
        SignIn.delete().where((SignIn.seen_at < at - IDLE) | (SignIn.created_at < at - LONGEST)).execute()
        SignIn.create(token_sha256=_digest(token), moderator=person, created_at=at, seen_at=at, confirmed_at=at)
        log.write("sign in", person.email, moderator=person.id, at=at)
    return token


def find(token: str, *, at: datetime) -> Present | None:
    """Whose session this is, if it has not ended: one statement, and one more each minute."""
    rows = list(
        SignIn.select(SignIn, Moderator, Membership)
        .join(Moderator)
        .join(Membership, JOIN.LEFT_OUTER, on=(Membership.moderator == Moderator.id), attr="membership")
        .where(SignIn.token_sha256 == _digest(token), SignIn.seen_at >= at - IDLE, SignIn.created_at >= at - LONGEST)
    )
    if not rows:
        return None
    session = rows[0]
    if at - session.seen_at > timedelta(minutes=1):
        SignIn.update(seen_at=at).where(SignIn.token_sha256 == session.token_sha256).execute()
    memberships = [row.moderator.membership for row in rows if getattr(row.moderator, "membership", None)]
    return Present(session.moderator, roles.standing(memberships), session)


def end(token: str) -> None:
    SignIn.delete().where(SignIn.token_sha256 == _digest(token)).execute()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
