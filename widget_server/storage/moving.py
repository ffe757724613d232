"""A whole SQLite installation, carried over to an empty PostgreSQL database: all of it, or nothing.

While that lasts nobody else has the file: a server that runs on it keeps it from being moved, and none starts.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from peewee import AutoField, BooleanField, CharField, SqliteDatabase, TextField
from playhouse.migrations import Runner

from widget_server import storage
from widget_server.storage import MIGRATIONS, StorageUnusable
from widget_server.storage.file import InUse, alone
from widget_server.storage.pool import WrongAddress, parameters
from widget_server.storage.tables import ALL
from widget_server.storage.tables.base import Table

AT_ONCE = 1000
"""Rows in memory."""
FOREIGN_KEYS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0"""
TABLES = """SELECT table_name FROM information_schema.tables
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> 'schema_migration'"""

Progress = Callable[[int, int], None]


def move(file: Path, url: str, *, progress: Progress = lambda *_: None) -> dict[str, int]:
    """Carry over every row, and compare: as many there as here, and the same, in the order of the primary key.

    `progress` is told rows copied or compared, and how many that will be. Returns the rows of each table. Raises
    StorageUnusable; what was empty is empty then.
    """
    try:
        where = parameters(url)
    except WrongAddress as error:
        raise StorageUnusable(f"Nothing was moved: {error}.") from None
    try:
        with closing(_alone(file)) as source:
            _refuse_filled(where)
            storage.connect(url)
            storage.migrate()
            with psycopg.connect(**where) as target:
                return _carry(source, target, progress)
    except InUse as refusal:
        raise StorageUnusable(str(refusal)) from None
    except sqlite3.Error as error:
        raise StorageUnusable(f"{file} cannot be read: {error}.") from None
    except psycopg.Error as error:
        reason = (str(error).splitlines() or ["the connection was lost"])[0].rstrip(".")
        raise StorageUnusable(f"Nothing was moved: {reason}.") from None


def _alone(file: Path) -> sqlite3.Connection:
    """The file, of this version, for us alone."""
    if not file.is_file():
        raise StorageUnusable(f"There is no database {file} to be moved.")
    source = alone(file)
    try:
        applied = {name for (name,) in source.execute("SELECT name FROM schema_migration")}
    except sqlite3.Error:
        source.close()
        raise
    if applied != {migration.name for migration in Runner(SqliteDatabase(":memory:"), str(MIGRATIONS)).migrations()}:
        source.close()
        raise StorageUnusable(f"{file} is of another version: `widget-server check` of this one brings it up to date.")
    return source


def _refuse_filled(where: dict[str, Any]) -> None:
    with psycopg.connect(**where) as target:
        _empty(target)


def _empty(target: psycopg.Connection) -> None:
    for (name,) in target.execute(TABLES).fetchall():
        if _do(target, f"SELECT 1 FROM {_quoted(name)} LIMIT 1").fetchone():  # noqa: S608
            raise StorageUnusable(f"The new database is not empty: its table {name} has rows. Name another one.")


def _carry(source: sqlite3.Connection, target: psycopg.Connection, progress: Progress) -> dict[str, int]:
    """In one transaction, in which nobody else sees the tables."""
    shapes = [_Shape(table) for table in ALL]
    _do(target, f"LOCK TABLE {', '.join(shape.name for shape in shapes)} IN ACCESS EXCLUSIVE MODE")
    _empty(target)
    keys = target.execute(FOREIGN_KEYS).fetchall()
    for table, name, _ in keys:
        _do(target, f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(name)}")
    counts = {shape.name: source.execute(f"SELECT COUNT(*) FROM {shape.name}").fetchone()[0] for shape in shapes}  # noqa: S608
    steps = _Steps(2 * sum(counts.values()), progress)
    for shape in shapes:
        sent = _copy(shape, source, target, steps)
        _compare(shape, counts[shape.name], sent, target, steps)
    for table, name, definition in keys:
        _do(target, f"ALTER TABLE {table} ADD CONSTRAINT {_quoted(name)} {definition}")
    for shape in shapes:
        _count_on(shape, source, target)
    return counts


