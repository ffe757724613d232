"""Who did what, in the order in which it happened: a chain that is only ever added to (rules/audit.py)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import Expression, Select, SqliteDatabase

from widget_server.rules import audit
from widget_server.rules.audit import BEGINNING, Entry, Link
from widget_server.storage.tables import LogEntry, Moderator, Site, database

AT_ONCE = 1000
FEW_SITES = 100
"""Who sees more of them sees most of what there is."""
BODY = """'["' || newest.digest || '",' || (newest.id + 1) || ',' || CAST({0} AS TEXT)"""
WAYS = {
    True: f"""sha256_hex({BODY}) FROM (
        SELECT id, digest FROM (SELECT id, digest FROM log_entry ORDER BY id DESC LIMIT 1)
        UNION ALL SELECT 0, '{BEGINNING}' ORDER BY id DESC LIMIT 1)""",  # noqa: S608
    False: f"encode(sha256(convert_to({BODY}, 'UTF8')), 'hex') FROM log_newest()",
}
"""On SQLite (True) and on PostgreSQL: how an entry's digest is computed, and from what is there."""
ADD = """
INSERT INTO log_entry (id, at, moderator_id, verb, subject, particulars, site, previous, digest)
SELECT newest.id + 1, CAST({0} AS BIGINT), CAST({0} AS INTEGER), CAST({0} AS TEXT), CAST({0} AS TEXT),
    CAST({0} AS TEXT), CAST({0} AS INTEGER), newest.digest, """


def write(
    verb: str, subject: str, *, moderator: int | None, at: datetime, site: int | None = None, **particulars: Any
) -> None:
    """Keep that `moderator` (None: the operator) did `verb` to `subject`. Nothing that a reader typed belongs here.

    `site`: whose people see it; None: only those who see all sites, and whoever did it. The entry is added at the end
    of the transaction: until then nobody else has to wait for its place in the chain.
    """
    entry = Entry(at, moderator, verb, subject, json.loads(json.dumps(particulars)), site)
    database.at_the_end(lambda: _append(entry))


def write_for_each(
    sites: Iterable[Site], verb: str, subject: str, *, moderator: int | None, at: datetime, **particulars: Any
) -> None:
    """The same of what touches several sites: the people of each see it."""
    with database.atomic():
        for site in sites:
            write(verb, subject, moderator=moderator, at=at, site=site.id, of_site=site.key, **particulars)


def page(
    *, before: int | None, size: int, subject: str = "", sites: list[int] | None = None, reader: int | None = None
) -> list[LogEntry]:
    """The newest entries (about one subject), or those before the entry `before`.

    Of `sites` (None: of everything) and what `reader` did.
    """
    entries = LogEntry.select(LogEntry, Moderator).left_outer_join(Moderator).order_by(LogEntry.id.desc()).limit(size)
    if subject:
        entries = entries.where(LogEntry.subject == subject)
    if sites is not None:
        ways = [LogEntry.moderator == reader, *(LogEntry.site == site for site in sites)]
        if len(ways) <= FEW_SITES:
            about = LogEntry.subject == subject if subject else LogEntry.id > 0
            found = [_newest(way & about, before=before, size=size) for way in ways]
            entries = entries.where(LogEntry.id.in_(reduce(or_, found)))
        else:
            entries = entries.where(LogEntry.site.in_(sites) | (LogEntry.moderator == reader))
    return list(entries.where(LogEntry.id < before) if before else entries)


def _newest(which: Expression, *, before: int | None, size: int) -> Select:
    """By index: where few of all entries are somebody's, the others are not read on the way."""
    earlier = LogEntry.id < before if before else LogEntry.id > 0
    newest = LogEntry.select(LogEntry.id).where(which, earlier).order_by(LogEntry.id.desc()).limit(size)
    return Select([newest], [newest.c.id])


def newest() -> LogEntry | None:
    """The last entry of the chain: whoever keeps its digest can tell later whether anything before it was changed."""
    return LogEntry.select().order_by(LogEntry.id.desc()).first()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of the chain: its length, the digest of the last entry, and the number of the first broken one.

    `expected`: whether an entry has the digest that was asked for.
    """

    entries: int
    newest: str
    broken: int | None
    expected: bool


def verify(expect: str = "", *, progress: Callable[[int, int], None] = lambda *_: None) -> Found:
    """Compute the whole chain again. `progress` is told entries done and in all."""
    total, done, number, newest_digest, expected = LogEntry.select().count(), 0, 0, BEGINNING, not expect
    while rows := list(LogEntry.select().where(LogEntry.id > number).order_by(LogEntry.id).limit(AT_ONCE)):
        broken = audit.first_broken(map(_link, rows), after=newest_digest)
        if broken is not None:
            return Found(total, newest_digest, broken, expected)
        expected = expected or any(row.digest == expect for row in rows)
        done, number, newest_digest = done + len(rows), rows[-1].id, rows[-1].digest
        progress(done, max(total, done))
    return Found(done, newest_digest, None, expected)


def _append(entry: Entry) -> None:
    """One statement, so that nobody comes between reading the newest entry and adding the next."""
    statement = ADD.lstrip() + WAYS[isinstance(database.obj, SqliteDatabase)] + " AS newest"
    moment, particulars = LogEntry.at.db_value(entry.at), LogEntry.particulars.db_value(entry.particulars)
    given = (moment, entry.moderator, entry.verb, entry.subject, particulars, entry.site, entry.body())
    database.execute_sql(statement.format(database.param), given)


def _link(row: LogEntry) -> Link:
    entry = Entry(row.at, row.moderator_id, row.verb, row.subject, row.particulars, row.site)
    return Link(row.id, row.previous, row.digest, entry)
