"""Until when each waiting case must be decided, by the owner's hours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peewee import SQL, Expression, fn
from peewee import Case as Either

from widget_server.rules import clocks, moderation
from widget_server.rules.clocks import APPEAL, HOURS
from widget_server.rules.harms import HARMS
from widget_server.rules.moderation import Queue, State
from widget_server.storage import log, ready
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Clock, database

ON_DESK = (Queue.WAITING, Queue.FOLLOWERS)
_HOUR = 3_600_000_000
_CAUSES = {"reported_since", "appealed_since", "category"}


def hours() -> dict[str, int]:
    """How long a case of each category may wait, and an appeal: the owner's word, else ours."""
    own = dict(_own.ask())
    return {kind: own.get(kind, ours) for kind, ours in HOURS.items()}


_own = Ready(lambda: Clock.select(Clock.kind, Clock.hours))


def wind(case: Case) -> None:
    """Set until when a case must be decided; one that leads a card, with the first on it. A settled one has no clock.

    Call it before the case is stored.
    """
    if State(case.state) not in moderation.WAITING:
        ready.change(case, reported_since=None, appealed_since=None, due_at=None)
    elif _CAUSES & {field.name for field in case.dirty_fields}:
        own = own_end(case)
        on_card = Case.select(fn.MIN(Case.due_at)).where(Case.leader == case.id).scalar() if case.leads else None
        case.due_at = min((due for due in (own, on_card) if due), default=None)


def own_end(case: Case) -> datetime | None:
    """Until when a case must be decided, whatever else stands on its card."""
    return clocks.due(case.category, reported=case.reported_since, appealed=case.appealed_since, hours=hours())


def since(case: Case) -> datetime | None:
    """Since when somebody waits for a decision on a case."""
    return min((start for start in (case.reported_since, case.appealed_since) if start), default=None)


def set_hours(wanted: Mapping[str, int], *, moderator: int, at: datetime) -> None:
    """Give clocks other hours; every case that waits gets its new time at once."""
    with database.atomic():
        before = hours()
        changed = {kind: number for kind, number in wanted.items() if number != before[kind]}
        if not changed:
            return
        for kind, number in changed.items():
            Clock.insert(kind=kind, hours=number).on_conflict(
                conflict_target=[Clock.kind], update={Clock.hours: number}
            ).execute()
        others = Case.leads | Case.appealed_since.is_null(False) if APPEAL in changed else Case.leads
        for category in HARMS:
            _move(category, {**before, **changed}, None if category in changed else others)
        _hurry_leaders()
        told: dict[str, Any] = {kind: f"{before[kind]} h → {number} h" for kind, number in changed.items()}
        log.write("set clocks", "clocks", moderator=moderator, at=at, **told)


def _move(category: str, given: Mapping[str, int], only: Expression | None) -> None:
    """As rules.clocks.due has it, for all waiting cases of a category, or `only` some: those with an appeal, and those
    that lead a card, which were due with what is on it.
    """
    reports_end = Case.reported_since + SQL(str(given[category] * _HOUR))
    appeals_end = Case.appealed_since + SQL(str(given[APPEAL] * _HOUR))
    first = ((Case.appealed_since.is_null(), reports_end), (Case.reported_since.is_null(), appeals_end))
    due = Either(None, (*first, (appeals_end < reports_end, appeals_end)), reports_end)
    waiting = Case.update(due_at=due).where(Case.queue.in_(ON_DESK), Case.category == category)
    (waiting if only is None else waiting.where(only)).execute()


def _hurry_leaders() -> None:
    """A card is due with the first case on it."""
    follower = Case.alias()
    first = follower.select(fn.MIN(follower.due_at)).where(follower.leader == Case.id)
    leaders = follower.select(follower.leader).where(follower.queue == Queue.FOLLOWERS)
    Case.update(due_at=first).where(Case.id.in_(leaders), Case.due_at > first).execute()
