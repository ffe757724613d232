"""How many people saw machine-generated text: exact, a month at a time, and forgotten at the month's end.

While a month runs, each of its viewers is one number under a random key. When it is over, the key and the numbers
are destroyed, and what stays is how many there were.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from widget_server.rules.viewers import day_of, forget_keys, viewer_key
from widget_server.storage import (
    applications,
    cases,
    changes,
    faults,
    hidden,
    months,
    page_views,
    policies,
    sums,
    thresholds,
)
from widget_server.storage.hidden import Hidden
from widget_server.storage.page_views import Seen
from widget_server.storage.remembered import Remembered
from widget_server.storage.tables import Tally, Viewer


class Identity(NamedTuple):
    """One person in one month on one site, or (`site` negative) in one application: see storage/tables/counting.py."""

    site: int
    month: int
    key: int


class Impressions(NamedTuple):
    """The views of one page view: how many texts were seen, on how many of them the badge was visible, by whom, when.

    `viewers`: who saw them, on the site and in its `application`. `first_disclosed`: whether the badge of the first
    text was visible. `hidden_by` tells of each text without a visible badge what hid it (empty: not known), on which
    page. `cases`: those of the texts that somebody has reported.
    """

    site: int
    month: int
    at: datetime
    viewers: tuple[Identity, ...]
    seen: int
    disclosed: int
    first_disclosed: bool = False
    application: str = ""
    page: str = ""
    hidden_by: tuple[str, ...] = ()
    cases: tuple[int, ...] = ()

    @property
    def day(self) -> int:
        return day_of(self.at)


_remembered = Remembered()
"""By their keys alone: those of two months or sites are as different as two people's."""


def forget() -> None:
    """Ask the database again for what this process knew."""
    _remembered.forget()
    forget_keys()
    for other in (applications, hidden, months, page_views, thresholds):
        other.forget()


months.when_closed.append(forget)
faults.when_lost.append(forget)


def identify(
    numbers: Iterable[int], *, viewer: str | None, address: str, user_agent: str, at: datetime
) -> tuple[Identity, ...]:
    """Who this is now on the site and in the application with these numbers."""
    found = []
    for number in numbers:
        month, key = months.running_month(number, at=at)
        found.append(Identity(number, month, viewer_key(key, viewer=viewer, address=address, user_agent=user_agent)))
    return tuple(found)


def keep(batch: Iterable[Impressions]) -> None:
    """Store a batch of impressions. Call it inside a transaction; call `remember` once that is committed.

    Raises months.Outdated, and keeps nothing.
    """
    rows = list(batch)
    new = _keep_viewers(rows)
    came: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for (site, month, _), row in new.items():
        came[site, month].append(row.at)
    months.grew({month: len(moments) for month, moments in came.items()})
    _refuse_outdated(new.values())
    thresholds.came(came)
    _add(rows, new)
    cases.saw(case for row in rows for case in row.cases)
    hidden.keep(Hidden(row.site, row.month, row.page, row.hidden_by, row.day) for row in rows if row.hidden_by)
    page_views.keep(Seen(row.site, row.day, row.page, row.seen, row.disclosed) for row in rows)


def _keep_viewers(rows: Sequence[Impressions]) -> dict[Identity, Impressions]:
    """The viewers who were not there before, each with their first views, in the order in which they came."""
    first: dict[Identity, Impressions] = {}
    for row in rows:
        for viewer in row.viewers:
            if viewer.key not in _remembered:
                first.setdefault(viewer, row)
    if not first:
        return {}
    new = set(sums.add_missing(Viewer, sorted(first)))
    return {viewer: row for viewer, row in first.items() if viewer in new}


def _refuse_outdated(rows: Iterable[Impressions]) -> None:
    """Raises months.Outdated if a site is part of another application than its viewers were told apart by.

    Call it once their months have grown: a site that joins others has joined by then, or waits and finds them there.
    """
    told = {(row.site, row.application) for row in rows}
    if not told:
        return
    now = policies.applications({site for site, _ in told})
    if missed := {site for site, application in told if now.get(site, application) != application}:
        for site in missed:
            changes.missed(site)
        raise months.Outdated


def _add(rows: Sequence[Impressions], new: dict[Identity, Impressions]) -> None:
    days: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        of_day = days[row.site, row.day]
        of_day[0] += row.seen
        of_day[1] += row.disclosed
    for viewer, row in new.items():
        of_day = days[viewer.site, row.day]
        of_day[2] += 1
        of_day[3] += row.first_disclosed
    sums.add(Tally, [(*day, *days[day]) for day in sorted(days)])


def remember(batch: Iterable[Impressions]) -> None:
    """These viewers are committed: this process need not store them again."""
    for row in batch:
        for viewer in row.viewers:
            _remembered.add(viewer.key)
