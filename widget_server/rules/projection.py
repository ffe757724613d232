"""How many viewers a running month will have at its end, if new ones keep coming as they do now."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime, timedelta

PACE_DAYS = 7
"""New viewers of so many whole days, and of today so far, tell the pace: each day of the week is in it."""

FIRST_DAYS = 3
"""Of a month, that no pace is taken from: everybody is new then. Nothing is foretold while one of them is in it."""


def month_end(by_day: Sequence[int], *, at: datetime) -> int | None:
    """The viewers of a whole month. `by_day`: those first seen on each of its days up to `at`, today's last."""
    over = at.day - 1
    if over < FIRST_DAYS + PACE_DAYS:
        return None
    today = (at - at.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(days=1)
    left = monthrange(at.year, at.month)[1] - over - today
    pace = sum(by_day[-PACE_DAYS - 1 :]) / (PACE_DAYS + today)
    return sum(by_day) + round(pace * left)
