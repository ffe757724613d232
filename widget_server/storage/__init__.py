"""What the server remembers.

PROMISE: the only folder that knows there is a database. Every function takes and gives values or rows; moments and
chance are passed in.
"""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from peewee import Database, IntegrityError, SqliteDatabase
from peewee import PeeweeException as DatabaseError
from playhouse.migrations import Runner

from widget_server.rules import keys
from widget_server.storage import turns
from widget_server.storage.faults import repeated
from widget_server.storage.file import File
from widget_server.storage.pool import Pool, WrongAddress
from widget_server.storage.tables import database
from widget_server.storage.tables.base import BUSY_SECONDS, NotAtHand

__all__ = [
    "DatabaseError",
    "IntegrityError",
    "NotAtHand",
    "StorageUnusable",
    "alone",
    "begin",
    "connect",
    "connection",
    "end",
    "keep_out",
    "migrate",
    "reachable",
    "repeated",
    "transaction",
]

MIGRATIONS = Path(__file__).parent / "migrations"
POSTGRESQL_LOCK = 7_236_401_155
HOUSE_LOCK = POSTGRESQL_LOCK + 1


class StorageUnusable(Exception):
    """The database cannot be used. The text says why and the remedy, in one line."""


def connect(url: str, *, most: int = turns.MOST) -> Database:
    """Make the database behind `url` the one that all storage uses. Raises StorageUnusable.

    `most`: how many may `begin` at once.
    """
    turns.allow(most)
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        _private(Path(path))
        chosen: Database = File(
            path,
            timeout=BUSY_SECONDS,
            lock_type="IMMEDIATE",
            pragmas={"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1, "secure_delete": 1},
        )
        chosen.register_function(keys.digest, "sha256_hex", 1)
    else:
        try:
            chosen = Pool(url)
        except WrongAddress as error:
            raise StorageUnusable(f"WIDGET_DATABASE_URL cannot be used: {error}.") from None
    database.initialize(chosen)
    try:
        with chosen.connection_context():
            chosen.execute_sql("SELECT 1")
    except DatabaseError as error:
        raise StorageUnusable(
            f"WIDGET_DATABASE_URL cannot be opened: {str(error).splitlines()[0]}. Is the place there and writable?"
        ) from None
    return chosen


def _private(file: Path) -> None:
    """It holds what reporters wrote: nobody else on the machine reads it."""
    if file.parent.is_dir() and not file.exists():
        with contextlib.suppress(OSError):  # opening it tells why, with the remedy
            file.touch(mode=0o600)


def migrate() -> list[str]:
    """Bring the tables up to this version. Safe to call at every start. Raises StorageUnusable."""
    try:
        with connection():
            if isinstance(database.obj, SqliteDatabase):
                with database.atomic():
                    return Runner(database.obj, str(MIGRATIONS)).up()
            database.execute_sql("SELECT pg_advisory_lock(%s)", (POSTGRESQL_LOCK,))
            try:
                return Runner(database.obj, str(MIGRATIONS)).up()
            finally:
                database.execute_sql("SELECT pg_advisory_unlock(%s)", (POSTGRESQL_LOCK,))
    except DatabaseError as error:
        raise StorageUnusable(f"The database cannot be brought up to date: {str(error).splitlines()[0]}.") from None


def connection() -> AbstractContextManager[None]:
    """Hold a connection of this thread's own for as long as the block runs."""
    return database.connection_context()


def begin() -> None:
    """Have a connection for the work that this thread does next. Raises DatabaseError if none is free in time."""
    if isinstance(database.obj, SqliteDatabase):
        database.connect(reuse_if_open=True)
        return
    turns.take()
    try:
        database.connect(reuse_if_open=True)
    except BaseException:
        turns.give_back()
        raise


def end() -> None:
    """The work is done: a pooled connection goes back; a thread keeps its SQLite file open."""
    if not isinstance(database.obj, SqliteDatabase):
        if not database.is_closed():
            database.close()
        turns.give_back()


def keep_out() -> None:
    """This thread serves many at once: from now on, what would make it wait raises NotAtHand."""
    database.keep_out()


def transaction() -> AbstractContextManager[None]:
    """All or nothing, and nobody else writes in between (on SQLite; on PostgreSQL lock the rows that are read)."""
    return database.atomic()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Of several nodes that keep house at once, one does it after the other. A node that dies leaves it to the next.

    On SQLite nobody has to wait: transactions that write follow one another there.
    """
    if isinstance(database.obj, SqliteDatabase):
        yield
        return
    database.execute_sql("SELECT pg_advisory_lock(%s)", (HOUSE_LOCK,))
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError):  # without a connection there is no lock
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (HOUSE_LOCK,))


def reachable() -> bool:
    """Whether the database answers."""
    try:
        database.connect(reuse_if_open=True)
        database.execute_sql("SELECT 1")
    except DatabaseError:
        return False
    return True
