"""The sessions of the people at the desk."""

import contextlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peewee import JOIN, Expression, PeeweeException

from widget_server.rules.access import Standing
from widget_server.rules.keys import digest
from widget_server.storage import log, roles, second, ways_in
from widget_server.storage.tables import HouseRule, Membership, Moderator, SignIn, database

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
HALFWAY = timedelta(minutes=10)
"""So long after the password the second factor may be shown."""
SECOND, WHOLE = "second", "whole"
HANDLE = 16
"""So many characters of a digest tell the sessions of one person apart."""


@dataclass(frozen=True, slots=True)
class Present:
    """Who is there, and what they are. `lacks_second`: they need a second factor and have none yet."""

    person: Moderator
    standing: Standing
    session: SignIn
    lacks_second: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in, as it is told them later (rules/browsers.py)."""

    browser: str
    network: str


def begin(person: Moderator, place: Place, *, shown_at: datetime | None, at: datetime) -> str:
    """The token of a new session, which is halfway until the second factor is shown, if the person has one.

    `person`: as read before they showed who they are. Raises ways_in.Changed.
    """
    token, stage = secrets.token_urlsafe(32), SECOND if person.totp_secret else WHOLE
    with database.atomic():
        ways_in.hold(person)
        SignIn.create(
            token_sha256=digest(token),
            moderator=person,
            created_at=at,
            seen_at=at,
            confirmed_at=shown_at or NEVER,
            browser=place.browser,
            network=place.network,
            stage=stage,
        )
        if stage == WHOLE:
            _signed_in(person, at=at)
    return token


def forget_ended(*, at: datetime) -> None:
    """Of a session that is over, and of one that was left halfway, nothing stays."""
    left_halfway = (SignIn.stage == SECOND) & (SignIn.created_at < at - HALFWAY)
    SignIn.delete().where(~_lives(at) | left_halfway).execute()


def halfway(token: str, *, at: datetime) -> SignIn | None:
    """The session whose second factor is still to be shown, if there is time left for it."""
    return (
        SignIn.select(SignIn, Moderator)
        .join(Moderator)
        .where(SignIn.token_sha256 == digest(token), SignIn.stage == SECOND, SignIn.created_at >= at - HALFWAY)
        .first()
    )


def complete(session: SignIn, *, at: datetime) -> str:
    """The second factor was shown: the session is whole, under a new token. Raises ways_in.Changed."""
    token = secrets.token_urlsafe(32)
    with database.atomic():
        ways_in.hold(session.moderator, session)
        moments = {"created_at": at, "seen_at": at, "confirmed_at": at}
        SignIn.update(token_sha256=digest(token), stage=WHOLE, **moments).where(
            SignIn.token_sha256 == session.token_sha256
        ).execute()
        _signed_in(session.moderator, at=at)
    return token


def find(token: str, *, at: datetime) -> Present | None:
    """Whose session this is, if it has not ended: one statement, and one more each minute."""
    required = HouseRule.select(HouseRule.holds).where(HouseRule.name == second.REQUIRED)
    rows = list(
        SignIn.select(SignIn, Moderator, Membership, required.alias("required"))
        .join(Moderator)
        .join(Membership, JOIN.LEFT_OUTER, on=(Membership.moderator == Moderator.id), attr="membership")
        .where(
            SignIn.token_sha256 == digest(token),
            SignIn.stage == WHOLE,
            _lives(at),
            Moderator.removed_at.is_null(),
        )
    )
    if not rows:
        return None
    session = rows[0]
    if at - session.seen_at > timedelta(minutes=1):
        with contextlib.suppress(PeeweeException):  # a full disk keeps nobody from looking
            SignIn.update(seen_at=at).where(SignIn.token_sha256 == session.token_sha256).execute()
    memberships = [row.moderator.membership for row in rows if getattr(row.moderator, "membership", None)]
    person, lacks = session.moderator, bool(session.required) and session.moderator.totp_secret is None
    return Present(person, roles.standing(memberships), session, lacks)


def confirm(session: SignIn, *, at: datetime) -> str:
    """Whoever has this session has shown again who they are: it goes on under a new token."""
    token = secrets.token_urlsafe(32)
    SignIn.update(token_sha256=digest(token), confirmed_at=at, seen_at=at).where(
        SignIn.token_sha256 == session.token_sha256
    ).execute()
    return token


def of(person: Moderator, *, at: datetime) -> list[SignIn]:
    """Somebody's sessions, the one that was used last first."""
    whole = (SignIn.moderator == person) & (SignIn.stage == WHOLE)
    return list(SignIn.select().where(whole, _lives(at)).order_by(SignIn.seen_at.desc()))


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


def _signed_in(person: Moderator, *, at: datetime) -> None:
    Moderator.update(signed_in_at=at).where(Moderator.id == person.id).execute()
    log.write("sign in", person.email, moderator=person.id, at=at)


def _lives(at: datetime) -> Expression:
    return (SignIn.seen_at >= at - IDLE) & (SignIn.created_at >= at - LONGEST)
