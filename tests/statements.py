"""What is asked of the database."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from peewee import SqliteDatabase

from widget_server.storage.tables import database

TOGETHER = 10
"""So many steps of SQLite's engine are counted at once."""


@dataclass
class Counted:
    """How many statements there were, and (on SQLite) of how many steps of its engine, which grow with rows read."""

    statements: int = 0
    steps: int = 0


@dataclass
class Asked:
    """The statements since it was made, each with the values that it had last and its steps, the most that it took."""

    last: dict[str, Any] = field(default_factory=dict)
    most: Counter[str] = field(default_factory=Counter)
    number: int = 0
    _steps: int = 0
    _began: tuple[str, int] = ("", 0)

    @contextmanager
    def counted(self) -> Iterator[Counted]:
        found, number, steps = Counted(), self.number, self._steps
        yield found
        found.statements, found.steps = self.number - number, self._steps - steps

    def since(self, work: Callable[[], object]) -> list[str]:
        """The statements of this work."""
        before = dict(self.last)
        self.last.clear()
        work()
        found = [*self.last]
        self.last = before | self.last
        return found

    def note(self, sql: str, values: Any) -> None:
        self.end()
        self.number += 1
        self.last[sql] = values if isinstance(values, dict) else tuple(values or ())
        self._began = (sql, self._steps)

    def end(self) -> None:
        sql, steps = self._began
        self.most[sql] = max(self.most[sql], self._steps - steps)

    def step(self) -> int:
        self._steps += TOGETHER
        return 0


@contextmanager
def asking() -> Iterator[Asked]:
    """While it lasts, every statement is noted."""
    found = Asked()
    kind = type(database.obj)
    plainly = kind.execute_sql

    def execute(self: Any, sql: str, params: Any = (), *more: object, **named: object) -> object:
        found.note(sql, params)
        if isinstance(self, SqliteDatabase):
            self.connection().set_progress_handler(found.step, TOGETHER)
        return plainly(self, sql, params, *more, **named)

    kind.execute_sql = execute
    try:
        yield found
    finally:
        found.end()
        kind.execute_sql = plainly
