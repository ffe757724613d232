"""How many requests hold a connection to PostgreSQL at once. Who finds none free waits, and is refused in the end.

The process's own threads, which store views and keep house, do not wait here: requests wait for them.
"""

import threading

from peewee import OperationalError

from widget_server.storage.tables.base import BUSY_SECONDS

MOST = 20


class _Mine(threading.local):
    """The bound under which this thread has its turn, if it has one."""

    bound: threading.BoundedSemaphore | None = None


_mine = _Mine()
_bound = threading.BoundedSemaphore(MOST)


def allow(most: int) -> None:
    """From now on, so many at once."""
    global _bound
    _bound = threading.BoundedSemaphore(most)


def take() -> None:
    """Wait for a turn, unless this thread has one. Raises OperationalError after BUSY_SECONDS."""
    if _mine.bound:
        return
    bound = _bound
    if not bound.acquire(timeout=BUSY_SECONDS):
        raise OperationalError(f"all connections have been in use for {BUSY_SECONDS} seconds")
    _mine.bound = bound


def give_back() -> None:
    if _mine.bound:
        _mine.bound.release()
        _mine.bound = None
