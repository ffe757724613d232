"""Which pages are told apart, where there is room for so many: the least seen gives way.

A page that comes when all places are taken gets that of the least seen, and weighs from then on what that weighed
and its own page views. So it is told too heavy, by no more than the least weighed when it came, and none that has more
than its share of all page views (one of so many as there are places) is missing for long, whatever came before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_PAGES = 500
"""Pages of a site and month that are told apart. All others are one, with an empty address."""
MOST_AT_ONCE = 3
"""How many give way in one go, to those that came most often and first; what else came then is with all others."""


@dataclass(frozen=True, slots=True)
class Seating:
    """`added`: what each page that came and has a place weighs more. `gone`: those that have none any more."""

    added: dict[str, int]
    gone: list[str]


def seated(weights: Mapping[str, int], came: Mapping[str, int], *, most: int = MOST_PAGES) -> Seating:
    """Who has a place after these pages came, so many page views of each. `weights`: who had one before."""
    added = {page: times for page, times in came.items() if page in weights}
    new = [page for page in came if page and page not in weights]
    room = max(most - len(weights), 0)
    crowded = max(len(weights) + len(new) - most, 0)
    if not crowded:
        return Seating({**added, **{page: came[page] for page in new}}, [])
    heaviest = sorted(weights, key=lambda page: (-weights[page], page))
    gone, waiting = heaviest[most:], [page for page in heaviest[:most] if page not in came]
    new.sort(key=lambda page: -came[page])
    for page in new[:room]:
        added[page] = came[page]
    for page in new[room:][:MOST_AT_ONCE]:
        if waiting:
            gone.append(waiting.pop())
            added[page] = weights[gone[-1]] + came[page]
    return Seating({page: weight for page, weight in added.items() if page not in gone}, gone)
