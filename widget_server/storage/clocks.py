"""Until when each waiting case must be decided, by the owner's hours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peewee import SQL, Expression, fn
from peewee import Case as Either

from widget_server.rules import clocks, moderation
from widget_server.rules.clocks import APPEAL, HOURS
from widget_server.rules.harms import HARMS
from widget_server.rules.meanwhile import met
from widget_server.rules.moderation import Queue, State
from widget_server.storage import log, ready
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Clock, database

ON_DESK = (Queue.WAITING, Queue.FOLLOWERS)
"""The lists with all that waits: on the others' cards, beside what was decided with them."""
_HOUR = 3_600_000_000
_CAUSES = {"reported_since", "appealed_since", "category"}


def hours() -> dict[str, int]:
    """How long a case of each category may wait, and an appeal: the owner's word, else ours."""
    own = dict(_own.ask())
    return {kind: own.get(kind, ours) for kind, ours in HOURS.items()}


_own = Ready(lambda: Clock.select(Clock.kind, Clock.hours))


def wind(case: Case) -> None:
    """Set until when a case must be decided, and its card, if it leads one: with the first on it. A settled one has no
    clock.

    Call it before the case is stored.
    """
    if State(case.state) not in moderation.WAITING:
        gone = ("reported_since", "appealed_since", "due_at", "card_due_at", "alerted_at")
        ready.change(case, **dict.fromkeys(gone))
    elif _CAUSES & {field.name for field in case.dirty_fields}:
        started = {"reported": case.reported_since, "appealed": case.appealed_since}
        case.due_at = clocks.due(case.category, **started, hours=hours())
        on_card = Case.select(fn.MIN(Case.due_at)).where(Case.leader == case.id).scalar() if case.leads else None
        case.card_due_at = min((due for due in (case.due_at, on_card) if due), default=None)


def waits() -> Expression:
    """Those that wait for a decision, on a card of their own or on another's."""
    return Case.queue.in_(ON_DESK) & Case.state.in_(moderation.WAITING)


def since(case: Case) -> datetime | None:
    """Since when somebody waits for a decision on a case."""
    return min((start for start in (case.reported_since, case.appealed_since) if start), default=None)


def set_hours(
    wanted: Mapping[str, int], *, moderator: int, at: datetime, shown: Mapping[str, Any] | None = None
) -> None:
    """Give clocks other hours; every case that waits gets its new time at once.

    `shown`: the hours that whoever sets them had in view. Raises Contested.
    """
    with database.atomic():
        if database.for_update:  # who winds a clock has locked a case: those that go by the old hours are there now
            database.execute_sql('LOCK TABLE "case" IN EXCLUSIVE MODE')
        before = hours()
        after = met(wanted, shown=shown, now=before)
        changed = {kind: after[kind] for kind in HOURS if after[kind] != before[kind]}
        if not changed:
            return
        for kind, number in changed.items():
            Clock.insert(kind=kind, hours=number).on_conflict(
                conflict_target=[Clock.kind], update={Clock.hours: number}
            ).execute()
        for category in HARMS if APPEAL in changed else changed:
            _move(category, {**before, **changed}, appeals_alone=category not in changed)
        _move_cards()
        told: dict[str, Any] = {kind: f"{before[kind]} h → {number} h" for kind, number in changed.items()}
        log.write("set clocks", "clocks", moderator=moderator, at=at, **told)


def _move(category: str, given: Mapping[str, int], *, appeals_alone: bool) -> None:
    """As rules.clocks.due has it, for all waiting cases of a category, or those with an appeal."""
    reports_end = Case.reported_since + SQL(str(given[category] * _HOUR))
    appeals_end = Case.appealed_since + SQL(str(given[APPEAL] * _HOUR))
    first = ((Case.appealed_since.is_null(), reports_end), (Case.reported_since.is_null(), appeals_end))
    due = Either(None, (*first, (appeals_end < reports_end, appeals_end)), reports_end)
    moved = Case.update(due_at=due, card_due_at=due).where(Case.queue.in_(ON_DESK), Case.category == category)
    (moved.where(Case.appealed_since.is_null(False)) if appeals_alone else moved).execute()


def _move_cards() -> None:
    """A card is due with the first case on it."""
    follower = Case.alias()
    first = follower.select(fn.MIN(follower.due_at)).where(follower.leader == Case.id)
    leaders = follower.select(follower.leader).where(follower.queue == Queue.FOLLOWERS)
    due = Either(None, ((first < Case.due_at, first),), Case.due_at)
    Case.update(card_due_at=due).where(Case.queue == Queue.WAITING, Case.id.in_(leaders)).execute()
