"""The months in which viewers are counted: opened by the first view, told while they run, closed for ever when over."""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from peewee import EXCLUDED, PeeweeException, Query, SqliteDatabase, fn

from widget_server.rules.viewers import following, month_of
from widget_server.storage import seals
from widget_server.storage.ready import Ready
from widget_server.storage.seals import Kind
from widget_server.storage.tables import Month, Site, Tally, Viewer, database

KEY_BYTES = 32
GRACE = timedelta(seconds=10)
"""How long after its end a month still waits for views that came in before it."""

_known: dict[int, tuple[int, tuple[int, bytes]]] = {}
"""By site: a month of the clock, and the month in which views count then, with its key, as this process read it."""
forget = _known.clear
when_closed: list[Callable[[], None]] = []
"""What a process does when it has closed months: it forgets what it knew of them."""


class Outdated(PeeweeException):
    """These viewers were told apart by what holds no longer, as a closed month's key: ask once more who they are."""


class Day(NamedTuple):
    """A day of a site. `viewers`: who came first on it; `first_disclosed`: who of them saw their first badge.

    A first view is a person's first of the month on the site, not a text's first: with a row for each text the
    database would grow with texts and not with people, and whom the guideline protects is a person.
    """

    day: int
    impressions: int
    disclosed: int
    viewers: int
    first_disclosed: int


@dataclass(frozen=True, slots=True)
class Usage:
    """A month of a site. `viewers` is exact; the days are in order."""

    month: int
    viewers: int
    days: list[Day]

    @property
    def impressions(self) -> int:
        return sum(day.impressions for day in self.days)

    @property
    def disclosed(self) -> int:
        return sum(day.disclosed for day in self.days)

    @property
    def first_views(self) -> int:
        return sum(day.viewers for day in self.days)

    @property
    def first_disclosed(self) -> int:
        return sum(day.first_disclosed for day in self.days)


def running_month(site: int, *, at: datetime) -> tuple[int, bytes]:
    """The month in which a view counts now, and its key."""
    known = _known.get(site)
    if known and known[0] == month_of(at):
        return known[1]
    if known:  # its month is over
        forget_everywhere()
    month = running(site, at=at)
    made = seals.seal_key(Kind.VIEWERS, secrets.token_bytes(KEY_BYTES))
    with database.atomic():
        if database.for_update:  # a site that joins others has joined now, or finds this month
            list(Site.select(Site.id).where(Site.id == site).for_update("FOR KEY SHARE"))
        Month.insert(site=site, month=month, key=made).on_conflict_ignore().execute()
    key = seals.opened_key(Kind.VIEWERS, bytes(Month.get(Month.site == site, Month.month == month).key))
    _known[site] = (month_of(at), (month, key))
    return month, key


def running(site: int, *, at: datetime) -> int:
    """The month in which a view counts now: the clock's.

    A closed month is never opened again: once a clock has stepped back, views count in the next one that is not. What a
    clock that was ahead has opened changes nothing until that month comes.
    """
    month = month_of(at)
    over = Month.select(Month.month).where(Month.site == site, Month.month >= month, Month.key.is_null())
    closed = {found for (found,) in over.tuples()}
    while month in closed:
        month = following(month)
    return month


def grew(new: Mapping[tuple[int, int], int]) -> None:
    """So many came to these months of sites for the first time. Call it in the transaction that keeps them.

    Of two who count for one site at once, the second waits here for the first. Raises Outdated, and keeps nothing,
    if another process has closed one of them, or a replica that took over knows nothing of it: it has no key.
    """
    rows = [(site, month, number) for (site, month), number in sorted(new.items())]
    if rows and sum(has_key for (has_key,) in _grown.ask(*chain.from_iterable(rows))) < len(rows):
        forget_everywhere()
        raise Outdated


def _growing(*values: Any) -> Query:
    rows = list(zip(*[iter(values)] * 3, strict=True))
    growing = Month.insert_many(rows, fields=[Month.site, Month.month, Month.unique_viewers]).on_conflict(
        conflict_target=[Month.site, Month.month],
        update={Month.unique_viewers: fn.COALESCE(Month.unique_viewers, 0) + EXCLUDED.unique_viewers},
        where=Month.key.is_null(False),
    )
    return growing.returning(Month.key.is_null(False))


_grown = Ready(_growing)


def join(site: int, *, at: datetime) -> None:
    """From now on the site counts together with others. Who came before, in months that are not over, is known here
    alone.
    """
    now_open = (Month.site == site) & Month.key.is_null(False) & (Month.month >= month_of(at))
    Month.update(before_joining=fn.COALESCE(Month.unique_viewers, 0)).where(now_open).execute()


def close_months(*, at: datetime) -> int:
    """Destroy keys and viewers of every month that is over, keeping their number. Returns how many months closed.

    `at`: a time that has come for certain (storage/certain.py).
    """
    running = month_of(at - GRACE)
    over = Month.key.is_null(False) & (Month.month < running)
    if not Month.select().where(over).exists():
        return 0
    with database.atomic():
        _destroy_viewers(before=running)
        closed = Month.update(key=None).where(over).execute()
    forget_everywhere()
    return closed


def being_closed(month: int) -> bool:
    """Whether a site still counts viewers of this month."""
    return Month.select().where(Month.month == month, Month.key.is_null(False)).exists()


def number_of_viewers(site: int, month: int) -> int:
    return Month.select(Month.unique_viewers).where(Month.site == site, Month.month == month).scalar() or 0


def viewers_together(number: int, month: int, sites: Collection[int]) -> int:
    """Those of an application with this number and these sites: never too few.

    Who came to a site before it joined is not known again afterwards, and counts besides, up to as many as all sites
    have one by one.
    """
    found = {row.site: row for row in Month.select().where(Month.month == month, Month.site.in_([number, *sites]))}
    parts = [found[site] for site in sites if site in found]
    whole = (found[number].unique_viewers or 0) if number in found else 0
    each = [part.unique_viewers or 0 for part in parts]
    return max(whole, *each, min(whole + sum(part.before_joining for part in parts), sum(each)))


def usage(site: int, month: int) -> Usage:
    """What is known of a month."""
    viewers = number_of_viewers(site, month)
    summed = (Tally.day, Tally.impressions, Tally.disclosed, Tally.viewers, Tally.first_disclosed)
    of_month = (Tally.site == site) & Tally.day.between(month * 100, month * 100 + 31)
    days = Tally.select(*summed).where(of_month).order_by(Tally.day).tuples()
    return Usage(month, viewers, [Day(*row) for row in days])


def of(site: int) -> list[int]:
    """The months of which something is known, the newest first."""
    return [row.month for row in Month.select(Month.month).where(Month.site == site).order_by(Month.month.desc())]


def forget_everywhere() -> None:
    """In this process: a month is over, or was not what it seemed."""
    for work in when_closed:
        work()


def _destroy_viewers(*, before: int) -> None:
    """Of all months before this one. PostgreSQL's tables of the ten that precede it are emptied as a whole.

    The next month's is not: on a node whose clock is ahead, it has begun.
    """
    if not isinstance(database.obj, SqliteDatabase):
        running = {month % 100 for (month,) in Month.select(Month.month).where(Month.month >= before).tuples()}
        precede = {(before % 100 - back - 1) % 12 + 1 for back in range(1, 11)}
        parts = ", ".join(f"viewer_{number:02}" for number in sorted(precede - running))
        database.execute_sql(f"TRUNCATE {parts}")
    Viewer.delete().where(Viewer.month < before).execute()
