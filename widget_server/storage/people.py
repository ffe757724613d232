"""The people at the desk: their accounts and passwords."""

import secrets
import unicodedata
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from widget_server.rules.access import OWNER_OF_ALL, Standing
from widget_server.storage import log, roles
from widget_server.storage.tables import Membership, Moderator, SignIn, database

SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())


class NotAccepted(Exception):
    """An account that cannot be made. The text says why and the remedy."""


def account(email: str) -> str:
    """The form in which addresses are compared, so that no variant is a second account."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def add(email: str, password: str, *, standing: Standing = OWNER_OF_ALL, at: datetime) -> Moderator:
    """A new account; an owner of all sites, if nothing else is said. Raises NotAccepted."""
    _fit(password)
    name, _, domain = account(email).partition("@")
    if not name or not domain or any(character.isspace() for character in account(email)):
        raise NotAccepted(f"“{email}” is not an e-mail address.")
    if find(email):
        raise NotAccepted(f"{account(email)} is a moderator already; `moderator password` gives a new password.")
    with database.atomic():
        moderator = Moderator.create(email=account(email), password_hash=_hasher.hash(password), created_at=at)
        roles.give(moderator, standing)
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


def every(*, of_sites: list[int] | None = None) -> list[Moderator]:
    """All people, or those who are something on one of these sites."""
    query = Moderator.select().order_by(Moderator.email)
    if of_sites is None:
        return list(query)
    there = Membership.site.is_null() | Membership.site.in_(of_sites)
    return list(query.where(Moderator.id.in_(Membership.select(Membership.moderator).where(there))))


def checked(email: str, password: str) -> Moderator | None:
    """Whose password this is, if it is right. An unknown account takes as long as a wrong password."""
    moderator = find(email)
    try:
        _hasher.verify(moderator.password_hash if moderator else _NOBODY, password)
    except VerificationError:
        return None
    return moderator


def _fit(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise NotAccepted(f"The password needs {SHORTEST_PASSWORD} characters or more.")
    if len(password) > 1000:
        raise NotAccepted("The password may have 1000 characters at most.")
