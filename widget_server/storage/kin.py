"""Near-duplicates: cases of one site whose texts are so alike that one card at the desk stands for all of them."""

from collections.abc import Collection, Iterable
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from peewee import Select

from widget_server.rules import likeness, moderation
from widget_server.rules.marking import is_whole
from widget_server.storage import sums
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Likeness, database

MOST_CANDIDATES = 20
TOGETHER = 160
"""So many look-ups are one statement."""
FEW = 16
"""Texts of which a process remembers what they are like: one that leads a card is compared with each that comes."""


def note(case: Case) -> None:
    """Keep what a case's text is like, so that later ones find it."""
    rows = [(case.site_id, band, case.id, case.queue == moderation.Queue.WAITING) for band in _bands(case)]
    if rows:
        sums.add_missing(Likeness, rows)


def wait(case: Case) -> None:
    """A case has come to wait on a card of its own again. That it does so no more is noted when it is found."""
    Likeness.update(waits=True).where(Likeness.case == case.id).execute()


def forget(cases: object) -> None:
    """The text of these cases (a select of their numbers) is gone: nothing about it stays."""
    Likeness.delete().where(Likeness.case.in_(cases)).execute()


def leader_for(case: Case) -> Case | None:
    """The waiting case that is most like this one, if one is so alike that they belong on one card."""
    bands, left = _bands(case), set[int]()
    found = _waiting.rows(Case, case.site_id, *bands) if bands else []
    while over := {one.id for one in found if one.queue != moderation.Queue.WAITING} - left:
        settled = _settled(over)
        Likeness.update(waits=False).where(Likeness.case.in_(settled)).execute()
        left |= over - settled
        found = _waiting.rows(Case, case.site_id, *bands)
    alike = _compared(case, [one for one in found if one.queue == moderation.Queue.WAITING])
    return max(alike, key=lambda pair: (pair[0], -pair[1].id))[1] if alike else None


def _settled(over: set[int]) -> set[int]:
    """Which of these cases wait no more, and cannot come to wait again until the transaction ends."""
    if not database.for_update:
        return over
    query = Case.select(Case.id).where(Case.id.in_(over), Case.queue != moderation.Queue.WAITING)
    return {one.id for one in query.for_update("FOR UPDATE SKIP LOCKED")}


def _newest(site: Any, band: Any, *, waiting: bool) -> Select:
    """The newest cases that share a band, by index; `waiting`: of those that wait on a card of their own."""
    of_band = (Likeness.site == site) & (Likeness.band == band)
    newest = Likeness.select(Likeness.case).where(of_band & Likeness.waits if waiting else of_band)
    newest = newest.order_by(Likeness.case.desc()).limit(MOST_CANDIDATES)
    return Select([newest], [newest.c.case_id])


_waiting = Ready(
    lambda site, *bands: (
        Case.select()
        .where(Case.id.in_(reduce(or_, [_newest(site, band, waiting=True) for band in bands])))
        .order_by(Case.id.desc())
        .limit(MOST_CANDIDATES)
    )
)


def followers(case: Case) -> list[Case]:
    """The cases on a locked one's card, locked, the oldest first."""
    if not case.leads:
        return []
    query = Case.select().where(Case.leader == case).order_by(Case.id)
    return list(query.for_update() if database.for_update else query)


def similar(case: Case, *, on: Collection[int]) -> list[tuple[float, Case]]:
    """The other near-duplicates on these sites, the most alike first, with their likeness (ALIKE to 1)."""
    return sorted(_candidates(case, on), key=lambda pair: -pair[0])


def _candidates(case: Case, sites: Collection[int]) -> list[tuple[float, Case]]:
    """Of many, those that wait first, then the newest."""
    ways = [
        _newest(site, band, waiting=waiting)
        for site in sorted(sites)
        for band in _bands(case)
        for waiting in (True, False)
    ]
    found: list[Case] = []
    for first in range(0, len(ways), TOGETHER):
        rows = Case.select().where(Case.id.in_(reduce(or_, ways[first : first + TOGETHER])), Case.id != case.id)
        found = sorted([*found, *rows], key=lambda one: (one.queue != moderation.Queue.WAITING, -one.id))
    return _compared(case, found[:MOST_CANDIDATES])


def _compared(case: Case, others: Iterable[Case]) -> list[tuple[float, Case]]:
    own = _shingles(case.text)
    compared = [(likeness.likeness(own, _shingles(other.text)), other) for other in others]
    return [(how, other) for how, other in compared if how >= likeness.ALIKE]


@lru_cache(FEW)
def _shingles(text: str) -> frozenset[int]:
    return likeness.shingles(text)


def _bands(case: Case) -> list[int]:
    """By what the case finds others, and they it: none before its text is whole, for what begins it is its reporter's
    word.
    """
    return _bands_of(case.text, case.text_sha256)


@lru_cache(FEW)
def _bands_of(text: str, digest: str) -> list[int]:
    return likeness.bands(_shingles(text)) if is_whole(text, digest) else []
