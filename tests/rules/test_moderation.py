"""What may be decided, and what follows."""

import pytest

from widget_server.rules.moderation import (
    OUTCOMES,
    WAITING,
    Decision,
    Label,
    NotPossible,
    ReportState,
    State,
    after_appeal,
    after_report,
    decide,
    decisions_in,
    report_state,
)

D, W, R, E = Decision.DISMISS, Decision.WITHDRAW, Decision.RELABEL, Decision.ESCALATE


@pytest.mark.parametrize(
    ("state", "open_to"),
    [
        (State.OPEN, [D, W, R, E]),
        (State.APPEALED, [D, W, R, E]),
        (State.ESCALATED, [D, W, R]),
        (State.DISMISSED, [W, R]),
        (State.WITHDRAWN, [D, R]),
        (State.RELABELLED, [D, W, R]),
        (State.LAPSED, [D, W, R]),
    ],
)
def test_the_decisions_open_in_each_state(state: State, open_to: list[Decision]) -> None:
    assert decisions_in(state) == open_to


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [(D, State.DISMISSED), (W, State.WITHDRAWN), (R, State.RELABELLED), (E, State.ESCALATED)],
)
def test_a_decision_leads_where_its_name_says(decision: Decision, outcome: State) -> None:
    assert decide(State.OPEN, decision) is outcome
    assert {after for (_, made), after in OUTCOMES.items() if made is decision} == {outcome}


def test_what_the_table_does_not_know_is_refused() -> None:
    with pytest.raises(NotPossible, match="withdrawn"):
        decide(State.WITHDRAWN, Decision.WITHDRAW)


def test_somebody_waits_in_these_states() -> None:
    assert set(WAITING) == {State.OPEN, State.ESCALATED, State.APPEALED}


@pytest.mark.parametrize("state", [State.DISMISSED, State.RELABELLED, State.LAPSED])
def test_a_new_report_opens_a_settled_case(state: State) -> None:
    assert after_report(state) is State.OPEN


@pytest.mark.parametrize("state", [State.OPEN, State.ESCALATED, State.APPEALED, State.WITHDRAWN])
def test_a_new_report_joins_a_waiting_or_withdrawn_case(state: State) -> None:
    assert after_report(state) is state


@pytest.mark.parametrize("state", list(State))
def test_an_appeal_brings_a_settled_case_back(state: State) -> None:
    assert after_appeal(state) is (state if state in WAITING else State.APPEALED)


@pytest.mark.parametrize(
    ("decided", "appealed", "appeal_decided", "viewed", "told"),
    [
        (False, False, False, False, ReportState.RECEIVED),
        (False, False, False, True, ReportState.IN_REVIEW),
        (True, False, False, True, ReportState.DECIDED),
        (True, True, False, True, ReportState.APPEALED),
        (True, True, True, True, ReportState.DECIDED),
    ],
)
def test_what_the_reporter_is_told(
    decided: bool, appealed: bool, appeal_decided: bool, viewed: bool, told: ReportState
) -> None:
    assert report_state(decided=decided, appealed=appealed, appeal_decided=appeal_decided, viewed=viewed) is told


def test_a_label_tells_only_what_is_corrected() -> None:
    assert Label(model="x").as_json() == {"model": "x"}
    assert Label(provider="", review="human").as_json() == {"provider": "", "review": "human"}
