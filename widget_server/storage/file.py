"""SQLite's file, whose disk may be full, and which one may have to have alone; and its log of writes.

What is committed is in the log, and durable. That it gets from there into the file takes longest where the file is
large, since the pages lie all over it: a thread does it, so that no commit waits for that.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path

from peewee import SqliteDatabase

from widget_server.storage import faults

COMMITS = 50
"""After so many, the log is brought into the file."""
LONGEST_LOG = 8_000
"""Pages of the log after which a commit waits until it is in the file: only then can it begin anew."""
PATIENCE_SECONDS = 1


class InUse(Exception):
    """Somebody else has the file open. The text says so, with the remedy."""


class File(SqliteDatabase):
    """Its commits are counted by whichever thread has the turn (storage/tables/base.py)."""

    _commits = 0
    _moving: threading.Thread | None = None
    _stay: sqlite3.Connection | None = None

    def stay(self) -> None:
        """This process has the file until it ends, though it may never ask it anything."""
        self._stay = sqlite3.connect(self.database)
        self._stay.execute("PRAGMA user_version").fetchone()  # who has read once keeps a lock on a file with a log

    def commit(self) -> None:
        super().commit()
        faults.kept()
        self._commits += 1
        if self._commits >= COMMITS and not (self._moving and self._moving.is_alive()):
            self._commits = 0
            self._moving = threading.Thread(target=bring_in, args=(Path(self.database),), name="log", daemon=True)
            self._moving.start()

    def rollback(self) -> None:
        """SQLite has rolled back by itself where its disk was full or broken: what was wrong before is what is told."""
        if self.connection().in_transaction:
            super().rollback()


def bring_in(path: Path) -> None:
    """Bring what is in the log into the file, beside those who read and write. What fails is done the next time."""
    with contextlib.suppress(sqlite3.Error):
        file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        with contextlib.closing(file):
            file.execute("PRAGMA synchronous = FULL")
            file.execute("PRAGMA wal_checkpoint(PASSIVE)")


def alone(file: Path) -> sqlite3.Connection:
    """The file, opened so that nobody else reads or writes it until this connection ends. Raises InUse.

    The processes of a server stay with it from their start.
    """
    mine = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=PATIENCE_SECONDS
    )
    try:
        mine.execute("PRAGMA locking_mode = EXCLUSIVE")
        mine.execute("BEGIN EXCLUSIVE")
        mine.execute("COMMIT")
    except sqlite3.Error as error:
        mine.close()
        if "locked" in str(error):
            raise InUse(f"{file} is in use: stop the server first.") from None
        raise
    return mine
