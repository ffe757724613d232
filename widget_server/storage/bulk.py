"""Many cases decided alike, at once, and taken back at once."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from widget_server.rules import moderation
from widget_server.rules.moderation import State
from widget_server.storage import appeals, cases, log, rulings
from widget_server.storage.rulings import Along, Verdict
from widget_server.storage.tables import Case, Ruling, database

MOST = 1_000
"""Cases in one go."""
CHUNK = 50
"""Cases in one transaction: others get their turn in between."""


@dataclass(frozen=True, slots=True)
class Done:
    """`batch` names what was decided together; `left`: cases that stay as they are: held, not this moderator's to
    decide, or in a state that the decision does not fit."""

    batch: str
    decided: int
    left: int


def decide(numbers: list[int], verdict: Verdict, *, moderator: int, at: datetime) -> Done:
    """Decide these cases alike. Each has its own ruling, log entry and mails."""
    batch, decided = uuid.uuid4().hex, 0
    verdict = replace(verdict, batch=batch)
    for first in range(0, len(numbers), CHUNK):
        with database.atomic():
            for number in numbers[first : first + CHUNK]:
                decided += decide_one(number, verdict, along="all", moderator=moderator, at=at)
    log.write("decide many", f"batch {batch}", moderator=moderator, at=at, decided=decided, of=len(numbers))
    return Done(batch=batch, decided=decided, left=len(numbers) - decided)


def undo(batch: str, *, moderator: int, sites: list[int] | None, at: datetime) -> Done:
    """Take back every decision of a batch that still can be; those of cases to which something happened since stay, and
    those about appeals that are another person's to decide.
    """
    query = Ruling.select(Ruling.id, Ruling.case).join(Case).where(Ruling.batch == batch, Ruling.undone_at.is_null())
    query = query.order_by(Case.leader.is_null(False), Ruling.id)  # cards first: what stood on one finds it again
    rows = list(query if sites is None else query.where(Case.site.in_(sites)))
    undone = 0
    for first in range(0, len(rows), CHUNK):
        with database.atomic():
            for row in rows[first : first + CHUNK]:
                undone += _undo(row, moderator=moderator, at=at)
    return Done(batch=batch, decided=undone, left=len(rows) - undone)


def size(batch: str, *, sites: list[int] | None) -> int:
    """How many decisions of a batch hold, on `sites` (None: on any)."""
    query = Ruling.select().join(Case).where(Ruling.batch == batch, Ruling.undone_at.is_null())
    return (query if sites is None else query.where(Case.site.in_(sites))).count()


def _undo(row: Ruling, *, moderator: int, at: datetime) -> bool:
    case = cases.locked(Case.id == row.case_id)
    ruling = rulings.last(case) if case else None
    if case is None or ruling is None or ruling.id != row.id or not rulings.revocable(case, ruling, at=at):
        return False
    if not rulings.is_open_to(case, ruling, moderator):
        return False
    rulings.revoke(case, ruling, moderator=moderator, at=at)
    return True


def decide_one(number: int, verdict: Verdict, *, along: Along, moderator: int, at: datetime) -> bool:
    """Decide one of many, if it is this moderator's to decide now. `along`: with the near-duplicates on its card."""
    case = cases.locked(Case.id == number)
    if case is None or not moderation.fits(State(case.state), verdict.decision):
        return False
    if not appeals.is_open_to(case, moderator):
        return False
    if moderation.held(by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at):
        return False
    rulings.rule_with_card(case, verdict, along=along, moderator=moderator, at=at)
    return True
