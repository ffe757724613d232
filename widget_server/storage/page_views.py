"""How often the texts of each page were seen, and with a visible badge: sums by day, of so many pages a month."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import Expression, fn

from widget_server.rules.viewers import day_of
from widget_server.storage import sums
from widget_server.storage.places import Places
from widget_server.storage.ready import Ready
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


def _weights(site: int, month: int) -> Iterable[tuple[str, int]]:
    query = PageTally.select(PageTally.page, fn.SUM(PageTally.weight)).where(_of(site, month))
    return query.group_by(PageTally.page).tuples()


_places = Places(_weights)
forget = _places.forget


def keep(views: Iterable[Seen]) -> None:
    """Add views to the sums. Call it inside a transaction."""
    months: dict[tuple[int, int], list[Seen]] = defaultdict(list)
    for view in views:
        months[view.site, view.day // 100].append(view)
    days: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for (site, month), seen in months.items():
        apart = _places.give(site, month, Counter(view.page for view in seen))
        for day, impressions, disclosed in _let_go(site, month, apart.gone):
            _count(days[site, day, ""], impressions, disclosed)
        for view in seen:
            page = view.page if view.page in apart.added else ""
            _count(days[site, view.day, page], view.seen, view.disclosed)
        last = {view.page: view.day for view in seen}
        for page, weight in apart.added.items():
            days[site, last[page], page][2] += weight
    sums.add(PageTally, [(*page, *days[page]) for page in sorted(days)])


def _count(sum_: list[int], seen: int, disclosed: int) -> None:
    sum_[0] += seen
    sum_[1] += disclosed


def _let_go(site: int, month: int, pages: list[str]) -> list[tuple[int, int, int]]:
    """The sums of pages that are not told apart any more."""
    return _gone.ask(site, month * 100, month * 100 + 31, *pages).fetchall() if pages else []


_gone = Ready(
    lambda site, first, last, *pages: (
        PageTally.delete()
        .where(PageTally.site == site, PageTally.day.between(first, last), PageTally.page.in_(pages))
        .returning(PageTally.day, PageTally.impressions, PageTally.disclosed)
    )
)


def of(site: int, month: int, *, most: int) -> list[PageViews]:
    """The pages of a month, those on which the smallest share of views had a visible badge first."""
    impressions, disclosed = fn.SUM(PageTally.impressions), fn.SUM(PageTally.disclosed)
    found = (
        PageTally.select(PageTally.page, impressions, disclosed)
        .where(_of(site, month))
        .group_by(PageTally.page)
        .order_by(disclosed * 1.0 / impressions, fn.SUM(PageTally.weight).desc(), PageTally.page)
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
