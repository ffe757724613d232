"""What is asked of the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from peewee import SqliteDatabase

from widget_server.storage.tables import database


@dataclass
class Counted:
    """How many statements there were, and (on SQLite) of how many steps of its engine, which grow with rows read."""

    statements: int = 0
    steps: int = 0


@dataclass
class Asked:
    """The statements since it was made, each with the values that it had last."""

    last: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    number: int = 0

    @contextmanager
    def counted(self) -> Iterator[Counted]:
        found, before = Counted(), self.number
        lite = isinstance(database.obj, SqliteDatabase)

        def step() -> int:
            found.steps += 1
            return 0

        if lite:
            database.connect(reuse_if_open=True)
            database.obj.connection().set_progress_handler(step, 1)
        yield found
        found.statements = self.number - before
        if lite:
            database.obj.connection().set_progress_handler(None, 0)

    def since(self, work: Callable[[], object]) -> list[str]:
        """The statements of this work."""
        before = dict(self.last)
        self.last.clear()
        work()
        found = [*self.last]
        self.last = before | self.last
        return found


@contextmanager
def asking() -> Iterator[Asked]:
    """While it lasts, every statement is noted."""
    found = Asked()
    kind = type(database.obj)
    plainly = kind.execute_sql

    def execute(self: object, sql: str, params: Any = (), *more: object, **named: object) -> object:
        found.number += 1
        found.last[sql] = params if isinstance(params, dict) else tuple(params or ())
        return plainly(self, sql, params, *more, **named)

    kind.execute_sql = execute
    try:
        yield found
    finally:
        kind.execute_sql = plainly
