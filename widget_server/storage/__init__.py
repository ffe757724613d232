"""What the server remembers.

PROMISE: the only folder that knows there is a database. Every function takes and gives values or rows; moments and
chance are passed in.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from peewee import Database, IntegrityError, SqliteDatabase
from peewee import PeeweeException as DatabaseError
from playhouse.migrations import Runner

from widget_server import ownership
from widget_server.rules import keys
from widget_server.storage import faults, locks, turns
from widget_server.storage.faults import may_have_kept, refusal, repeated
from widget_server.storage.file import LONGEST_LOG, File
from widget_server.storage.pool import Pool, WrongAddress
from widget_server.storage.seals import CannotOpen
from widget_server.storage.seals import use as use_secrets
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
    "empty_log",
    "end",
    "examine",
    "in_use",
    "keep_out",
    "leave",
    "may_have_kept",
    "migrate",
    "reachable",
    "refusal",
    "repeated",
    "stay",
    "transaction",
    "use_secrets",
]

MIGRATIONS = Path(__file__).parent / "migrations"
EXAMINED_BYTES = 64 * 2**20
"""A file that is read whole at every start: half a second."""
LOG_SECONDS = 0.1
SIGNS_OF_DAMAGE = ("malformed", "not a database", "corrupt")
DAMAGED = (
    "is damaged: stop the server and put the newest backup in its place with `widget-server restore FILE`; what is "
    "there now is kept beside it."
)
HALF_RESTORED = (
    "{file} is missing, and beside it lies what restores have left ({left}): put a backup, or the one that was moved "
    "away, in its place with `widget-server restore FILE`. To begin with an empty database, move these elsewhere."
)
_log = logging.getLogger("widget_server")


class StorageUnusable(Exception):
    """The database cannot be used. The text says why and the remedy, in one line."""


def connect(url: str, *, most: int = turns.MOST) -> Database:
    """Make the database behind `url` the one that all storage uses. Raises StorageUnusable.

    `most`: how many may `begin` at once.
    """
    turns.allow(most)
    logging.getLogger("peewee").setLevel(logging.WARNING)  # below that it tells each statement with what is stored
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        _private(Path(path))
        chosen: Database = File(
            path,
            timeout=BUSY_SECONDS,
            lock_type="IMMEDIATE",
            pragmas={
                "journal_mode": "wal",
                "synchronous": "full",
                "foreign_keys": 1,
                "secure_delete": 1,
                "wal_autocheckpoint": LONGEST_LOG,
            },
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
        why = _why(error)
        remedy = "" if DAMAGED[:-1] in why else " Is the place there and writable?"
        raise StorageUnusable(f"WIDGET_DATABASE_URL cannot be opened: {why}.{remedy}") from None
    return chosen


def _private(file: Path) -> None:
    """It holds what reporters wrote: nobody else on the machine reads it. None is begun where one is to be put back."""
    if file.parent.is_dir() and not file.exists():
        from widget_server.storage import backups  # which needs what is here

        if left := backups.left_beside(file.resolve()):
            raise StorageUnusable(HALF_RESTORED.format(file=file.name, left=left))
        with contextlib.suppress(OSError):  # opening it tells why, with the remedy
            file.touch(mode=0o600)
            ownership.give(file, like=file.parent)


def in_use() -> bool:
    """Whether anything was ever kept in this database. Raises StorageUnusable."""
    try:
        with connection():
            return bool(Runner(database.obj, str(MIGRATIONS)).applied())
    except DatabaseError as error:
        raise StorageUnusable(f"The database cannot be read: {_why(error)}.") from None


def migrate() -> list[str]:
    """Bring the tables up to this version, after a copy of the file. Safe to call at every start.

    Raises StorageUnusable, also if a newer version was here.
    """
    try:
        with connection():
            runner = Runner(database.obj, str(MIGRATIONS))
            pending = _pending(runner)
            if isinstance(database.obj, SqliteDatabase):
                return _migrate_file(runner, pending)
            database.execute_sql("SELECT pg_advisory_lock(%s)", (locks.MIGRATING,))
            try:
                return runner.up()
            finally:
                database.execute_sql("SELECT pg_advisory_unlock(%s)", (locks.MIGRATING,))
    except (DatabaseError, CannotOpen) as error:
        raise StorageUnusable(f"The database cannot be brought up to date: {_why(error)}.") from None


def _pending(runner: Runner) -> list[str]:
    """The migrations that this database still needs; none of one that holds nothing yet."""
    applied, ours = set(runner.applied()), [migration.name for migration in runner.migrations()]
    if applied - set(ours):
        raise StorageUnusable("The database was written by a newer version: install that version, or restore a backup.")
    return [name for name in ours if name not in applied] if applied else []


def _migrate_file(runner: Runner, pending: list[str]) -> list[str]:
    if pending:
        from widget_server.storage import backups  # which needs what is here

        copy = backups.before(pending[0])
        _log.warning("the database is brought up to date; %s is a copy of it as it was", copy.name)
    with database.atomic():
        done: list[str] = runner.up()
    if pending:
        empty_log()
    return done


def examine(*, large: bool = False) -> None:
    """Raises StorageUnusable if the file of an SQLite installation is damaged. A `large` one is read only if wanted:
    `check` alone does so.
    """
    if not isinstance(database.obj, SqliteDatabase):
        return
    if large or Path(database.obj.database).stat().st_size <= EXAMINED_BYTES:
        with connection():
            try:
                (found,) = database.execute_sql("PRAGMA quick_check(1)").fetchone()
            except DatabaseError as error:
                found = str(error)
        if found != "ok":
            raise StorageUnusable(f"{Path(database.obj.database).name} {DAMAGED}")


def empty_log() -> None:
    """What was deleted leaves SQLite's log of writes, too; while somebody reads or writes, the next time."""
    if isinstance(database.obj, SqliteDatabase):
        with contextlib.closing(sqlite3.connect(database.obj.database, timeout=LOG_SECONDS)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _why(error: Exception) -> str:
    """In one line, with the remedy if the file is broken."""
    why = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"the file {DAMAGED[:-1]}" if any(sign in why for sign in SIGNS_OF_DAMAGE) else why


def connection() -> AbstractContextManager[None]:
    """Hold a connection of this thread's own for as long as the block runs."""
    return database.connection_context()


def begin() -> None:
    """Have a connection for the work that this thread does next. Raises DatabaseError if none is free in time."""
    faults.kept(False)
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


def leave() -> None:
    """Nothing of the database is open in this process any more: it may be copied."""
    if isinstance(database.obj, Pool):
        database.obj.close_all()
    elif not database.is_closed():
        database.close()
    turns.give_back()


def stay() -> None:
    """This process serves until it ends, and is not copied: nobody has an SQLite file `alone` meanwhile."""
    if isinstance(database.obj, File):
        database.obj.stay()


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
    database.execute_sql("SELECT pg_advisory_lock(%s)", (locks.KEEPING_HOUSE,))
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError):  # without a connection there is no lock
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (locks.KEEPING_HOUSE,))


def clock() -> datetime:
    """What time it is where the database is."""
    here = isinstance(database.obj, SqliteDatabase)
    asked = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00')" if here else "SELECT clock_timestamp()"
    (found,) = database.execute_sql(asked).fetchone()
    return datetime.fromisoformat(found) if here else found.astimezone(UTC)


def reachable() -> bool:
    """Whether the database answers."""
    try:
        database.connect(reuse_if_open=True)
        database.execute_sql("SELECT 1")
    except DatabaseError:
        return False
    return True
