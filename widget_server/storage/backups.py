"""Copies of an SQLite installation: taken while it runs, put back only if whole, as made, and not newer.

Copies and what they replace are for the owner's eyes only, as the database is. Nothing is put in the place of a file
that a server still has: it would go on with the old one, and lose what it acknowledges.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from glob import escape
from itertools import count
from pathlib import Path

from peewee import SqliteDatabase
from playhouse.migrations import Runner

from widget_server import ownership
from widget_server.storage import MIGRATIONS, SIGNS_OF_DAMAGE, DatabaseError, StorageUnusable, shape
from widget_server.storage.file import InUse, alone
from widget_server.storage.tables import database

PAGES_AT_ONCE = 1000
HEADER = b"SQLite format 3\0"
PARTS = ("", "-wal", "-shm")
PRIVATE = 0o600
AT_MOST_NAMED = 5
ASIDE, MIDWAY = ".before-restore-", ".restoring"


def backup(target: Path, *, progress: Callable[[int, int], None]) -> None:
    """Copy the running database to `target`. `progress` is told pages done and in all. Raises StorageUnusable."""
    if not isinstance(database.obj, SqliteDatabase):
        raise StorageUnusable("This installation runs on PostgreSQL: back it up with pg_dump.")
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
    except FileExistsError:
        raise StorageUnusable(f"{target} exists already: choose another name.") from None
    except OSError as error:
        raise StorageUnusable(f"The backup cannot be written: {error.strerror}.") from None
    try:
        _copy(Path(database.obj.database), target, progress=progress)
    except sqlite3.Error as error:
        _remove(target)
        raise StorageUnusable(f"The backup cannot be written: {error}.") from None


def before(migration: str) -> Path:
    """A copy of the database as it is before this migration, beside it. Raises StorageUnusable."""
    file = Path(database.obj.database).resolve()
    copy = _free_name(file.with_name(f"{file.name}.before-{migration}"))
    backup(copy, progress=lambda *_: None)
    return copy


def check(file: Path) -> None:
    """Raises StorageUnusable unless `file` is a whole database as we make it, which this version can read."""
    known = {migration.name for migration in Runner(SqliteDatabase(":memory:"), str(MIGRATIONS)).migrations()}
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise StorageUnusable(f"{file} is damaged: use another backup.")
            applied = {name for (name,) in source.execute("SELECT name FROM schema_migration")}
            wrong = [] if applied - known else shape.wrong(source, applied)
    except (sqlite3.Error, DatabaseError) as error:
        raise StorageUnusable(f"{file} is not a backup of widget-server: {error}.") from None
    if applied - known:
        raise StorageUnusable(f"{file} was written by a newer version: install that version first.")
    if not applied:
        raise StorageUnusable(f"{file} is not a backup of widget-server: nothing was ever kept in it.")
    if wrong:
        raise StorageUnusable(f"{file} is not as it was made ({_shortened(wrong)}): use another backup.")


def restore(file: Path, target: Path, *, at: datetime) -> Path | None:
    """Put a backup in the place of the database. Raises StorageUnusable, also while a server runs on it.

    The old database is kept beside it, under the name that is given back; None if there was none.
    """
    target = target.resolve()
    if file.exists() and target.exists() and file.samefile(target):
        raise StorageUnusable(f"{file} is the database itself: name a backup.")
    check(file)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=MIDWAY, dir=target.parent)
        os.close(descriptor)
        copy = Path(name)
        try:
            _copy(file, copy)
            ownership.give(copy, like=target if target.exists() else target.parent)
            with _nobody_has(target):
                kept = _exchange(target, copy, at=at)
        finally:
            _remove(copy)
    except InUse as refusal:
        raise StorageUnusable(str(refusal)) from None
    except (OSError, sqlite3.Error) as error:
        raise StorageUnusable(f"{file} cannot be put in place: {error}.") from None
    return kept


def left_beside(target: Path) -> str:
    """The names of what restores have left there: where the database itself is missing, one was broken off."""
    left = (target.parent.glob(f"{escape(target.name)}{end}") for end in (f"{ASIDE}*", f".*{MIDWAY}"))
    return _shortened(sorted(file.name for found in left for file in found))


def _shortened(wrong: list[str]) -> str:
    return ", ".join(wrong[:AT_MOST_NAMED]) + (" and more" if len(wrong) > AT_MOST_NAMED else "")


def _copy(source: Path, target: Path, *, progress: Callable[[int, int], None] = lambda *_: None) -> None:
    """As the source is now: it is held so, or SQLite would begin anew after each write of somebody else."""
    with closing(sqlite3.connect(source, isolation_level=None)) as whole, closing(sqlite3.connect(target)) as copy:
        whole.execute("BEGIN")
        whole.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        whole.backup(copy, pages=PAGES_AT_ONCE, progress=lambda _, rest, total: progress(total - rest, total))


@contextmanager
def _nobody_has(target: Path) -> Iterator[None]:
    """Nobody opens the database meanwhile; one that is too damaged to be opened, nobody has. Raises InUse.

    It is left without a log of writes: whoever waited for it and then finds it moved away cannot write into it.
    """
    with ExitStack() as held:
        if target.exists() and _begins_as_database(target):
            try:
                held.enter_context(closing(alone(target))).execute("PRAGMA journal_mode = DELETE")
            except sqlite3.DatabaseError as error:
                if not any(sign in str(error) for sign in SIGNS_OF_DAMAGE):
                    raise
        yield


def _begins_as_database(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(HEADER)) == HEADER


def _exchange(target: Path, copy: Path, *, at: datetime) -> Path | None:
    """Move the database away with its log, so that the next one does not read it. Gives its new name.

    All of it comes back where the copy does not get into its place.
    """
    found = [part for part in PARTS if _part(target, part).exists()]
    kept = _free_name(target.with_name(f"{target.name}{ASIDE}{at:%Y%m%dT%H%M%S}"))
    for part in found:
        _part(target, part).chmod(PRIVATE)
    with ExitStack() as back:
        for part in found:
            back.callback(_part(target, part).rename(_part(kept, part)).rename, _part(target, part))
        copy.replace(target)
        back.pop_all()
    return kept if "" in found else None


def _free_name(wanted: Path) -> Path:
    names = (wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}") for number in count(1))
    return next(name for name in names if not any(_part(name, part).exists() for part in PARTS))


def _remove(file: Path) -> None:
    for part in (*PARTS, "-journal"):
        _part(file, part).unlink(missing_ok=True)


def _part(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)
