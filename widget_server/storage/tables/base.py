"""What all tables share: the database behind them, and how moments and small values are kept."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import BigIntegerField, DatabaseProxy, Model, OperationalError, TextField

BUSY_SECONDS = 4
"""How long a write waits for those before it."""

ASKING = {"connect", "connection", "connection_context", "cursor", "execute", "execute_sql", "in_transaction"}

LAST = 1
"""The turn of what nobody else may wait for."""


class NotAtHand(Exception):
    """It would have to be asked of the database, in a thread that may not wait."""


class House(DatabaseProxy):
    """The database behind all tables, and what is done at the end of a transaction."""

    def keep_out(self) -> None:
        """This thread serves many at once: from now on, what would make it wait raises NotAtHand."""
        _later.kept_out = True

    def __getattr__(self, name: str) -> Any:
        if name in ASKING and _later.kept_out:
            raise NotAtHand
        return super().__getattr__(name)

    def at_the_end(self, work: Callable[[], None], *, turn: tuple[int, ...] = (LAST,)) -> None:
        """Do it just before the running transaction is committed; at once, in one of its own, if none runs.

        In the order of their turns: what locks rows at the end does so in the same order everywhere, so that no two
        transactions wait for each other. Of those with a turn before LAST, each is done once.
        """
        if not self.in_transaction():
            with self.atomic():
                self.at_the_end(work, turn=turn)
        elif turn == (LAST,) or all(turn != other for other, _ in _later.waiting):
            _later.waiting.append((turn, work))

    def once_committed(self, work: Callable[[], None]) -> None:
        """Do it when the running transaction has been committed, not if it fails."""
        _later.committed.append(work)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing. Inside another one: this part of it, all or nothing."""
        outermost, marks = not self.in_transaction(), (len(_later.waiting), len(_later.committed))
        try:
            with self._turn() if outermost else nullcontext(), super().atomic():
                yield
                while outermost and _later.waiting:
                    _later.waiting.sort(key=_turn_of)
                    _later.waiting.pop(0)[1]()
        except BaseException:
            del _later.waiting[marks[0] :], _later.committed[marks[1] :]
            raise
        while outermost and _later.committed:
            _later.committed.pop(0)()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite takes one write at a time, and who waits polls and may never win: one queues up here first."""
        if self.for_update:
            yield
            return
        if not _writing.acquire(timeout=BUSY_SECONDS):
            raise OperationalError("database is locked")
        try:
            yield
        finally:
            _writing.release()


class _Later(threading.local):
    """What each thread's transaction does at its end, each with its turn, and what follows once it is committed."""

    def __init__(self) -> None:
        self.waiting: list[tuple[tuple[int, ...], Callable[[], None]]] = []
        self.committed: list[Callable[[], None]] = []
        self.kept_out = False


def _turn_of(late: tuple[tuple[int, ...], Callable[[], None]]) -> tuple[int, ...]:
    return late[0]


_later = _Later()
_writing: Any = threading.Lock()
database = House()


def take_turns(lock: Any) -> None:
    """From now on with the processes that have this lock, too. One that dies with it keeps it for ever."""
    global _writing
    _writing = lock


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MomentField(BigIntegerField):
    """A moment, kept as microseconds since 1970 in UTC: sorts, and means the same on every database."""

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class JsonField(TextField):
    """A small value that is only ever read whole."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=True, separators=(",", ":"))

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


class Table(Model):
    class Meta:
        database = database
        legacy_table_names = False
