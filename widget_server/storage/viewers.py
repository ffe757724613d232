"""How many people saw machine-generated text: exact, a month at a time, and forgotten at the month's end.

While a month runs, each of its viewers is one number under a random key. When it is over, the key and the numbers
are destroyed, and what stays is how many there were.
"""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import EXCLUDED

from widget_server.rules import keys
from widget_server.rules.viewers import month_of, viewer_key
from widget_server.storage import cases, hidden
from widget_server.storage.hidden import Hidden
from widget_server.storage.tables import Month, Tally, Viewer, database

GRACE = timedelta(seconds=10)
"""How long after its end a month still waits for views that came in before it."""

REMEMBERED = 200_000
"""Viewers that this process remembers having stored, so that they cost no statement."""


@dataclass(frozen=True, slots=True)
class Impressions:
    """The views of one page view: how many texts were seen, on how many of them the badge was visible, by whom.

    `hidden_by` tells of each other one what hid its badge (empty: not known), on which page. `texts`: their digests.
    """

    site: int
    month: int
    day: int
    viewer: int | None
    seen: int
    disclosed: int
    page: str = ""
    hidden_by: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """A month of a site. `viewers` is exact; `days` are (day, impressions, disclosed) in order."""

    month: int
    viewers: int
    impressions: int
    disclosed: int
    days: list[tuple[int, int, int]]


class _Memory:
    """What one process knows of the running months, so that a view asks the database for neither key nor viewer."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.months: dict[int, tuple[int, bytes]] = {}
        self.stored: set[tuple[int, int, int]] = set()

    def forget(self) -> None:
        with self.lock:
            self.months.clear()
            self.stored.clear()


_memory = _Memory()
forget = _memory.forget


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
        month = _following(month)
    Month.insert(site=site, month=month, key=secrets.token_bytes(32)).on_conflict_ignore().execute()
    stored = bytes(Month.get(Month.site == site, Month.month == month).key)
    with _memory.lock:
        _memory.months[site] = (month, stored)
    return month, stored


def _following(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89


def identify(
    site: int, *, server_secret: str, viewer: str | None, address: str, user_agent: str, at: datetime
) -> tuple[int, int]:
    """The running month and the number of this viewer in it."""
    month, stored = running_month(site, at=at)
    key = keys.month_key(server_secret, stored=stored)
    return month, viewer_key(key, viewer=viewer, address=address, user_agent=user_agent)


def keep(batch: Iterable[Impressions]) -> None:
    """Store a batch of impressions. Call it inside a transaction; call `remember` once that is committed."""
    rows = list(batch)
    new = {(row.site, row.month, row.viewer) for row in rows if row.viewer is not None} - _memory.stored
    if new:
        Viewer.insert_many(sorted(new), fields=[Viewer.site, Viewer.month, Viewer.key]).on_conflict_ignore().execute()
    sums: dict[tuple[int, int], tuple[int, int]] = {}
    for row in rows:
        seen, disclosed = sums.get((row.site, row.day), (0, 0))
        sums[row.site, row.day] = (seen + row.seen, disclosed + row.disclosed)
    for (site, day), (seen, disclosed) in sorted(sums.items()):
        Tally.insert(site=site, day=day, impressions=seen, disclosed=disclosed).on_conflict(
            conflict_target=[Tally.site, Tally.day],
            update={
                Tally.impressions: Tally.impressions + EXCLUDED.impressions,
                Tally.disclosed: Tally.disclosed + EXCLUDED.disclosed,
            },
        ).execute()
    cases.saw((row.site, text) for row in rows for text in row.texts)
    hidden.keep(Hidden(row.site, row.month, row.page, by, row.day) for row in rows for by in row.hidden_by)


def remember(batch: Iterable[Impressions]) -> None:
    """These viewers are committed: this process need not store them again."""
    with _memory.lock:
        if len(_memory.stored) > REMEMBERED:
            _memory.stored.clear()
        _memory.stored.update((row.site, row.month, row.viewer) for row in batch if row.viewer is not None)


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
    tallies = (
        Tally.select().where(Tally.site == site, Tally.day.between(month * 100, month * 100 + 31)).order_by(Tally.day)
    )
    days = [(tally.day, tally.impressions, tally.disclosed) for tally in tallies]
    return Usage(
        month=month,
        viewers=viewers,
        impressions=sum(day[1] for day in days),
        disclosed=sum(day[2] for day in days),
        days=days,
    )


def months(site: int) -> list[int]:
    """The months of which something is known, the newest first."""
    return [row.month for row in Month.select(Month.month).where(Month.site == site).order_by(Month.month.desc())]
