"""On which pages of a site something hid the badge from readers: sums, a month at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import peewee
from peewee import EXCLUDED, Expression, fn

from widget_server.rules.viewers import day_of
from widget_server.storage.places import Places
from widget_server.storage.tables import HiddenBadge


class Hidden(NamedTuple):
    """One page view on which something hid badges: by what, for each of its texts. `day` is the number 20261123."""

    site: int
    month: int
    page: str
    by: tuple[str, ...]
    day: int


def _weights(site: int, month: int) -> Iterable[tuple[str, int]]:
    query = HiddenBadge.select(HiddenBadge.page, fn.SUM(HiddenBadge.weight))
    return query.where(_of(site, month)).group_by(HiddenBadge.page).tuples()


_places = Places(_weights)
forget = _places.forget


def keep(views: Iterable[Hidden]) -> None:
    """Add views to the sums. Call it inside a transaction."""
    months: dict[tuple[int, int], list[Hidden]] = defaultdict(list)
    for view in views:
        months[view.site, view.month].append(view)
    for (site, month), seen in sorted(months.items()):
        came = Counter(view.page for view in seen)
        apart = _places.give(site, month, came)
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in _let_go(site, month, apart.gone):
            _count(sums["", row.hidden_by], row.views, row.last_day)
        for view in seen:
            page = view.page if view.page in apart.added else ""
            for by in view.by:
                _count(sums[page, by], 1, view.day)
        added = {**apart.added, "": sum(times for page, times in came.items() if page not in apart.added)}
        for page, by in sorted(sums):
            sums[page, by][2] = added.pop(page, 0)
        _add(site, month, sums)


def _count(sum_: list[int], number: int, day: int) -> None:
    sum_[:2] = sum_[0] + number, max(sum_[1], day)


def _let_go(site: int, month: int, pages: list[str]) -> list[HiddenBadge]:
    if not pages:
        return []
    these = HiddenBadge.delete().where(_of(site, month), HiddenBadge.page.in_(pages))
    return list(these.returning(HiddenBadge).execute())


def _add(site: int, month: int, sums: dict[tuple[str, str], list[int]]) -> None:
    later = peewee.Case(None, [(EXCLUDED.last_day > HiddenBadge.last_day, EXCLUDED.last_day)], HiddenBadge.last_day)
    HiddenBadge.insert_many(
        [
            {
                "site": site,
                "month": month,
                "page": page,
                "hidden_by": by,
                "views": number,
                "last_day": last,
                "weight": own,
            }
            for (page, by), (number, last, own) in sorted(sums.items())
        ]
    ).on_conflict(
        conflict_target=[HiddenBadge.site, HiddenBadge.month, HiddenBadge.page, HiddenBadge.hidden_by],
        update={
            HiddenBadge.views: HiddenBadge.views + EXCLUDED.views,
            HiddenBadge.weight: HiddenBadge.weight + EXCLUDED.weight,
            HiddenBadge.last_day: later,
        },
    ).execute()


def of(site: int, month: int, *, most: int) -> list[HiddenBadge]:
    """The pages on which badges were hidden at most page views, with what hid them most often."""
    weights = HiddenBadge.select(HiddenBadge.page, fn.SUM(HiddenBadge.weight).alias("weight"))
    heavy = weights.where(_of(site, month)).group_by(HiddenBadge.page).alias("heavy")
    query = HiddenBadge.select().join(heavy, on=HiddenBadge.page == heavy.c.page).where(_of(site, month))
    order = (heavy.c.weight.desc(), HiddenBadge.page, HiddenBadge.views.desc(), HiddenBadge.hidden_by)
    return list(query.order_by(*order).limit(most))


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


def _of(site: int, month: int) -> Expression:
    return (HiddenBadge.site == site) & (HiddenBadge.month == month)
