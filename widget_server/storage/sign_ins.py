"""The sessions of the people at the desk."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, Expression

from widget_server.rules.access import Standing
from widget_server.rules.keys import digest
from widget_server.storage import log, roles
from widget_server.storage.tables import Membership, Moderator, SignIn, database

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
HANDLE = 16
"""So many characters of a digest tell the sessions of one person apart."""


@dataclass(frozen=True, slots=True)
class Present:
    """Who is there, and what they are."""

    person: Moderator
    standing: Standing
    session: SignIn


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in, as it is told them later (rules/browsers.py)."""

    browser: str
    network: str


def begin(person: Moderator, place: Place, *, at: datetime) -> str:
    """The token of a new session."""
    token = secrets.token_urlsafe(32)
    with database.atomic():
        SignIn.delete().where((SignIn.seen_at < at - IDLE) | (SignIn.created_at < at - LONGEST)).execute()
        SignIn.create(
            token_sha256=digest(token),
            moderator=person,
            created_at=at,
            seen_at=at,
            confirmed_at=at,
            browser=place.browser,
            network=place.network,
        )
        Moderator.update(signed_in_at=at).where(Moderator.id == person.id).execute()
        log.write("sign in", person.email, moderator=person.id, at=at)
    return token


def find(token: str, *, at: datetime) -> Present | None:
    """Whose session this is, if it has not ended: one statement, and one more each minute."""
    rows = list(
        SignIn.select(SignIn, Moderator, Membership)
        .join(Moderator)
        .join(Membership, JOIN.LEFT_OUTER, on=(Membership.moderator == Moderator.id), attr="membership")
        .where(SignIn.token_sha256 == digest(token), _lives(at))
    )
    if not rows:
        return None
    session = rows[0]
    if at - session.seen_at > timedelta(minutes=1):
        SignIn.update(seen_at=at).where(SignIn.token_sha256 == session.token_sha256).execute()
    memberships = [row.moderator.membership for row in rows if getattr(row.moderator, "membership", None)]
    return Present(session.moderator, roles.standing(memberships), session)


def confirm(session: SignIn, *, at: datetime) -> str:
    """Whoever has this session has shown again who they are: it goes on under a new token."""
    token = secrets.token_urlsafe(32)
    SignIn.update(token_sha256=digest(token), confirmed_at=at, seen_at=at).where(
        SignIn.token_sha256 == session.token_sha256
    ).execute()
    return token


def of(person: Moderator, *, at: datetime) -> list[SignIn]:
    """Somebody's sessions, the one that was used last first."""
    return list(SignIn.select().where(SignIn.moderator == person, _lives(at)).order_by(SignIn.seen_at.desc()))


def handle(session: SignIn) -> str:
    """How a form names one of its owner's sessions."""
    return session.token_sha256[:HANDLE]


def end(token: str) -> None:
    SignIn.delete().where(SignIn.token_sha256 == digest(token)).execute()


def end_these(person: Moderator, sessions: list[SignIn], *, by: int, at: datetime) -> None:
    """End these sessions of somebody."""
    with database.atomic():
        SignIn.delete().where(SignIn.token_sha256.in_([one.token_sha256 for one in sessions])).execute()
        if sessions:
            log.write("end sessions", person.email, moderator=by, at=at, sessions=len(sessions))


def _lives(at: datetime) -> Expression:
    return (SignIn.seen_at >= at - IDLE) & (SignIn.created_at >= at - LONGEST)
