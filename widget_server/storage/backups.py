"""Copies of an SQLite installation: taken while it runs, put back only if whole and not newer than we are."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from peewee import SqliteDatabase
from playhouse.migrations import Runner

from widget_server.storage import MIGRATIONS, StorageUnusable
from widget_server.storage.tables import database

PAGES_AT_ONCE = 1000


def backup(target: Path, *, progress: Callable[[int, int], None]) -> None:
    """Copy the running database to `target`. `progress` is told pages done and in all. Raises StorageUnusable."""
    if not isinstance(database.obj, SqliteDatabase):
        raise StorageUnusable("This installation runs on PostgreSQL: back it up with pg_dump.")
    if target.exists():
        raise StorageUnusable(f"{target} exists already: choose another name.")
    try:
        with closing(sqlite3.connect(database.obj.database)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(
                copy, pages=PAGES_AT_ONCE, progress=lambda _, remaining, total: progress(total - remaining, total)
            )
    except sqlite3.Error as error:
        raise StorageUnusable(f"The backup cannot be written: {error}.") from None


def check(file: Path) -> None:
    """Raises StorageUnusable unless `file` is a whole database of ours that this version can read."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise StorageUnusable(f"{file} is damaged: use another backup.")
            applied = {name for (name,) in source.execute("SELECT name FROM schema_migration")}
    except sqlite3.Error as error:
        raise StorageUnusable(f"{file} is not a backup of widget-server: {error}.") from None
    known = {migration.name for migration in Runner(SqliteDatabase(":memory:"), str(MIGRATIONS)).migrations()}
    if applied - known:
        raise StorageUnusable(f"{file} was written by a newer version: install that version first.")


def restore(file: Path, target: Path) -> None:
    """Put a backup in the place of the database; the old one is kept beside it. The server must not run."""
    check(file)
    if target.exists():
        for suffix in ("", "-wal", "-shm"):
            part = target.with_name(target.name + suffix)
            if part.exists():
                part.rename(target.with_name(target.name + ".before-restore" + suffix))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
