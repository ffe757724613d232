"""What tables, columns, indexes and triggers an SQLite file has, and those that it must have at its version."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing

from peewee import SqliteDatabase
from playhouse.migrations import Runner

from widget_server.storage import MIGRATIONS

Part = tuple[str, str, str, str]
"""Kind, name, the table that it belongs to, and what else is to be the same."""

# SQLite's own statistics come and go. Words of tables are not compared: each SQLite changes them in its own way.
_PARTS = """
SELECT type, name, tbl_name, iif(type = 'trigger', sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'
UNION ALL
SELECT 'column', kept.name, held.name, kept.type || kept."notnull" || kept.pk
FROM sqlite_master AS held, pragma_table_xinfo(held.name) AS kept WHERE held.type = 'table'
UNION ALL
SELECT 'uniqueness', kept.name, held.name, ''
FROM sqlite_master AS held, pragma_index_list(held.name) AS kept WHERE held.type = 'table' AND kept."unique"
"""


def wrong(file: sqlite3.Connection, applied: Iterable[str]) -> list[str]:
    """What a file lacks to which these migrations were applied, and the triggers that are not ours, by kind and name.

    Indexes and tables that somebody added do no harm.
    """
    found, due = _parts(file), _made_by(applied)
    amiss = (due - found) | {part for part in found - due if part[0] == "trigger"}
    lost = {name for kind, name, *_ in amiss if kind == "table"}
    return sorted({f"{kind} {name}" for kind, name, table, _ in amiss if kind == "table" or table not in lost})


def _made_by(applied: Iterable[str]) -> set[Part]:
    with closing(SqliteDatabase(":memory:")) as fresh:
        runner = Runner(fresh, str(MIGRATIONS))
        runner.History.create_table()
        for migration in runner.migrations():
            if migration.name not in applied:
                runner.History.create(name=migration.name)
        runner.up()
        return _parts(fresh.connection())


def _parts(file: sqlite3.Connection) -> set[Part]:
    return set(file.execute(_PARTS).fetchall())
