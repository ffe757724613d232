"""On which pages of a site something hid the badge from readers: sums, a month at a time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import EXCLUDED, fn

from widget_server.rules.viewers import day_of
from widget_server.storage.tables import HiddenBadge

MOST_PAGES = 500
"""Pages of a site and month that are told apart. All others are one, with an empty address."""


class Hidden(NamedTuple):
    """One view whose badge was not visible. `day` is the number 20261123."""

    site: int
    month: int
    page: str
    by: str
    day: int


def keep(views: Iterable[Hidden]) -> None:
    """Add views to the sums. Call it inside a transaction."""
    months: dict[tuple[int, int], list[Hidden]] = defaultdict(list)
    for view in views:
        months[view.site, view.month].append(view)
    for (site, month), seen in sorted(months.items()):
        apart = _told_apart(site, month, sorted({view.page for view in seen}))
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for view in seen:
            key = (view.page if view.page in apart else "", view.by)
            number, last = sums.get(key, (0, 0))
            sums[key] = (number + 1, max(last, view.day))
        _add(site, month, sums)


def _told_apart(site: int, month: int, pages: list[str]) -> set[str]:
    """Those of these pages that have sums of their own, or may get them."""
    of_month = (HiddenBadge.site == site) & (HiddenBadge.month == month)
    known = {row.page for row in HiddenBadge.select(HiddenBadge.page).where(of_month, HiddenBadge.page.in_(pages))}
    new = [page for page in pages if page not in known]
    if new:
        room = MOST_PAGES - HiddenBadge.select(fn.COUNT(HiddenBadge.page.distinct())).where(of_month).scalar()
        known.update(new[: max(room, 0)])
    return known


def _add(site: int, month: int, sums: dict[tuple[str, str], tuple[int, int]]) -> None:
    HiddenBadge.insert_many(
        [
            {"site": site, "month": month, "page": page, "hidden_by": by, "views": number, "last_day": last}
            for (page, by), (number, last) in sorted(sums.items())
        ]
    ).on_conflict(
        conflict_target=[HiddenBadge.site, HiddenBadge.month, HiddenBadge.page, HiddenBadge.hidden_by],
        update={HiddenBadge.views: HiddenBadge.views + EXCLUDED.views, HiddenBadge.last_day: EXCLUDED.last_day},
    ).execute()


def of(site: int, month: int, *, most: int) -> list[HiddenBadge]:
    """The pages on which the badge was hidden most often, with what hid it."""
    return list(
        HiddenBadge.select()
        .where(HiddenBadge.site == site, HiddenBadge.month == month)
        .order_by(HiddenBadge.views.desc(), HiddenBadge.page, HiddenBadge.hidden_by)
        .limit(most)
    )


def pages(site: int, month: int) -> int:
    """On how many pages the badge was hidden; those that are not told apart count as one."""
    return (
        HiddenBadge.select(fn.COUNT(HiddenBadge.page.distinct()))
        .where(HiddenBadge.site == site, HiddenBadge.month == month)
        .scalar()
    )


def purge(*, days: int, at: datetime) -> None:
    """Forget where the badge was last hidden more than so many days ago."""
    HiddenBadge.delete().where(HiddenBadge.last_day < day_of(at - timedelta(days=days))).execute()
