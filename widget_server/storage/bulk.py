"""Many cases decided alike, at once, and taken back at once."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from peewee import ModelSelect

from widget_server.rules import moderation
from widget_server.storage import appeals, cases, holding, log, roles, rulings
from widget_server.storage.rulings import Along, Verdict
from widget_server.storage.tables import Case, Ruling, database

MOST = 1_000
"""Cards in one go, with twice as many near-duplicates on them."""
CHUNK = 50
"""Cases in one transaction: others get their turn in between."""


@dataclass(frozen=True, slots=True)
class Done:
    """`batch` names what was decided together; `left`: cases that stay as they are: held, not this moderator's to
    decide, in a state that the decision does not fit, or `changed` since somebody has seen them."""

    batch: str
    decided: int
    left: int
    changed: int = 0


def cards(numbers: Iterable[int], *, sites: list[int] | None) -> list[Case]:
    """Of the cases with these numbers those that are on `sites` (None: any), as a list shows them."""
    query = _brief(Case.id.in_(list(numbers))).order_by(Case.place, Case.id)
    return list(query if sites is None else query.where(Case.site.in_(sites)))


def on_cards(shown: Iterable[Case]) -> list[Case]:
    """What waits on the cards of these cases."""
    query = _brief(Case.leader.in_([case.id for case in shown]), Case.state.in_(moderation.WAITING))
    return list(query.order_by(Case.id).limit(2 * MOST))


def read(numbers: Iterable[int]) -> dict[int, Case]:
    """These cases with their words, by their numbers."""
    return {case.id: case for case in Case.select().where(Case.id.in_(list(numbers)))}


def decide(
    shown: Mapping[int, int],
    verdict: Verdict,
    *,
    moderator: int,
    at: datetime,
    along: Along = MappingProxyType({}),
    sites: list[int] | None = None,
) -> Done:
    """Decide cases alike as somebody has seen them: the cards with these numbers and versions, if they are on `sites`
    (None: any), and what of `along` is on them. Each has its own ruling, log entry and mails. Who loses the right to
    decide meanwhile decides no more: it is looked up in each transaction.
    """
    batch, numbers = uuid.uuid4().hex, list(shown)
    verdict = replace(verdict, batch=batch)
    for first in range(0, len(numbers), CHUNK):
        with database.atomic():
            still = roles.deciding_on(moderator)
            for number in numbers[first : first + CHUNK]:
                case = cases.locked(Case.id == number)
                if case and case.version == shown[number] and is_on(case, sites) and is_on(case, still):
                    decide_one(case, verdict, along=along, moderator=moderator, at=at)
    seen = {**along, **shown}
    decided = {row.case_id for row in Ruling.select(Ruling.case).where(Ruling.batch == batch)}
    left = [number for number in seen if number not in decided]
    changed = sum(case.version != seen[case.id] for case in cards(left, sites=sites))
    log.write("decide many", f"batch {batch}", moderator=moderator, at=at, decided=len(decided), of=len(seen))
    return Done(batch=batch, decided=len(decided), left=len(left), changed=changed)


def undo(batch: str, *, moderator: int, sites: list[int] | None, at: datetime) -> Done:
    """Take back every decision of a batch that still can be; those of cases to which something happened since stay, and
    those about appeals that are another person's to decide.
    """
    query = (
        Ruling.select(Ruling.id, Ruling.case, Case.id, Case.site)
        .join(Case)
        .where(Ruling.batch == batch, Ruling.undone_at.is_null())
    )
    query = query.order_by(Case.leader.is_null(False), Ruling.id)  # cards first: what stood on one finds it again
    rows = list(query if sites is None else query.where(Case.site.in_(sites)))
    undone = 0
    for first in range(0, len(rows), CHUNK):
        with database.atomic():
            still = roles.deciding_on(moderator)
            for row in rows[first : first + CHUNK]:
                undone += is_on(row.case, still) and _undo(row, moderator=moderator, at=at)
    return Done(batch=batch, decided=undone, left=len(rows) - undone)


def size(batch: str, *, sites: list[int] | None) -> int:
    """How many decisions of a batch hold, on `sites` (None: on any)."""
    query = Ruling.select().join(Case).where(Ruling.batch == batch, Ruling.undone_at.is_null())
    return (query if sites is None else query.where(Case.site.in_(sites))).count()


def is_on(case: Case, sites: list[int] | None) -> bool:
    """Whether a case is on one of these sites (None: any)."""
    return sites is None or case.site_id in sites


def _brief(*conditions: Any) -> ModelSelect:
    return Case.select(Case.id, Case.version, Case.category, Case.leader).where(*conditions)


def _undo(row: Ruling, *, moderator: int, at: datetime) -> bool:
    case = cases.locked(Case.id == row.case_id)
    ruling = holding.last(case) if case else None
    if case is None or ruling is None or ruling.id != row.id or not rulings.revocable(case, ruling, at=at):
        return False
    if not rulings.is_open_to(case, ruling, moderator):
        return False
    rulings.revoke(case, ruling, moderator=moderator, at=at)
    return True


def decide_one(case: Case | None, verdict: Verdict, *, along: Along, moderator: int, at: datetime) -> bool:
    """Decide one of many, locked, if it is this moderator's to decide now."""
    if case is None or not rulings.fits(case, verdict.decision):
        return False
    if not appeals.is_open_to(case, moderator):
        return False
    if moderation.held(by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at):
        return False
    rulings.rule_with_card(case, verdict, along=along, moderator=moderator, at=at)
    return True
