"""SQLite's file, whose disk may be full, and which one may have to have alone."""

import sqlite3
from pathlib import Path

from peewee import SqliteDatabase

PATIENCE_SECONDS = 1


class InUse(Exception):
    """Somebody else has the file open. The text says so, with the remedy."""


class File(SqliteDatabase):
    def rollback(self) -> None:
        """SQLite has rolled back by itself where its disk was full or broken: what was wrong before is what is told."""
        if self.connection().in_transaction:
            super().rollback()


def alone(file: Path) -> sqlite3.Connection:
    """The file, opened so that nobody else reads or writes it until this connection ends. Raises InUse.

    A server that has answered anything from it keeps it open.
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
