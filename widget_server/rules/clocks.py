"""Until when a case must be decided, how its clock stands, and how durations are told and summed up.

The hours are ours until the owner sets others. Each group has its reason:

1 hour: a child or a life is in danger. The shortest time in European law (Regulation 2021/784 Art. 3(3)).
4 hours: somebody is threatened, or violence is called for. The shift that gets it decides it.
24 hours: people are hurt or lose money while it stands. What the EU's code of conduct on hate speech asks for.
48 hours: it harms more people with each day. What the US TAKE IT DOWN Act gives for intimate pictures.
72 hours: nobody is in danger; it must not be forgotten over a weekend.
Appeals: 72 hours. A person has looked once already; DSA Art. 20(4) asks for a “timely” answer without a number.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

APPEAL = "appeal"
"""The name of the appeals' clock, beside the categories'."""

HOURS: dict[str, int] = {
    "child_sexual": 1,
    "self_harm": 1,
    "intimidation": 4,
    "violence": 4,
    "hate": 24,
    "harassment": 24,
    "victimisation": 24,
    "fraud": 24,
    "dangerous_advice": 24,
    "misinformation": 48,
    "invented_facts": 48,
    "bias": 48,
    "privacy": 48,
    "profiling": 48,
    "automated_decision": 48,
    "sexual": 48,
    "gambling": 72,
    "intellectual_property": 72,
    "spam": 72,
    "wrong_label": 72,
    "other": 72,
    APPEAL: 72,
}
"""How long a case of each category may wait; the first reader's wait counts."""

SHORTEST, LONGEST = 1, 720
"""The hours that an owner may set. Whole ones: nobody plans a shift by the half hour."""

MEDIAN, P90 = 50, 90


class Standing(StrEnum):
    """How a clock stands. Soon: less than a quarter of its time is left."""

    IN_TIME = "in_time"
    SOON = "soon"
    LATE = "late"


def due(
    category: str, *, reported: datetime | None, appealed: datetime | None, hours: Mapping[str, int]
) -> datetime | None:
    """When a case must be decided: by the first of its two clocks to run out.

    `reported`, `appealed`: since when reporters and an appeal wait. None: nobody waits so.
    """
    running = ((reported, category), (appealed, APPEAL))
    return min((since + timedelta(hours=hours[clock]) for since, clock in running if since), default=None)


def standing(*, since: datetime, due: datetime, at: datetime) -> Standing:
    """How a clock stands that began at `since`. What is decided at the very moment is in time."""
    if at > due:
        return Standing.LATE
    return Standing.SOON if (due - at) * 4 < due - since else Standing.IN_TIME


def reading(*, since: datetime, due: datetime, at: datetime) -> tuple[Standing, str]:
    """How a clock stands, and that in words."""
    how = standing(since=since, due=due, at=at)
    return how, f"Late by {words(at - due)}" if how is Standing.LATE else f"Due in {words(due - at)}"


def rank(count: int, percent: int) -> int:
    """Which of `count` values in order, from 1 on, is not exceeded by `percent` of them (nearest rank)."""
    return -(-count * percent // 100)


def words(duration: timedelta) -> str:
    """A duration as people say it, rounded down: “under 1 min”, “12 min”, “3 h 5 min”, “2 days 4 h”."""
    minutes = duration // timedelta(minutes=1)
    if minutes < 1:
        return "under 1 min"
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours else f"{days} days"
