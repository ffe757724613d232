"""What is stored about one site in one month and its guidelines ask for. Figures, dates, and who did what last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from widget_server.rules.clocks import MEDIAN, P90, rank
from widget_server.rules.declarations import Declared
from widget_server.rules.guidelines import Limits
from widget_server.rules.harms import HARMS

ALL = ""
"""The name of all decisions together, beside those under each clause."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that a person did. `who` is empty if they have left."""

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of the month, with the wait that it ended. None: nobody waited, or there was no clock."""

    category: str
    at: datetime
    reported_since: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """All decisions there ever were on a category: how many, the first, and the last with who made it."""

    count: int
    first: datetime
    last: Done


@dataclass(frozen=True, slots=True)
class Rulings:
    """The decisions of a clause: those of the month in figures, the first and the last of all.

    `median`, `p90`: half of those that readers waited for, and nine of ten, took no longer. `in_time`: of the
    `clocked`, those before the clock ran out.
    """

    count: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None
    clocked: int = 0
    in_time: int = 0
    first: datetime | None = None
    last: Done | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts, but for the share (None: no views).

    `month`: the number 202611. `prompts`: those in use; the shortest that is not exempt; those of which some conditions
    make a prompt that is too short; and those that are for a custom model, by name, with the model and the day, a
    hundred of them at most.
    `declared`: what its texts are for; None: nobody has said. `waiting_by_category`: cases of which owners are told.
    `amended`: approved in other words than the machine's; `expired`: whose review is over. `crossed_on`: when the
    month had more viewers than the guidelines let go without a report control. `limits`: what holds for these viewers,
    by the guidelines of all sites with which they count together; None: by the site's own. `first_views`: by whoever
    saw a text first, and with how many of them the badge was visible. `good_faith`: reports of the month that a law is
    broken. `restricted`: its decisions that took a text back or changed its label. `appeals`: those it decided, and how
    many of them changed the outcome. `mails`: this server writes to reporters. `deciders`: how many people decide on
    its cases.
    """

    viewers: int
    impressions: int
    disclosed_share: float | None
    pages_hiding_the_badge: int
    waiting: int
    urgent_waiting: int
    decided_by_category: Mapping[str, int]
    held: int
    approved: int
    rejected: int
    prompts: int = 0
    shortest_prompt: int | None = None
    unsure_prompts: int = 0
    exempt_prompts: Mapping[str, str] = field(default_factory=dict)
    declared: Declared | None = None
    waiting_by_category: Mapping[str, int] = field(default_factory=dict)
    month: int = 0
    rulings: Mapping[str, Rulings] = field(default_factory=dict)
    late: int = 0
    waiting_since: datetime | None = None
    held_since: datetime | None = None
    reviewed: Done | None = None
    prompts_changed: datetime | None = None
    reports: int = 0
    good_faith: int = 0
    restricted: int = 0
    appeals: int = 0
    reversed: int = 0
    amended: int = 0
    expired: int = 0
    crossed_on: datetime | None = None
    limits: Limits | None = None
    first_views: int = 0
    first_views_disclosed: int = 0
    mails: bool = False
    deciders: int = 0


def by_clause(month: Iterable[Decided], past: Mapping[str, Past]) -> dict[str, Rulings]:
    """Decisions under each clause that there are any of, and ALL. `past`: by category."""
    decided = list(month)
    groups = {ALL: set(HARMS)}
    for code, harm in HARMS.items():
        for number in harm.clause.split(", "):
            groups.setdefault(number, set()).add(code)
    return {
        name: _summed(
            [one for one in decided if one.category in codes], [found for code, found in past.items() if code in codes]
        )
        for name, codes in groups.items()
        if codes & past.keys()
    }


def _summed(month: list[Decided], past: list[Past]) -> Rulings:
    took = sorted(one.at - one.reported_since for one in month if one.reported_since)
    median, p90 = (took[rank(len(took), percent) - 1] if took else None for percent in (MEDIAN, P90))
    return Rulings(
        count=len(month),
        median=median,
        p90=p90,
        clocked=sum(one.due_at is not None for one in month),
        in_time=sum(one.due_at is not None and one.at <= one.due_at for one in month),
        first=min(one.first for one in past),
        last=max((one.last for one in past), key=lambda done: done.at),
    )
