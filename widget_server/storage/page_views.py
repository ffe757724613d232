"""How often the texts of each page were seen, and with a visible badge: sums by day, of so many pages a month."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import Expression, fn

from widget_server.rules.viewers import day_of
from widget_server.storage import sums
from widget_server.storage.hidden import MOST_PAGES
from widget_server.storage.tables import HiddenBadge, PageTally


class Seen(NamedTuple):
    """Texts seen on one page view. `day` is the number 20261123; an empty page: its address is not kept."""

    site: int
    day: int
    page: str
    seen: int
    disclosed: int


@dataclass(frozen=True, slots=True)
class PageViews:
    """A month of a page. `hidden_by`: what hid the badge, and how often."""

    page: str
    impressions: int
    disclosed: int
    hidden_by: dict[str, int] = field(default_factory=dict)


_apart: dict[tuple[int, int], set[str]] = {}
"""Pages that are told apart, by site and month, as far as this process has read them."""
_lock = threading.Lock()


def forget() -> None:
    with _lock:
        _apart.clear()


def keep(views: Iterable[Seen]) -> None:
    """Add views to the sums. Call it inside a transaction."""
    months: dict[tuple[int, int], list[Seen]] = defaultdict(list)
    for view in views:
        months[view.site, view.day // 100].append(view)
    days: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
    for (site, month), seen in months.items():
        apart = _told_apart(site, month, {view.page for view in seen})
        for view in seen:
            of_page = days[site, view.day, view.page if view.page in apart else ""]
            of_page[0] += view.seen
            of_page[1] += view.disclosed
    sums.add(PageTally, [(*page, *days[page]) for page in sorted(days)])


def _told_apart(site: int, month: int, pages: set[str]) -> set[str]:
    """Those of these pages that have sums of their own in this month, or may get them."""
    known = _apart.get((site, month), set())
    if pages <= known or len(known) >= MOST_PAGES:
        return known
    stored = {page for (page,) in PageTally.select(PageTally.page.distinct()).where(_of(site, month)).tuples()}
    with _lock:
        for closed in [one for one in _apart if one[0] == site and one[1] < month]:
            del _apart[closed]
        _apart[site, month] = stored
    return stored | {*sorted(pages - stored)[: max(MOST_PAGES - len(stored), 0)]}


def of(site: int, month: int, *, most: int) -> list[PageViews]:
    """The pages of a month, those on which the smallest share of views had a visible badge first."""
    impressions, disclosed = fn.SUM(PageTally.impressions), fn.SUM(PageTally.disclosed)
    found = (
        PageTally.select(PageTally.page, impressions, disclosed)
        .where(_of(site, month))
        .group_by(PageTally.page)
        .order_by(disclosed * 1.0 / impressions, impressions.desc(), PageTally.page)
        .limit(most)
        .tuples()
    )
    pages = {page: PageViews(page, int(seen), int(shown)) for page, seen, shown in found}
    hiding = HiddenBadge.select().where(
        HiddenBadge.site == site, HiddenBadge.month == month, HiddenBadge.page.in_(list(pages))
    )
    for row in hiding.order_by(HiddenBadge.views.desc(), HiddenBadge.hidden_by):
        pages[row.page].hidden_by[row.hidden_by] = row.views
    return list(pages.values())


def purge(*, days: int, at: datetime) -> None:
    """Forget pages' days that are more than so many days ago."""
    PageTally.delete().where(PageTally.day < day_of(at - timedelta(days=days))).execute()


def _of(site: int, month: int) -> Expression:
    return (PageTally.site == site) & PageTally.day.between(month * 100, month * 100 + 31)