class _Shape:
    """How a table is asked for, by names of our own. What a database makes by itself is left to it.

    `read`: the columns of PostgreSQL as SQLite has them, which knows no truth but 0 and 1. `order`: of SQLite, by the
    primary key; `bytewise`: the same of PostgreSQL.
    """

    def __init__(self, table: type[Table]) -> None:
        about = table._meta  # noqa: SLF001
        self.table, self.name = about.table_name, _quoted(about.table_name)
        self.numbered = isinstance(about.primary_key, AutoField)
        columns = {field: _quoted(field.column_name) for field in about.sorted_fields}
        self.columns = ", ".join(columns.values())
        self.read = ", ".join(
            f"{name}::int" if isinstance(field, BooleanField) else name for field, name in columns.items()
        )
        keys = {field: _quoted(field.column_name) for field in about.get_primary_keys()}
        self.order = ", ".join(keys.values())
        self.bytewise = ", ".join(
            f'{name} COLLATE "C"' if isinstance(field, CharField | TextField) else name for field, name in keys.items()
        )


class _Steps:
    """How far it is."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def each(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            self.done += 1
            if self.done % AT_ONCE == 0:
                self.progress(self.done, self.total)
            yield row
        self.progress(self.done, self.total)


class _Digest:
    """Of rows in their order: how many, and a hash over all that is in them."""

    def __init__(self) -> None:
        self.rows, self.hash = 0, hashlib.sha256()

    def add(self, row: tuple[Any, ...]) -> None:
        self.rows += 1
        self.hash.update(json.dumps(row, default=lambda blob: ["blob", bytes(blob).hex()]).encode())


def _copy(shape: _Shape, source: sqlite3.Connection, target: psycopg.Connection, steps: _Steps) -> _Digest:
    """Send all rows, and take their digest on the way."""
    digest = _Digest()
    rows = source.execute(f"SELECT {shape.columns} FROM {shape.name} ORDER BY {shape.order}")  # noqa: S608
    with target.cursor().copy(f"COPY {shape.name} ({shape.columns}) FROM STDIN".encode()) as copy:
        for row in steps.each(rows):
            digest.add(row)
            copy.write_row(row)
    return digest


def _compare(shape: _Shape, rows: int, sent: _Digest, target: psycopg.Connection, steps: _Steps) -> None:
    """Raises StorageUnusable if what arrived is not what is in the file."""
    arrived = _Digest()
    with target.cursor("arrived") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(f"SELECT {shape.read} FROM {shape.name} ORDER BY {shape.bytewise}".encode())  # noqa: S608
        for row in steps.each(cursor):
            arrived.add(row)
    if not rows == sent.rows == arrived.rows:
        raise StorageUnusable(f"Nothing was moved: of {rows:,} rows of {shape.name}, {arrived.rows:,} arrived.")
    if sent.hash.digest() != arrived.hash.digest():
        raise StorageUnusable(f"Nothing was moved: the rows of {shape.name} did not arrive as they are here.")


def _count_on(shape: _Shape, source: sqlite3.Connection, target: psycopg.Connection) -> None:
    """New rows get the numbers after the highest there has been: that of a removed row is not given again."""
    if not shape.numbered:
        return
    (sequence,) = target.execute("SELECT pg_get_serial_sequence(%s, 'id')", (shape.name,)).fetchone() or (None,)
    (newest,) = _do(target, f"SELECT MAX(id) FROM {shape.name}").fetchone() or (None,)  # noqa: S608
    given = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (shape.table,)).fetchone() or (None,)
    if sequence and (last := max(newest or 0, given[0] or 0)):
        _do(target, f"ALTER SEQUENCE {sequence} RESTART WITH {last + 1}")


def _do(target: psycopg.Connection, statement: str) -> psycopg.Cursor:
    return target.execute(statement.encode())


def _quoted(name: str) -> str:
    return f'"{name}"'
