"""What the database holds and does not tell: it is sealed under the server's secret, which is not in it.

PROMISE: a copy of the database alone opens nothing of it. Under a new secret everything is sealed again
(storage/sealed.py); until then the one before opens it.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from widget_server.rules import keys
from widget_server.rules.keys import Secrets


class Kind(StrEnum):
    """What is sealed. Each kind has a key of its own: what was sealed as one is not opened as another."""

    ADDRESS = "address"
    RECEIPT = "stored receipt"
    SECOND_FACTOR = "second factor"
    PROPOSAL = "second factor that is proposed"
    WEBHOOK = "webhook address"
    VIEWERS = "viewers"
    SOURCES = "sources"


UNOPENED = "(cannot be opened)"
"""What pages, lists and the log say in place of an address whose secret the server does not have."""


class CannotOpen(Exception):
    """It was sealed under another secret than the server has now, or is damaged."""


def use(server_secrets: Secrets) -> None:
    """From now on this process seals under the first of these secrets, and opens what any of them has sealed."""
    global _server_secrets
    _server_secrets = server_secrets


def newest() -> str:
    """The secret under which this process seals. Raises CannotOpen if it has none."""
    if not _server_secrets:
        raise CannotOpen("there is no secret of the server to seal under")
    return _server_secrets[0]


def oldest() -> str:
    """The first secret that it still has: before there was another, everything was made under it."""
    return (newest(), *_server_secrets)[-1]


def seal(kind: Kind, text: str) -> str:
    """What may be stored of this text."""
    return _box(kind, (newest(),)).encrypt(text.encode()).decode()


def opened(kind: Kind, sealed: str) -> str:
    """What was sealed. Raises CannotOpen."""
    return _opened(kind, sealed, _server_secrets)


def shown(kind: Kind, sealed: str, masked: Callable[[str], str] = str) -> str:
    """What people are shown of it, `masked`; empty if there is nothing."""
    try:
        return masked(opened(kind, sealed)) if sealed else ""
    except CannotOpen:
        return UNOPENED


def seal_key(kind: Kind, key: bytes) -> bytes:
    """What may be stored of a key."""
    return seal(kind, key.hex()).encode()


def opened_key(kind: Kind, sealed: bytes) -> bytes:
    """The key that was sealed. Raises CannotOpen."""
    return bytes.fromhex(opened(kind, sealed.decode(errors="replace")))


def is_newest(kind: Kind, sealed: str) -> bool:
    """Whether the newest secret has sealed it."""
    try:
        _opened(kind, sealed, _server_secrets[:1])
    except CannotOpen:
        return False
    return True


def _opened(kind: Kind, sealed: str, server_secrets: Secrets) -> str:
    try:
        return _box(kind, server_secrets).decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        raise CannotOpen(f"what is kept of this {kind} was sealed under another WIDGET_SECRET_KEY") from None


@lru_cache(maxsize=64)
def _box(kind: Kind, server_secrets: Secrets) -> MultiFernet:
    return MultiFernet([Fernet(keys.seal(secret, kind)) for secret in server_secrets])


_server_secrets: Secrets = ()
