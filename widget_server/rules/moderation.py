"""What moderators may decide about a case, what follows, and what the reporter is told."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

LEASE = timedelta(minutes=10)
"""How long a case that a moderator has taken is nobody else's. What they do at it begins the time again."""
MOST_HELD = 20
"""How many cases somebody holds at once: more than anybody looks at, and too few to keep a queue from others."""
UNDO = timedelta(hours=24)
"""How long a decision can be taken back as a mistake. Afterwards another decision takes its place."""


class State(StrEnum):
    """Where a case (all reports on one text of one site) stands.

    Lapsed: its reporters took their reports back, or a moderator has set all of them aside, or there are none: the desk
    has opened it to withdraw a text of another site's case here, too, and has taken that back.
    """

    OPEN = "open"
    ESCALATED = "escalated"
    APPEALED = "appealed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    RELABELLED = "relabelled"
    LAPSED = "lapsed"


class Decision(StrEnum):
    """What a moderator does with a case. Fix: no clause is broken, but the generator's team is asked to mend it."""

    DISMISS = "dismiss"
    WITHDRAW = "withdraw"
    RELABEL = "relabel"
    FIX = "fix"
    ESCALATE = "escalate"


class Queue(StrEnum):
    """The lists of the desk. Followers: cases that stand on the card of another one."""

    WAITING = "waiting"
    DECIDED = "decided"
    LAPSED = "lapsed"
    FOLLOWERS = "followers"


class ReportState(StrEnum):
    """What a reporter is told about their report."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    DECIDED = "decided"
    APPEALED = "appealed"


WAITING = (State.OPEN, State.ESCALATED, State.APPEALED)
"""The states in which somebody waits for a moderator."""

OUTCOMES: dict[tuple[State, Decision], State] = {
    **{
        (state, decision): outcome
        for state in State
        for decision, outcome in (
            (Decision.DISMISS, State.DISMISSED),
            (Decision.WITHDRAW, State.WITHDRAWN),
            (Decision.RELABEL, State.RELABELLED),
            (Decision.FIX, State.DISMISSED),
        )
        if state is not outcome or state is State.RELABELLED
    },
    (State.OPEN, Decision.ESCALATE): State.ESCALATED,
    (State.APPEALED, Decision.ESCALATE): State.ESCALATED,
}
"""What may be decided in which state, and what follows. A decision can be replaced by another one later."""


STAYS = (Decision.DISMISS, Decision.FIX)
"""The decisions by which the text stays as it is."""

UPHELD = (Decision.WITHDRAW, Decision.RELABEL, Decision.FIX)
"""The decisions by which whoever reported a text was right."""


class NotPossible(Exception):
    """The decision does not fit the state that the case is in."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is corrected of a label: None leaves that part as it is, empty takes an earlier correction back.

    `note`: a moderator's public word under the badge.
    """

    model: str | None = None
    provider: str | None = None
    review: str | None = None
    note: str | None = None

    def upon(self, earlier: Mapping[str, str]) -> dict[str, str]:
        """The corrections that hold from now on, after these `earlier` ones."""
        now = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: value for name, value in {**earlier, **now}.items() if value}


def leaves_label(state: State, decision: Decision, *, appealed: bool, taken_back: bool) -> bool:
    """Whether a label that was corrected stays so: something else was reported, and the text stays.

    `appealed`: an appeal against the correction waits; `taken_back`: the moderator takes the correction back. Where
    nobody waits, a decision takes its place.
    """
    return state in WAITING and decision in STAYS and not appealed and not taken_back


def holds(outcome: str, *, label: Mapping[str, str] | None) -> State:
    """What holds on a text after a decision. `label`: as it is corrected then, by that decision or an earlier one."""
    return State(outcome) if label is None else State.RELABELLED


def decisions_in(state: State) -> list[Decision]:
    """The decisions open to a moderator in this state, in the order in which the desk offers them."""
    return [decision for decision in Decision if (state, decision) in OUTCOMES]


def fits(state: State, decision: Decision) -> bool:
    """Whether a case in this state can be decided so."""
    return (state, decision) in OUTCOMES


def needs_whole(decision: Decision) -> bool:
    """Whether a decision changes what pages show: then it has to be sure which text is meant."""
    return decision in (Decision.WITHDRAW, Decision.RELABEL)


def decide(state: State, decision: Decision) -> State:
    """The state that follows. Raises NotPossible where the table has no answer."""
    try:
        return OUTCOMES[state, decision]
    except KeyError:
        raise NotPossible(f"A case that is {state} cannot be answered with “{decision}”.") from None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_A_MILLENNIUM = timedelta(days=365_242) // _TICK
_BANDS = {
    (True, False): -_A_MILLENNIUM,
    (True, True): -_A_MILLENNIUM // 2,
    (False, False): 0,
    (False, True): _A_MILLENNIUM,
}
END_OF_URGENT = -_A_MILLENNIUM // 4
"""Of all places, those of urgent cases that wait are before this one, and no others."""


def queue_of(state: State, *, follows: bool) -> Queue:
    """The list in which a case stands. `follows`: on the card of another case."""
    if follows:
        return Queue.FOLLOWERS
    if state in WAITING:
        return Queue.WAITING
    return Queue.LAPSED if state is State.LAPSED else Queue.DECIDED


def place(queue: Queue, *, urgent: bool, since: datetime, unproved: bool = False) -> int:
    """Where a case stands in its list, the smaller the sooner.

    Of those that wait (`since` then): urgent ones, then the oldest. Of all others (settled `since` then): the newest.
    How many reports a case has moves it nowhere, so that a flood pushes nobody back; nor does it matter whether an
    address is confirmed: who reports the abuse of a child never has one. Only cases that have nothing but reports sent
    past the proof of work (`unproved`: without script, while the site was flooded) come after the others of their kind:
    urgent ones after the urgent, all others at the end.
    """
    moment = (since - _EPOCH) // _TICK
    if queue in (Queue.WAITING, Queue.FOLLOWERS):
        return moment + _BANDS[urgent, unproved]
    return -moment


def may_take(held: int) -> bool:
    """Whether somebody who holds so many cases takes another one."""
    return held < MOST_HELD


def held(*, by: int | None, until: datetime | None, moderator: int, at: datetime) -> bool:
    """Whether a case is another moderator's for now."""
    return by is not None and by != moderator and until is not None and until > at


