"""Passwords as they are kept: hashed by Argon2, a few at a time."""

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

AT_ONCE = 2
"""So many are hashed at a time: each takes 64 MiB and a good part of a core."""
WAITING = 6
"""So many more wait for their turn, at most PATIENCE_SECONDS: who signs in must not take all threads from others."""
PATIENCE_SECONDS = 5

_hasher = PasswordHasher()
_turns, _places = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(AT_ONCE + WAITING)


class Crowded(Exception):
    """More passwords are tried at once than are looked at in time. Nothing was looked at."""


def kept(password: str) -> str:
    """What is stored of a password. It takes its time: before a transaction, not in it. Raises Crowded."""
    with _turn():
        return _hasher.hash(password)


def is_right(password: str, stored: str) -> bool:
    """Whether this is the password of which that is stored; where nothing is, it takes as long. Raises Crowded."""
    with _turn(), suppress(VerificationError):
        return _hasher.verify(stored or _nobody(), password)
    return False


def _nobody() -> str:
    """The hash of a password that nobody has: it takes as long to check as another one, and no time to make."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    work = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${work}${salt}${digest}"


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Crowded
    try:
        if not _turns.acquire(timeout=PATIENCE_SECONDS):
            raise Crowded
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()
