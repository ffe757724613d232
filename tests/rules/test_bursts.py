"""What a burst is, and what belongs to one that was set aside."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.bursts import LEAST, SEVERAL, UNDO, WINDOW, goes_on, joins_aside, members, undoable

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counts", "burst"),
    [
        ({}, set()),
        ({1: 9}, set()),
        ({1: 10}, {1}),
        ({1: 5, 2: 5}, {1, 2}),
        ({1: 5, 2: 4}, set()),
        ({1: 4, 2: 3, 3: 3}, {1, 2, 3}),
        ({1: 8, 2: 2}, set()),
        ({1: 10, 2: 2, 3: 1}, {1}),
        (dict.fromkeys(range(40), 1), set()),
        (dict.fromkeys(range(40), 2), set()),
        (dict.fromkeys(range(4), 3), {0, 1, 2, 3}),
    ],
)
def test_many_reports_of_sources_that_repeat_themselves_are_a_burst(counts: dict[int, int], burst: set[int]) -> None:
    assert members(counts) == burst


def test_what_many_and_at_once_mean() -> None:
    assert (3, 10, timedelta(minutes=10), timedelta(hours=24)) == (SEVERAL, LEAST, WINDOW, UNDO)


@pytest.mark.parametrize(
    ("after", "on"), [(timedelta(0), True), (WINDOW, True), (WINDOW + timedelta.resolution, False)]
)
def test_a_burst_goes_on_for_ten_minutes_after_its_last_report(after: timedelta, on: bool) -> None:
    assert goes_on(ended=NOON, at=NOON + after) is on
    assert joins_aside(from_burst=True, urgent=False, ended=NOON, at=NOON + after) is on


@pytest.mark.parametrize(
    ("from_burst", "urgent", "joins"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_only_a_bursts_own_sources_join_it_and_never_with_urgent_harm(
    from_burst: bool, urgent: bool, joins: bool
) -> None:
    assert joins_aside(from_burst=from_burst, urgent=urgent, ended=NOON, at=NOON) is joins


@pytest.mark.parametrize(("after", "can"), [(UNDO, True), (UNDO + timedelta.resolution, False)])
def test_a_burst_is_brought_back_within_a_day(after: timedelta, can: bool) -> None:
    assert undoable(NOON, at=NOON + after) is can