def after(*moments: datetime | None, at: datetime) -> datetime:
    """When what comes after these moments happens: at the least a microsecond later, though another node's clock, or a
    wait for the database, has put them before.
    """
    return max([at, *(moment + _TICK for moment in moments if moment)])


def undoable(decided: datetime, *, at: datetime) -> bool:
    """Whether a decision can still be taken back as a mistake."""
    return at - decided <= UNDO


def after_report(state: State) -> State:
    """A report on a settled text opens its case again; on a withdrawn or waiting one it joins what is there."""
    return State.OPEN if state in (State.DISMISSED, State.RELABELLED, State.LAPSED) else state


def after_last_report(outcome: str | None) -> State:
    """A waiting case of which no report counts any more: as before it was opened again, or it lapses."""
    return State(outcome) if outcome else State.LAPSED


def brought_back(state: State, *, decided: datetime | None, received: datetime) -> State:
    """A report counts again. Unless its case was decided since it came, that is as if it came now."""
    return state if decided is not None and decided >= received else after_report(state)


def answers(
    outcome: State, *, decided: datetime, received: datetime, waits: bool, appealed: datetime | None = None
) -> bool:
    """Whether a case's last final decision is also about a report; all are answered while the case `waits` for nobody.

    A withdrawal answers those as well that still come, until somebody has `appealed`.
    """
    if not waits or received <= decided:
        return True
    return outcome is State.WITHDRAWN and appealed is not None and received <= appealed


def after_appeal(state: State) -> State:
    """An appeal brings a decided case back to the desk."""
    return state if state in WAITING else State.APPEALED


def may_appeal(state: ReportState, *, appealed: bool, against_decision: bool, aside: bool) -> bool:
    """Whether a reporter can ask for a second look: once at a decision, and once at standing aside before there is one.

    `appealed`: they have asked; `against_decision`: because of a decision.
    """
    if state is ReportState.DECIDED:
        return not (appealed and against_decision)
    return aside and not appealed


def may_decide(*, appealed_from: Collection[int], moderator: int, alone: bool) -> bool:
    """Appeals are decided by another person than those whose decisions they are against, if there is one.

    `alone`: nobody but these works at the desk. Then one of them looks again, rather than nobody.
    """
    return moderator not in appealed_from or alone


def report_state(*, decided: bool, appealed: bool, appeal_decided: bool, viewed: bool) -> ReportState:
    """What the reporter is told. `viewed`: a moderator has opened the case, and the report counts."""
    if appealed and not appeal_decided:
        return ReportState.APPEALED
    if decided:
        return ReportState.DECIDED
    return ReportState.IN_REVIEW if viewed else ReportState.RECEIVED
