"""What to make of a database's refusal: whether the same work, done again, may succeed, and whether it may be done."""

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from peewee import PeeweeException

from widget_server.storage.tables import database

Result = TypeVar("Result")

CONFLICTS = ("40001", "40P01")
"""Two transactions stood in each other's way (serialization failure, deadlock): one was undone, to be done again."""

LOST = ("08", "57P", "25006")
"""The connection is gone, its server goes, or it may no longer be written to since another one took its place."""

NO_ROOM = ("53100", "58030", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
"""The disk is full, broken, or may not be written to."""

PAUSES = (0.01, 0.04, 0.16)
"""How long work waits, about, before it is done again after a conflict."""


when_lost: list[Callable[[], None]] = []
"""What a process does when it finds a connection lost. Who answers next may be a replica that lacks the last that was
committed: what is remembered of that may hold no more.
"""


class _Work(threading.local):
    """`kept`: this thread's work may have left something in the database, and may not simply be done again."""

    kept = False


_work = _Work()


def kept(now: bool = True) -> bool:
    """Note whether the running work has left something in the database. Returns what was noted before."""
    before, _work.kept = _work.kept, now
    return before


def may_have_kept() -> bool:
    return _work.kept


def conflicting(error: BaseException) -> bool:
    return _state(error) in CONFLICTS


def lost(error: BaseException) -> bool:
    """Whether the connection can no longer be used. A commit that it was sent may have been done or not."""
    cause = _cause(error)
    if not isinstance(cause, psycopg.Error):
        return False
    state = cause.sqlstate
    return state.startswith(LOST) if state else isinstance(cause, psycopg.OperationalError)


def tell_lost() -> None:
    for work in when_lost:
        work()


def no_room(error: BaseException) -> bool:
    return str(_state(error) or getattr(_cause(error), "sqlite_errorname", "")).startswith(NO_ROOM)


def refusal(error: BaseException) -> str:
    """What the operator is told of it. PostgreSQL's own words may quote what was to be stored: its code says enough."""
    cause = _cause(error)
    if state := _state(error):
        return f"{type(cause).__name__} ({state})"
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def repeated(work: Callable[[], Result], *, twice_is_once: bool = False) -> Result:
    """What `work` gives. It is done again where a conflict or a lost connection undid all of it.

    Work that may have kept something is done once, unless `twice_is_once`; and so is work inside a transaction: that is
    repeated as a whole.
    """
    if database.in_transaction():
        return work()
    reconnected = False
    for pause in (*PAUSES, None):
        kept(False)
        try:
            return work()
        except PeeweeException as error:
            gone = lost(error)
            done = _work.kept and not twice_is_once
            if done or pause is None or not (conflicting(error) or (gone and not reconnected)):
                raise
        if gone:
            database.close()
            database.connect()
            reconnected = True
        else:
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
    raise AssertionError("the last attempt returns or raises")


def part(work: Callable[[], Result]) -> Result:
    """The same of a part of other work, which has kept what its parts have. It is once, however often it is done."""
    before = kept(False)
    try:
        return repeated(work, twice_is_once=True)
    finally:
        kept(_work.kept or before)


def _state(error: BaseException) -> str | None:
    return getattr(_cause(error), "sqlstate", None)


def _cause(error: BaseException) -> BaseException:
    """What the driver said."""
    return getattr(error, "orig", error)
