"""The databases that are measured: a file of SQLite, and a PostgreSQL that waits for its disk as an operator's does."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import servers

SETTINGS = ["listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=512MB", "max_wal_size=4GB"]
STATEMENTS = "shared_preload_libraries=pg_stat_statements"
WRITES = {"viewers": 'insert into "?viewer"?[ (]', "tallies": 'insert into "?tally"?[ (]'}
"""Statements of the writer, by what they write: each commit of impressions adds to the tallies once."""


@dataclass(frozen=True, slots=True)
class Database:
    """`process`: the program that takes CPU time of its own for it; SQLite has none. `counts`: its statements."""

    name: str
    url: str
    process: int | None = None
    counts: bool = False

    def bytes(self) -> int:
        """What it takes on the disk, without its log."""
        if self.process is None:
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as file:
                pages, free, size = (
                    file.execute(f"PRAGMA {name}").fetchone()[0]
                    for name in ("page_count", "freelist_count", "page_size")
                )
                return (pages - free) * size
        return self.ask("SELECT pg_database_size(current_database())")[0]

    def bytes_of_viewers(self) -> int | None:
        """The table of viewers alone, with its index and all its parts."""
        if self.process is None:
            return None
        return self.ask("SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('viewer')")[0]

    def statements(self) -> dict[str, int]:
        """How often each of WRITES has run; 0 where nobody counts."""
        counted = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query ~* %s"
        if not self.counts:
            return dict.fromkeys(WRITES, 0)
        return {name: self.ask(counted, pattern)[0] for name, pattern in WRITES.items()}

    def ask(self, statement: str, *values: object) -> tuple:
        with psycopg.connect(self.url, autocommit=True) as connection:
            done = connection.execute(statement, values)
            return done.fetchone() if done.description else ()


def sqlite(folder: Path) -> Database:
    return Database("SQLite", f"sqlite:///{folder / 'measured.sqlite3'}")


@contextmanager
def postgresql() -> Iterator[Database]:
    with servers._folder() as folder:
        programs = servers._readable(servers._find(servers._postgresql, "postgresql"), folder)
        data, port = folder / "data", servers.free_port()
        servers._initdb(programs, data)
        program = (programs / "postgres").resolve()
        counts = any(program.parent.parent.glob("**/pg_stat_statements.so"))
        settings = [*SETTINGS, *([STATEMENTS] if counts else [])]
        command = [
            program,
            *("-D", data, "-p", str(port), "-k", ""),
            *(word for setting in settings for word in ("-c", setting)),
        ]
        with servers._running(command, folder, port, reply=servers._postgresql_answers, **servers._nobody()):
            process = int((data / "postmaster.pid").read_text().split()[0])
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            database = Database("PostgreSQL", url, process, counts)
            _wait(database)
            if counts:
                database.ask("CREATE EXTENSION pg_stat_statements")
            yield database


def _wait(database: Database) -> None:
    while True:
        try:
            database.ask("SELECT 1")
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
