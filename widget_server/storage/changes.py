"""How each process learns that what it remembers of a site is out of date.

Whoever changes a site counts it up in the same transaction, and whoever remembers it looks at that number from time to
time: one row by its primary key. Nothing is lost when a connection breaks, and every database can do it.
"""

from collections import Counter

from peewee import EXCLUDED

from widget_server.storage.tables import Change, database

_here: Counter[int] = Counter()


def changed(site: int) -> None:
    """What is remembered of this site is no longer so once the running transaction is committed."""
    database.at_the_end(lambda: _count(site), turn=(0, site))


def number(site: int) -> int:
    """How often it has changed, as all processes know."""
    return Change.select(Change.number).where(Change.site == site).scalar() or 0


def here(site: int) -> int:
    """How often this process has changed it: known without asking."""
    return _here[site]


def _count(site: int) -> None:
    Change.insert(site=site, number=1).on_conflict(
        conflict_target=[Change.site], update={Change.number: Change.number + EXCLUDED.number}
    ).execute()
    database.once_committed(lambda: _here.update([site]))
