"""Moderators and their sessions."""

import hashlib
import secrets
import unicodedata
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from peewee import ModelSelect

from widget_server.storage import log
from widget_server.storage.tables import Moderator, SignIn, database

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())


class NotAccepted(Exception):
    """An account that cannot be made. The text says why and the remedy."""


def account(email: str) -> str:
    """The form in which addresses are compared, so that no variant is a second account."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def add(email: str, password: str, *, at: datetime) -> Moderator:
    """A new moderator. Raises NotAccepted."""
    _fit(password)
    name, _, domain = account(email).partition("@")
    if not name or not domain or any(character.isspace() for character in account(email)):
        raise NotAccepted(f"“{email}” is not an e-mail address.")
    if find(email):
        raise NotAccepted(f"{account(email)} is a moderator already; `moderator password` gives a new password.")
    with database.atomic():
        moderator = Moderator.create(email=account(email), password_hash=_hasher.hash(password), created_at=at)
        log.write("add moderator", moderator.email, moderator=None, at=at)
    return moderator


def set_password(email: str, password: str, *, at: datetime) -> None:
    """A new password; every session of the account ends. Raises NotAccepted."""
    _fit(password)
    moderator = find(email)
    if not moderator:
        raise NotAccepted(f"There is no moderator {account(email)}; `moderator add` makes one.")
    with database.atomic():
        Moderator.update(password_hash=_hasher.hash(password)).where(Moderator.id == moderator.id).execute()
        SignIn.delete().where(SignIn.moderator == moderator).execute()
        log.write("set password", moderator.email, moderator=None, at=at)


def find(email: str) -> Moderator | None:
    return Moderator.get_or_none(Moderator.email == account(email))


def every() -> list[Moderator]:
    return list(Moderator.select().order_by(Moderator.email))


def others_than(moderator: int) -> ModelSelect:
    """The other moderators who can decide: whoever may not decide something leaves it to them."""
    return Moderator.select().where(Moderator.id != moderator)


def sign_in(email: str, password: str, *, at: datetime) -> str | None:
    """The token of a new session, or None. An unknown account takes as long as a wrong password."""
    moderator = find(email)
    try:
        _hasher.verify(moderator.password_hash if moderator else _NOBODY, password)
    except VerificationError:
        return None
    if not moderator:
        return None
    token = secrets.token_urlsafe(32)
    with database.atomic():
        SignIn.delete().where((SignIn.seen_at < at - IDLE) | (SignIn.created_at < at - LONGEST)).execute()
        SignIn.create(token_sha256=_digest(token), moderator=moderator, created_at=at, seen_at=at)
        log.write("sign in", moderator.email, moderator=moderator.id, at=at)
    return token


def signed_in(token: str, *, at: datetime) -> Moderator | None:
    """Whose session this is, if it has not ended."""
    session = (
        SignIn.select(SignIn, Moderator)
        .join(Moderator)
        .where(SignIn.token_sha256 == _digest(token), SignIn.seen_at >= at - IDLE, SignIn.created_at >= at - LONGEST)
        .first()
    )
    if not session:
        return None
    if at - session.seen_at > timedelta(minutes=1):
        SignIn.update(seen_at=at).where(SignIn.token_sha256 == session.token_sha256).execute()
    return session.moderator


def sign_out(token: str) -> None:
    SignIn.delete().where(SignIn.token_sha256 == _digest(token)).execute()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _fit(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise NotAccepted(f"The password needs {SHORTEST_PASSWORD} characters or more.")
    if len(password) > 1000:
        raise NotAccepted("The password may have 1000 characters at most.")
