"""Near-duplicates: cases of one site whose texts are so alike that one card at the desk stands for all of them."""

from peewee import SQL, Expression, fn

from widget_server.rules import likeness, moderation
from widget_server.storage.tables import Case, Likeness

MOST_CANDIDATES = 20


def note(case: Case) -> None:
    """Keep what a case's text is like, so that later ones find it."""
    found = [{"site": case.site_id, "band": band, "case": case.id} for band in likeness.bands(_shingles(case))]
    if found:
        Likeness.insert_many(found).on_conflict_ignore().execute()


def forget(cases: object) -> None:
    """The text of these cases (a select of their numbers) is gone: nothing about it stays."""
    Likeness.delete().where(Likeness.case.in_(cases)).execute()


def leader_for(case: Case) -> Case | None:
    """The waiting case that is most like this one, if one is so alike that they belong on one card."""
    alike = [(how, found) for how, found in _candidates(case) if found.queue == moderation.Queue.WAITING]
    return max(alike, key=lambda pair: (pair[0], -pair[1].id))[1] if alike else None


def any_follow() -> Expression:
    """Whether others stand on a case's card, as part of another question to the database."""
    other = Case.alias()
    return fn.EXISTS(other.select(SQL("1")).where(other.leader == Case.id))


def followers(case: Case) -> list[Case]:
    """The cases on this one's card, the oldest first."""
    if not case.leads:
        return []
    return list(Case.select().where(Case.leader == case).order_by(Case.id))


def similar(case: Case) -> list[tuple[float, Case]]:
    """The other near-duplicates on the site, the most alike first, with their likeness (ALIKE to 1)."""
    return sorted(_candidates(case), key=lambda pair: -pair[0])


def _candidates(case: Case) -> list[tuple[float, Case]]:
    own = _shingles(case)
    bands = likeness.bands(own)
    if not bands:
        return []
    sharing = Likeness.select(Likeness.case).where(Likeness.site == case.site_id, Likeness.band.in_(bands))
    rows = (
        Case.select()
        .where(Case.id.in_(sharing), Case.id != case.id)
        .order_by((Case.queue == moderation.Queue.WAITING).desc(), Case.id.desc())
        .limit(MOST_CANDIDATES)
    )
    compared = [(likeness.likeness(own, _shingles(row)), row) for row in rows]
    return [(how, row) for how, row in compared if how >= likeness.ALIKE]


def _shingles(case: Case) -> frozenset[int]:
    return likeness.shingles(case.text)
