"""What moderators may decide about a case, what follows, and what the reporter is told."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a case (all reports on one text of one site) stands. Lapsed: its reporters took their reports back."""

    OPEN = "open"
    ESCALATED = "escalated"
    APPEALED = "appealed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    RELABELLED = "relabelled"
    LAPSED = "lapsed"


class Decision(StrEnum):
    """What a moderator does with a case."""

    DISMISS = "dismiss"
    WITHDRAW = "withdraw"
    RELABEL = "relabel"
    ESCALATE = "escalate"


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
        )
        if state is not outcome or state is State.RELABELLED
    },
    (State.OPEN, Decision.ESCALATE): State.ESCALATED,
    (State.APPEALED, Decision.ESCALATE): State.ESCALATED,
}
"""What may be decided in which state, and what follows. A decision can be replaced by another one later."""


class NotPossible(Exception):
    """The decision does not fit the state that the case is in."""


@dataclass(frozen=True, slots=True)
class Label:
    """A corrected label. None leaves that part as it was."""

    model: str | None = None
    provider: str | None = None
    review: str | None = None

    def as_json(self) -> dict[str, str]:
        parts = {"model": self.model, "provider": self.provider, "review": self.review}
        return {name: value for name, value in parts.items() if value is not None}


def decisions_in(state: State) -> list[Decision]:
    """The decisions open to a moderator in this state, in the order in which the desk offers them."""
    return [decision for decision in Decision if (state, decision) in OUTCOMES]


def decide(state: State, decision: Decision) -> State:
    """The state that follows. Raises NotPossible where the table has no answer."""
    try:
        return OUTCOMES[state, decision]
    except KeyError:
        raise NotPossible(f"A case that is {state} cannot be answered with “{decision}”.") from None


def after_report(state: State) -> State:
    """A report on a settled text opens its case again; on a withdrawn or waiting one it joins what is there."""
    return State.OPEN if state in (State.DISMISSED, State.RELABELLED, State.LAPSED) else state


def after_appeal(state: State) -> State:
    """An appeal brings a decided case back to the desk."""
    return state if state in WAITING else State.APPEALED


def report_state(*, decided: bool, appealed: bool, appeal_decided: bool, viewed: bool) -> ReportState:
    """What the reporter is told. `viewed`: a moderator has opened the case."""
    if appealed and not appeal_decided:
        return ReportState.APPEALED
    if decided:
        return ReportState.DECIDED
    return ReportState.IN_REVIEW if viewed else ReportState.RECEIVED
