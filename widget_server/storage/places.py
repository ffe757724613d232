"""The pages of each site and month that have sums of their own, with what they weigh (rules/places.py).

A process knows them from the database, and asks it again after some have given way: others change them, too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from widget_server.rules import places
from widget_server.rules.places import MOST_PAGES, Seating

TRUSTED = 300
"""So many pages give way before the database is asked again."""


class Places:
    """Those of one table. `read`: what the pages of a site and month weigh there."""

    def __init__(self, read: Callable[[int, int], Iterable[tuple[str, int]]]) -> None:
        self._read = read
        self._weights: dict[tuple[int, int], dict[str, int]] = {}
        self._given: Counter[tuple[int, int]] = Counter()

    def forget(self) -> None:
        self._weights = {}

    def give(self, site: int, month: int, came: Mapping[str, int]) -> Seating:
        """Who has a place after these pages came. Call it inside the transaction that keeps what follows."""
        weights = self._known(site, month, came)
        found = places.seated(weights, came)
        for page in found.gone:
            del weights[page]
        for page, weight in found.added.items():
            weights[page] = weights.get(page, 0) + weight
        self._given[site, month] += len(found.gone)
        return found

    def _known(self, site: int, month: int, came: Mapping[str, int]) -> dict[str, int]:
        known = self._weights.get((site, month))
        settled = known is not None and (len(known) >= MOST_PAGES or came.keys() <= known.keys() | {""})
        if known is None or not settled or self._given[site, month] >= TRUSTED:
            known = {page: int(weight) for page, weight in self._read(site, month) if page}
            older = [one for one in self._weights if one[0] == site and one[1] < month]
            self._weights = {one: self._weights[one] for one in self._weights if one not in older}
            self._weights[site, month] = known
            self._given[site, month] = 0
        return known
