"""Passwords as they are kept: hashed by Argon2, a few at a time."""

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
_NOBODY = _hasher.hash(secrets.token_hex())


class Crowded(Exception):
    """More passwords are tried at once than are looked at in time. Nothing was looked at."""


def kept(password: str) -> str:
    """What is stored of a password. It takes its time: before a transaction, not in it. Raises Crowded."""
    with _turn():
        return _hasher.hash(password)


def is_right(password: str, stored: str) -> bool:
    """Whether this is the password of which that is stored; where nothing is, it takes as long. Raises Crowded."""
    with _turn(), suppress(VerificationError):
        return _hasher.verify(stored or _NOBODY, password)
    return False


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
