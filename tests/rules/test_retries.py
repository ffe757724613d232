"""When something that failed is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.retries import LONGEST_PAUSE, MOST_ATTEMPTS, Standing, claimed_for, pause_after, standing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (10, 512), (11, 1024), (12, None), (13, None)]
)
def test_the_pause_doubles_until_it_is_given_up_after_twelve(attempts: int, minutes: int | None):
    assert pause_after(attempts) == (timedelta(minutes=minutes) if minutes else None)
    assert MOST_ATTEMPTS == 12


def test_no_pause_is_longer_than_the_last_one():
    assert pause_after(MOST_ATTEMPTS - 1) == LONGEST_PAUSE


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (11, 1024), (12, 1024), (13, None)])
def test_who_dies_with_the_last_attempt_leaves_one_more(attempts: int, minutes: int | None):
    assert claimed_for(attempts) == (timedelta(minutes=minutes) if minutes else None)


@pytest.mark.parametrize(
    ("delivered_at", "due_at", "attempts", "stands"),
    [
        (None, NOON, 0, Standing.WAITING),
        (None, NOON, 1, Standing.FAILING),
        (None, NOON, 2, Standing.FAILING),
        (NOON, None, 1, Standing.DELIVERED),
        (None, None, 12, Standing.FAILED),
        (None, None, 0, Standing.FAILED),
    ],
)
def test_where_something_that_is_owed_stands(delivered_at, due_at, attempts: int, stands: Standing):
    assert standing(delivered_at=delivered_at, due_at=due_at, attempts=attempts) is stands
