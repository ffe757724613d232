"""What all tables share: the database behind them, and how moments and small values are kept."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import BigIntegerField, DatabaseProxy, Model, TextField


class House(DatabaseProxy):
    """The database behind all tables. `at_the_end`: what is done last in a transaction, just before it is committed."""

    def at_the_end(self, work: Callable[[], None]) -> None:
        """Do it at the end of the running transaction, not if that fails; at once, in one of its own, if none runs."""
        if not self.in_transaction():
            with self.atomic():
                self.at_the_end(work)
            return
        _later.waiting.append(work)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing. Inside another one: this part of it, all or nothing."""
        outermost, mark = not self.in_transaction(), len(_later.waiting)
        try:
            with super().atomic():
                yield
                while outermost and _later.waiting:
                    _later.waiting.pop(0)()
        except BaseException:
            del _later.waiting[mark:]
            raise


class _Later(threading.local):
    """What each thread's transaction does at its end."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []


_later = _Later()
database = House()

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
