"""What may be decided, and what follows."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.moderation import (
    END_OF_URGENT,
    LEASE,
    OUTCOMES,
    UPHELD,
    WAITING,
    Decision,
    Label,
    NotPossible,
    Queue,
    ReportState,
    State,
    after,
    after_appeal,
    after_last_report,
    after_report,
    answers,
    brought_back,
    decide,
    decisions_in,
    fits,
    held,
    holds,
    leaves_label,
    may_appeal,
    may_decide,
    may_take,
    place,
    queue_of,
    report_state,
    undoable,
)

D, W, R, F, E = Decision.DISMISS, Decision.WITHDRAW, Decision.RELABEL, Decision.FIX, Decision.ESCALATE
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "open_to"),
    [
        (State.OPEN, [D, W, R, F, E]),
        (State.APPEALED, [D, W, R, F, E]),
        (State.ESCALATED, [D, W, R, F]),
        (State.DISMISSED, [W, R]),
        (State.WITHDRAWN, [D, R, F]),
        (State.RELABELLED, [D, W, R, F]),
        (State.LAPSED, [D, W, R, F]),
    ],
)
def test_the_decisions_open_in_each_state(state: State, open_to: list[Decision]) -> None:
    assert decisions_in(state) == open_to


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [(D, State.DISMISSED), (W, State.WITHDRAWN), (R, State.RELABELLED), (F, State.DISMISSED), (E, State.ESCALATED)],
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


@pytest.mark.parametrize(
    ("earlier", "label", "held"),
    [
        ({}, Label(model="x"), {"model": "x"}),
        ({}, Label(review="none", note="Checked."), {"review": "none", "note": "Checked."}),
        ({}, Label(), {}),
        ({"model": "x", "note": "Checked."}, Label(provider="y"), {"model": "x", "note": "Checked.", "provider": "y"}),
        ({"model": "x", "note": "Checked."}, Label(model="z", note=""), {"model": "z"}),
        ({}, Label(model="", provider="y"), {"provider": "y"}),
    ],
)
def test_what_is_corrected_of_a_label_leaves_the_rest_as_it_is(earlier: dict, label: Label, held: dict) -> None:
    assert label.upon(earlier) == held


@pytest.mark.parametrize(
    ("state", "decision", "appealed", "taken_back", "stays"),
    [
        (State.OPEN, D, False, False, True),
        (State.ESCALATED, F, False, False, True),
        (State.APPEALED, D, False, False, True),
        (State.APPEALED, D, True, False, False),
        (State.OPEN, D, False, True, False),
        (State.RELABELLED, D, False, False, False),
        (State.OPEN, W, False, False, False),
        (State.OPEN, R, False, False, False),
    ],
)
def test_a_text_that_stays_keeps_its_corrected_label_unless_that_is_what_is_decided(
    state: State, decision: Decision, appealed: bool, taken_back: bool, stays: bool
) -> None:
    assert leaves_label(state, decision, appealed=appealed, taken_back=taken_back) is stays


@pytest.mark.parametrize(
    ("outcome", "label", "holding"),
    [
        (State.DISMISSED, None, State.DISMISSED),
        (State.DISMISSED, {"model": "m"}, State.RELABELLED),
        (State.RELABELLED, {}, State.RELABELLED),
        (State.WITHDRAWN, None, State.WITHDRAWN),
    ],
)
def test_a_correction_that_was_left_standing_holds(outcome: State, label: dict | None, holding: State) -> None:
    assert holds(outcome, label=label) is holding


@pytest.mark.parametrize("state", list(State))
def test_a_case_stands_in_one_list(state: State) -> None:
    expected = Queue.WAITING if state in WAITING else Queue.LAPSED if state is State.LAPSED else Queue.DECIDED
    assert queue_of(state, follows=False) is expected
    assert queue_of(state, follows=True) is Queue.FOLLOWERS


def test_urgent_cases_wait_before_all_others_and_then_the_oldest() -> None:
    later = NOON + timedelta(microseconds=1)
    waiting = [(True, NOON), (True, later), (False, NOON), (False, later)]
    places = [place(Queue.WAITING, urgent=urgent, since=since) for urgent, since in waiting]
    assert places == sorted(set(places))


def test_places_that_are_stored_keep_their_meaning() -> None:
    microseconds = 1_795_435_200_000_000
    assert place(Queue.WAITING, urgent=False, since=NOON) == microseconds
    assert place(Queue.WAITING, urgent=True, since=NOON) == microseconds - 365_242 * 86_400_000_000
    assert place(Queue.DECIDED, urgent=True, since=NOON) == -microseconds


def test_a_case_is_ones_own_for_ten_minutes() -> None:
    assert timedelta(seconds=600) == LEASE


def test_what_was_decided_last_is_listed_first() -> None:
    earlier = NOON - timedelta(microseconds=1)
    for queue in (Queue.DECIDED, Queue.LAPSED):
        assert place(queue, urgent=False, since=NOON) < place(queue, urgent=True, since=earlier)


@pytest.mark.parametrize(
    ("by", "until", "is_held"),
    [(2, 1, True), (2, 0, False), (2, -1, False), (1, 1, False), (None, None, False), (2, None, False)],
)
def test_a_case_is_held_while_the_lease_of_another_runs(by: int | None, until: int | None, is_held: bool) -> None:
    end = None if until is None else NOON + timedelta(microseconds=until)
    assert held(by=by, until=end, moderator=1, at=NOON) is is_held


@pytest.mark.parametrize(("hours", "microseconds", "can"), [(0, 0, True), (24, 0, True), (24, 1, False)])
def test_a_decision_can_be_taken_back_for_a_day(hours: int, microseconds: int, can: bool) -> None:
    assert undoable(NOON, at=NOON + timedelta(hours=hours, microseconds=microseconds)) is can


@pytest.mark.parametrize(
    ("moments", "at", "happens"),
    [((), 5, 5), ((None,), 5, 5), ((4,), 5, 5), ((5,), 5, 6), ((9, None, 7), 5, 10)],
)
def test_what_comes_after_a_moment_is_later_by_whatever_clock(
    moments: tuple[int | None, ...], at: int, happens: int
) -> None:
    def moment(number: int) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(microseconds=number)

    given = [None if one is None else moment(one) for one in moments]
    assert after(*given, at=moment(at)) == moment(happens)


@pytest.mark.parametrize(
    ("outcome", "received", "waits", "appealed", "answered"),
    [
        (State.DISMISSED, 5, True, None, True),
        (State.DISMISSED, 6, True, None, False),
        (State.DISMISSED, 6, True, 7, False),
        (State.DISMISSED, 6, False, None, True),
        (State.WITHDRAWN, 6, True, None, False),
        (State.WITHDRAWN, 7, True, 7, True),
        (State.WITHDRAWN, 8, True, 7, False),
        (State.WITHDRAWN, 8, False, None, True),
    ],
)
def test_which_reports_a_decision_answers(
    outcome: State, received: int, waits: bool, appealed: int | None, answered: bool
) -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    given = appealed and day + timedelta(hours=appealed)
    came, decided = day + timedelta(hours=received), day + timedelta(hours=5)
    assert answers(outcome, decided=decided, received=came, waits=waits, appealed=given) is answered


def test_what_fits_is_what_can_be_decided() -> None:
    assert fits(State.OPEN, Decision.ESCALATE)
    assert not fits(State.DISMISSED, Decision.DISMISS)


def test_urgent_cases_come_before_all_others_and_unproved_ones_after_their_kind() -> None:
    def where(*, urgent: bool, unproved: bool, hours: int = 0) -> int:
        since = NOON + timedelta(hours=hours)
        return place(Queue.WAITING, urgent=urgent, unproved=unproved, since=since)

    in_order = [
        where(urgent=True, unproved=False),
        where(urgent=True, unproved=False, hours=1),
        where(urgent=True, unproved=True, hours=-9),
        where(urgent=False, unproved=False, hours=-9),
        where(urgent=False, unproved=False),
        where(urgent=False, unproved=True, hours=-9),
        where(urgent=False, unproved=True),
    ]
    assert sorted(in_order) == in_order
    assert all(-(2**63) < each < 2**63 for each in in_order)
    in_1970 = datetime(1970, 1, 1, tzinfo=UTC)
    assert place(Queue.WAITING, urgent=True, unproved=True, since=in_1970) == -182_621 * 86_400 * 1_000_000
    assert place(Queue.WAITING, urgent=True, unproved=True, since=in_1970) // 2 == END_OF_URGENT


@pytest.mark.parametrize(("outcome", "state"), [(None, State.LAPSED), ("dismissed", State.DISMISSED)])
def test_a_case_without_any_report_is_as_it_was_decided_or_lapses(outcome: str | None, state: State) -> None:
    assert after_last_report(outcome) is state


@pytest.mark.parametrize(
    ("state", "decided", "after"),
    [
        (State.LAPSED, None, State.OPEN),
        (State.OPEN, None, State.OPEN),
        (State.DISMISSED, NOON - timedelta.resolution, State.OPEN),
        (State.DISMISSED, NOON, State.DISMISSED),
        (State.WITHDRAWN, NOON - timedelta(1), State.WITHDRAWN),
    ],
)
def test_a_report_that_counts_again_opens_its_case_unless_it_was_decided_since(
    state: State, decided: datetime | None, after: State
) -> None:
    assert brought_back(state, decided=decided, received=NOON) is after


@pytest.mark.parametrize(
    ("state", "appealed", "against_decision", "aside", "can"),
    [
        (ReportState.RECEIVED, False, False, False, False),
        (ReportState.IN_REVIEW, False, False, True, True),
        (ReportState.APPEALED, True, False, False, False),
        (ReportState.RECEIVED, True, False, True, False),
        (ReportState.DECIDED, False, False, False, True),
        (ReportState.DECIDED, True, False, False, True),
        (ReportState.DECIDED, True, True, False, False),
        (ReportState.DECIDED, False, False, True, True),
    ],
)
def test_a_reporter_can_ask_for_a_second_look_once_at_a_decision_and_once_at_standing_aside(
    state: ReportState, appealed: bool, against_decision: bool, aside: bool, can: bool
) -> None:
    assert may_appeal(state, appealed=appealed, against_decision=against_decision, aside=aside) is can


@pytest.mark.parametrize(
    ("appealed_from", "alone", "may"),
    [(set(), False, True), ({1}, False, False), ({1, 2}, False, False), ({1, 2}, True, True), ({2}, False, True)],
)
def test_another_person_decides_an_appeal_if_there_is_one(appealed_from: set[int], alone: bool, may: bool) -> None:
    assert may_decide(appealed_from=appealed_from, moderator=1, alone=alone) is may


@pytest.mark.parametrize(("held", "may"), [(0, True), (19, True), (20, False), (21, False)])
def test_nobody_takes_more_than_twenty_cases_at_once(held: int, may: bool) -> None:
    assert may_take(held) is may


def test_whoever_reported_was_right_if_something_was_done() -> None:
    assert set(Decision) - set(UPHELD) == {Decision.DISMISS, Decision.ESCALATE}
