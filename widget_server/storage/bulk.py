"""Many cases decided alike, at once, and taken back at once."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from peewee import ModelSelect

from widget_server.rules import moderation
from widget_server.storage import appeals, cases, faults, holding, log, roles, rulings
from widget_server.storage.rulings import Along, Verdict
from widget_server.storage.tables import Case, Ruling, database

MOST = 1_000
"""Cards in one go, with twice as many near-duplicates on them."""
CHUNK = 50
"""Cases in one transaction: others get their turn in between."""

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Done:
    """`batch` names what was decided together; `left`: cases that stay as they are: held, not this moderator's to
    decide, in a state that the decision does not fit, or `changed` since somebody has seen them."""

    batch: str
    decided: int
    left: int
    changed: int = 0


class Stopped(Exception):
    """An error (its cause) has stopped the work when `done` of `of` were kept, which are in `batch`."""

    def __init__(self, batch: str, *, done: int, of: int) -> None:
        super().__init__(f"stopped after {done} of {of}")
        self.batch, self.done, self.of = batch, done, of


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
    decide meanwhile decides no more: it is looked up in each transaction. Raises Stopped.
    """
    batch, seen = uuid.uuid4().hex, {**along, **shown}
    verdict = replace(verdict, batch=batch)

    def decide_some(numbers: Sequence[int]) -> int:
        still = roles.deciding_on(moderator)
        cases.lock_cards(numbers)
        for number in numbers:
            case = cases.locked(Case.id == number)
            if case and case.version == shown[number] and is_on(case, sites) and is_on(case, still):
                decide_one(case, verdict, along=along, moderator=moderator, at=at)
        decided = size(batch, sites=None)
        log.write("decide many", f"batch {batch}", moderator=moderator, at=at, decided=decided, of=len(seen))
        return decided

    decided = in_chunks(list(shown), decide_some, batch=batch, of=len(seen))
    ruled = {row.case_id for row in Ruling.select(Ruling.case).where(Ruling.batch == batch)}
    left = [number for number in seen if number not in ruled]
    changed = sum(case.version != seen[case.id] for case in cards(left, sites=sites))
    return Done(batch=batch, decided=decided, left=len(left), changed=changed)


def undo(batch: str, *, moderator: int, sites: list[int] | None, at: datetime) -> Done:
    """Take back every decision of a batch that still can be; those of cases to which something happened since stay, and
    those about appeals that are another person's to decide. Raises Stopped.
    """
    query = (
        Ruling.select(Ruling.id, Ruling.case, Case.id, Case.site)
        .join(Case)
        .where(Ruling.batch == batch, Ruling.undone_at.is_null())
    )
    query = query.order_by(Case.leader.is_null(False), Ruling.id)  # cards first: what stood on one finds it again
    rows = list(query if sites is None else query.where(Case.site.in_(sites)))

    def undo_some(some: Sequence[Ruling]) -> int:
        still = roles.deciding_on(moderator)
        cases.lock_cards(row.case_id for row in some)
        for row in some:
            if is_on(row.case, still):
                _undo(row, moderator=moderator, at=at)
        return len(rows) - size(batch, sites=sites)

    undone = in_chunks(rows, undo_some, batch=batch, of=len(rows))
    return Done(batch=batch, decided=undone, left=len(rows) - undone)


def in_chunks(work: Sequence[One], do: Callable[[Sequence[One]], int], *, batch: str, of: int) -> int:
    """Do so much work, a chunk in one transaction. `do` gives how many of all (`of`) are done by then, and leaves what
    is done already: a chunk that the database has undone, or may have kept, is done again. Raises Stopped once an error
    finds something kept.
    """
    done = 0
    for first in range(0, len(work), CHUNK):
        try:
            done = faults.part(partial(_at_once, do, work[first : first + CHUNK]))
        except Exception as error:
            if not done:
                raise
            raise Stopped(batch, done=done, of=of) from error
    return done


def _at_once(do: Callable[[Sequence[One]], int], some: Sequence[One]) -> int:
    with database.atomic():
        return do(some)


def size(batch: str, *, sites: list[int] | None) -> int:
    """How many decisions of a batch hold, on `sites` (None: on any)."""
    query = Ruling.select().join(Case).where(Ruling.batch == batch, Ruling.undone_at.is_null())
    return (query if sites is None else query.where(Case.site.in_(sites))).count()


def is_on(case: Case, sites: list[int] | None) -> bool:
    """Whether a case is on one of these sites (None: any)."""
    return sites is None or case.site_id in sites


def _brief(*conditions: Any) -> ModelSelect:
    return Case.select(Case.id, Case.version, Case.category, Case.leader).where(*conditions)


def _undo(row: Ruling, *, moderator: int, at: datetime) -> None:
    case = cases.locked(Case.id == row.case_id)
    ruling = holding.last(case) if case else None
    if case is None or ruling is None or ruling.id != row.id or not rulings.revocable(case, ruling, at=at):
        return
    if rulings.is_open_to(case, ruling, moderator):
        rulings.revoke(case, ruling, moderator=moderator, at=at)


def decide_one(case: Case, verdict: Verdict, *, along: Along, moderator: int, at: datetime) -> None:
    """Decide one of many, locked, if it is this moderator's to decide now."""
    held = moderation.held(by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at)
    if not held and rulings.fits(case, verdict.decision) and appeals.is_open_to(case, moderator):
        rulings.rule_with_card(case, verdict, along=along, moderator=moderator, at=at)
