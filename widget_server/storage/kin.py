"""Near-duplicates: cases of one site whose texts are so alike that one card at the desk stands for all of them."""

from collections.abc import Collection, Iterable
from functools import lru_cache, reduce
from operator import or_

from peewee import SQL, Expression, Select, Value, fn

from widget_server.rules import likeness, moderation
from widget_server.storage import sums
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Likeness

MOST_CANDIDATES = 20
FEW = 16
"""Texts of which a process remembers what they are like: one that leads a card is compared with each that comes."""


def note(case: Case) -> None:
    """Keep what a case's text is like, so that later ones find it."""
    rows = [(case.site_id, band, case.id, case.queue == moderation.Queue.WAITING) for band in _bands(case.text)]
    if rows:
        sums.add_missing(Likeness, rows)


def turn(case: Case) -> None:
    """A case has come to wait on a card of its own, or does so no more."""
    Likeness.update(waits=case.queue == moderation.Queue.WAITING).where(Likeness.case == case.id).execute()


def forget(cases: object) -> None:
    """The text of these cases (a select of their numbers) is gone: nothing about it stays."""
    Likeness.delete().where(Likeness.case.in_(cases)).execute()


def leader_for(case: Case) -> Case | None:
    """The waiting case that is most like this one, if one is so alike that they belong on one card."""
    bands = _bands(case.text)
    waiting = _waiting.rows(Case, case.site_id, *bands) if bands else []
    alike = [(how, found) for how, found in _compared(case, waiting) if found.queue == moderation.Queue.WAITING]
    return max(alike, key=lambda pair: (pair[0], -pair[1].id))[1] if alike else None


def _newest(site: Value, band: Value) -> Select:
    """The newest cases that wait on a card of their own and share a band, by an index that has no others."""
    of_band = (Likeness.site == site) & (Likeness.band == band) & Likeness.waits
    newest = Likeness.select(Likeness.case).where(of_band).order_by(Likeness.case.desc()).limit(MOST_CANDIDATES)
    return Select([newest], [newest.c.case_id])


_waiting = Ready(
    lambda site, *bands: (
        Case.select(Case, any_follow().alias("leads"))
        .where(Case.id.in_(reduce(or_, [_newest(site, band) for band in bands])))
        .order_by(Case.id.desc())
        .limit(MOST_CANDIDATES)
    )
)


def any_follow() -> Expression:
    """Whether others stand on a case's card, as part of another question to the database."""
    other = Case.alias()
    return fn.EXISTS(other.select(SQL("1")).where(other.leader == Case.id))


def followers(case: Case) -> list[Case]:
    """The cases on this one's card, the oldest first."""
    if not case.leads:
        return []
    return list(Case.select().where(Case.leader == case).order_by(Case.id))


def similar(case: Case, *, on: Collection[int]) -> list[tuple[float, Case]]:
    """The other near-duplicates on these sites, the most alike first, with their likeness (ALIKE to 1)."""
    return sorted(_candidates(case, on), key=lambda pair: -pair[0])


def _candidates(case: Case, sites: Collection[int]) -> list[tuple[float, Case]]:
    bands = _bands(case.text)
    if not bands:
        return []
    sharing = Likeness.select(Likeness.case).where(Likeness.site.in_(list(sites)), Likeness.band.in_(bands))
    rows = (
        Case.select()
        .where(Case.id.in_(sharing), Case.id != case.id)
        .order_by((Case.queue == moderation.Queue.WAITING).desc(), Case.id.desc())
        .limit(MOST_CANDIDATES)
    )
    return _compared(case, rows)


def _compared(case: Case, others: Iterable[Case]) -> list[tuple[float, Case]]:
    own = _shingles(case.text)
    compared = [(likeness.likeness(own, _shingles(other.text)), other) for other in others]
    return [(how, other) for how, other in compared if how >= likeness.ALIKE]


@lru_cache(FEW)
def _shingles(text: str) -> frozenset[int]:
    return likeness.shingles(text)


@lru_cache(FEW)
def _bands(text: str) -> list[int]:
    return likeness.bands(_shingles(text))
