"""Statements that are asked again and again: built once, since building one costs more than running it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from peewee import Query, Value

from widget_server.storage.tables import database
from widget_server.storage.tables.base import Table

Row = TypeVar("Row", bound=Table)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where a value of each asking goes."""

    place: int


class Ready:
    """A query with gaps. `build` is given them as values; whoever asks fills them with what the database stores."""

    def __init__(self, build: Callable[..., Query]) -> None:
        self._build = build
        self._built: dict[tuple[str, int], tuple[str, list[Any]]] = {}

    def ask(self, *values: Any) -> Any:
        """The cursor of the answer."""
        return database.execute_sql(*self._filled(values))

    def any(self, *values: Any) -> bool:
        return self.ask(*values).fetchone() is not None

    def rows(self, table: type[Row], *values: Any) -> list[Row]:
        sql, given = self._filled(values)
        return list(table.raw(sql, *given))

    def _filled(self, values: tuple[Any, ...]) -> tuple[str, list[Any]]:
        kind = (database.param, len(values))
        if kind not in self._built:
            gaps = [Value(_Gap(place), converter=False) for place in range(len(values))]
            self._built[kind] = self._build(*gaps).sql()
        sql, given = self._built[kind]
        return sql, [values[one.place] if isinstance(one, _Gap) else one for one in given]


def insert(row: Table, *, once: bool = False) -> bool:
    """Store a new row, which then knows its number. `once`: unless its like is there. Whether it was stored."""
    names, values = _changed(row)
    statement = _inserting(_name(row), names, database.param, once=once)
    number = database.execute_sql(statement, values).fetchone()
    if number is not None:
        row.id = number[0]
        _is_stored(row)
    return number is not None


def change(row: Table, **values: Any) -> None:
    """Set what is not so already: what stays as it is need not be stored again, nor its indexes."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def save(row: Table) -> None:
    """Store what has changed in a row."""
    names, values = _changed(row)
    if not names:
        return
    database.execute_sql(_updating(_name(row), names, database.param), [*values, row.id])
    _is_stored(row)


def _changed(row: Table) -> tuple[tuple[str, ...], list[Any]]:
    """The columns that are to be stored, and what goes there."""
    changed, values = row.dirty_fields, row.__data__
    return tuple([one.column_name for one in changed]), [one.db_value(values.get(one.name)) for one in changed]


def _name(row: Table) -> str:
    return row._meta.table_name  # noqa: SLF001 (peewee's way to ask a table about itself)


def _is_stored(row: Table) -> None:
    row._dirty.clear()  # noqa: SLF001 (as peewee's own save does)


@lru_cache(1024)
def _inserting(table: str, names: tuple[str, ...], mark: str, *, once: bool) -> str:
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join([mark] * len(names))
    unless = "ON CONFLICT DO NOTHING " if once else ""
    return f'INSERT INTO "{table}" ({columns}) VALUES ({marks}) {unless}RETURNING id'  # noqa: S608 (our own names)


@lru_cache(1024)
def _updating(table: str, names: tuple[str, ...], mark: str) -> str:
    changes = ", ".join(f'"{name}" = {mark}' for name in names)
    return f'UPDATE "{table}" SET {changes} WHERE id = {mark}'  # noqa: S608
