"""Rows that are found by their primary key and grow: many of them in one statement, built once for each number of rows.

Building it anew costs more than running it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from widget_server.storage.tables import database
from widget_server.storage.tables.base import Table

Row = tuple[int | str, ...]


def add(table: type[Table], rows: Sequence[Row]) -> None:
    """Add `rows` to a table: the parts of its key, then what is added to each of its other columns."""
    _run(_adding(table, len(rows), database.param), rows)  # type: ignore[arg-type]


def add_missing(table: type[Table], rows: Sequence[Row]) -> Iterable[Row]:
    """Add those of `rows` whose key is not there, and return them."""
    return _run(_missing(table, len(rows), database.param), rows)  # type: ignore[arg-type]


def _run(statement: str, rows: Sequence[Row]) -> Iterable[Row]:
    return database.execute_sql(statement, [value for row in rows for value in row])


@lru_cache(1024)
def _adding(table: type, rows: int, mark: str) -> str:
    name, columns, key = _shape(table)
    grown = ", ".join(f'"{column}" = "{name}"."{column}" + EXCLUDED."{column}"' for column in columns[len(key) :])
    return f"{_insert(table, rows, mark)} ON CONFLICT ({_listed(key)}) DO UPDATE SET {grown}"


@lru_cache(1024)
def _missing(table: type, rows: int, mark: str) -> str:
    return f"{_insert(table, rows, mark)} ON CONFLICT DO NOTHING RETURNING {_listed(_shape(table)[1])}"


def _insert(table: type, rows: int, mark: str) -> str:
    name, columns, _ = _shape(table)
    row = f"({', '.join([mark] * len(columns))})"
    return f'INSERT INTO "{name}" ({_listed(columns)}) VALUES {", ".join([row] * rows)}'  # noqa: S608 (our own names)


def _shape(table: type) -> tuple[str, list[str], list[str]]:
    """A table's name, its columns, and those of its key, which come first."""
    meta = table._meta  # type: ignore[attr-defined]  # noqa: SLF001 (peewee's way to ask a table about itself)
    columns = [field.column_name for field in meta.sorted_fields]
    return meta.table_name, columns, columns[: len(meta.get_primary_keys())]


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
