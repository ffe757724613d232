"""When something that failed is tried again."""

from datetime import timedelta

import pytest

from widget_server.rules.retries import MOST_ATTEMPTS, pause_after


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (10, 512), (11, 1024), (12, None), (13, None)]
)
def test_the_pause_doubles_until_it_is_given_up_after_twelve(attempts: int, minutes: int | None):
    assert pause_after(attempts) == (timedelta(minutes=minutes) if minutes else None)
    assert MOST_ATTEMPTS == 12
