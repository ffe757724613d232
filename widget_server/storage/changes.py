"""How each process learns that what it remembers of a site is out of date.

Whoever changes a site counts it up in the same transaction, and whoever remembers it looks at that number from time to
time: one row by its primary key. Nothing is lost when a connection breaks, and every database can do it.
"""

from collections import Counter
from collections.abc import Callable

from widget_server.storage import sums
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Change, database

_here: Counter[int] = Counter()
when_missed: list[Callable[[int], None]] = []
"""What hears of each site that this process has changed, or found changed."""


def changed(site: int) -> None:
    """What is remembered of this site is no longer so once the running transaction is committed."""
    database.at_the_end(lambda: _count(site, cases=0), turn=(0, site))


def opened(site: int, case: int) -> None:
    """The site has one more case, and has changed so."""
    database.at_the_end(lambda: _count(site, cases=1), turn=(0, site, case))


def known_as(site: int, case: int, digests: set[str]) -> None:
    """A case of the site has these digests more beside its own, and the site has changed so."""
    database.at_the_end(lambda: _count(site, cases=len(digests)), turn=(0, site, case, int(min(digests), 16)))


def number(site: int) -> int:
    """How often it has changed, as all processes know."""
    row = _number.ask(site).fetchone()
    return row[0] if row else 0


_number = Ready(lambda site: Change.select(Change.number).where(Change.site == site))


def here(site: int) -> int:
    """How often this process has changed it, or found it changed: known without asking."""
    return _here[site]


def missed(site: int) -> None:
    """Another process has changed it: this one no longer goes on with what it remembers."""
    _here.update([site])
    for hear in when_missed:
        hear(site)


def _count(site: int, *, cases: int) -> None:
    sums.add(Change, [(site, 1, cases)])
    database.once_committed(lambda: missed(site))
