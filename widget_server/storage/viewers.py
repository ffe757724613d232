"""How many people saw machine-generated text: exact, a month at a time, and forgotten at the month's end.

While a month runs, each of its viewers is one number under a random key. When it is over, the key and the numbers
are destroyed, and what stays is how many there were.
"""

import secrets
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import EXCLUDED

from widget_server.rules import keys
from widget_server.rules.viewers import day_of, following, month_of, viewer_key
from widget_server.storage import applications, cases, hidden, page_views, thresholds
from widget_server.storage.hidden import Hidden
from widget_server.storage.page_views import Seen
from widget_server.storage.tables import Month, Site, Tally, Viewer, database

GRACE = timedelta(seconds=10)
"""How long after its end a month still waits for views that came in before it."""

REMEMBERED = 200_000
"""Viewers that this process remembers having stored, so that they cost no statement."""


class Identity(NamedTuple):
    """One person in one month on one site, or (`site` negative) in one application: see storage/tables/counting.py."""

    site: int
    month: int
    key: int


@dataclass(frozen=True, slots=True)
class Impressions:
    """The views of one page view: how many texts were seen, on how many of them the badge was visible, by whom, when.

    `viewers`: who saw them, on the site and in its application. `first_disclosed`: whether the badge of the first text
    was visible. `hidden_by` tells of each text without a visible badge what hid it (empty: not known), on which page.
    `texts`: their digests.
    """

    site: int
    month: int
    at: datetime
    viewers: tuple[Identity, ...]
    seen: int
    disclosed: int
    first_disclosed: bool = False
    page: str = ""
    hidden_by: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def day(self) -> int:
        return day_of(self.at)


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


class _Memory:
    """What one process knows of the running months, so that a view asks the database for neither key nor viewer."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.months: dict[int, tuple[int, bytes]] = {}
        self.stored: set[Identity] = set()

    def forget(self) -> None:
        with self.lock:
            self.months.clear()
            self.stored.clear()


_memory = _Memory()


def forget() -> None:
    """Ask the database again for what this process knew."""
    _memory.forget()
    for other in (applications, page_views, thresholds):
        other.forget()


def running_month(site: int, *, at: datetime) -> tuple[int, bytes]:
    """The month in which a view counts now and the stored half of its key.

    A clock that steps back never opens a closed month again: its views count in the newest one.
    """
    known = _memory.months.get(site)
    if known and known[0] >= month_of(at):
        return known
    close_months(at=at)
    newest = Month.select().where(Month.site == site).order_by(Month.month.desc()).first()
    month = max(month_of(at), newest.month if newest else 0)
    if newest and newest.month == month and newest.closed_at:
        month = following(month)
    Month.insert(site=site, month=month, key=secrets.token_bytes(32)).on_conflict_ignore().execute()
    stored = bytes(Month.get(Month.site == site, Month.month == month).key)
    with _memory.lock:
        _memory.months[site] = (month, stored)
    return month, stored


def identify(
    site: Site, *, server_secret: str, viewer: str | None, address: str, user_agent: str, at: datetime
) -> tuple[Identity, ...]:
    """Who this is on the site now, and in the application that it belongs to."""
    found = []
    for number in dict.fromkeys([site.id, applications.number_of(site)]):
        month, stored = running_month(number, at=at)
        key = keys.month_key(server_secret, stored=stored)
        found.append(Identity(number, month, viewer_key(key, viewer=viewer, address=address, user_agent=user_agent)))
    return tuple(found)


def keep(batch: Iterable[Impressions]) -> None:
    """Store a batch of impressions. Call it inside a transaction; call `remember` once that is committed."""
    rows = list(batch)
    new = _keep_viewers(rows)
    came: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for (site, month, _), row in new.items():
        came[site, month].append(row.at)
    thresholds.came(came)
    _add(rows, new)
    cases.saw((row.site, text) for row in rows for text in row.texts)
    hidden.keep(Hidden(row.site, row.month, row.page, by, row.day) for row in rows for by in row.hidden_by)
    page_views.keep(Seen(row.site, row.day, row.page, row.seen, row.disclosed) for row in rows)


def _keep_viewers(rows: Sequence[Impressions]) -> dict[Identity, Impressions]:
    """The viewers who were not there before, each with their first views, in the order in which they came."""
    first: dict[Identity, Impressions] = {}
    for row in rows:
        for viewer in row.viewers:
            if viewer not in _memory.stored:
                first.setdefault(viewer, row)
    if not first:
        return {}
    kept = Viewer.insert_many(sorted(first), fields=[Viewer.site, Viewer.month, Viewer.key]).on_conflict_ignore()
    new = set(kept.returning(Viewer.site, Viewer.month, Viewer.key).tuples().execute())
    return {viewer: row for viewer, row in first.items() if viewer in new}


def _add(rows: Sequence[Impressions], new: dict[Identity, Impressions]) -> None:
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        of_day = sums[row.site, row.day]
        of_day[0] += row.seen
        of_day[1] += row.disclosed
    for viewer, row in new.items():
        of_day = sums[viewer.site, row.day]
        of_day[2] += 1
        of_day[3] += row.first_disclosed
    summed = (Tally.impressions, Tally.disclosed, Tally.viewers, Tally.first_disclosed)
    Tally.insert_many(
        [(*day, *sums[day]) for day in sorted(sums)], fields=[Tally.site, Tally.day, *summed]
    ).on_conflict(
        conflict_target=[Tally.site, Tally.day],
        update={column: column + getattr(EXCLUDED, column.name) for column in summed},
    ).execute()


def remember(batch: Iterable[Impressions]) -> None:
    """These viewers are committed: this process need not store them again."""
    with _memory.lock:
        if len(_memory.stored) > REMEMBERED:
            _memory.stored.clear()
        _memory.stored.update(viewer for row in batch for viewer in row.viewers)


def close_months(*, at: datetime) -> int:
    """Destroy keys and viewers of every month that is over, keeping their number. Returns how many months closed."""
    running = month_of(at - GRACE)
    with database.atomic():
        over = list(Month.select().where(Month.month < running, Month.closed_at.is_null()))
        for row in over:
            count = Viewer.select().where(Viewer.site == row.site, Viewer.month == row.month).count()
            Month.update(key=None, unique_viewers=count, closed_at=at).where(
                Month.site == row.site, Month.month == row.month
            ).execute()
        if over:
            Viewer.delete().where(Viewer.month < running).execute()
    if over:
        forget()
    return len(over)


def usage(site: int, month: int) -> Usage:
    """What is known of a month: counted while it runs, remembered afterwards."""
    row = Month.get_or_none(Month.site == site, Month.month == month)
    if row and row.closed_at:
        viewers = row.unique_viewers
    else:
        viewers = Viewer.select().where(Viewer.site == site, Viewer.month == month).count()
    summed = (Tally.day, Tally.impressions, Tally.disclosed, Tally.viewers, Tally.first_disclosed)
    of_month = (Tally.site == site) & Tally.day.between(month * 100, month * 100 + 31)
    days = Tally.select(*summed).where(of_month).order_by(Tally.day).tuples()
    return Usage(month, viewers, [Day(*row) for row in days])


def months(site: int) -> list[int]:
    """The months of which something is known, the newest first."""
    return [row.month for row in Month.select(Month.month).where(Month.site == site).order_by(Month.month.desc())]
