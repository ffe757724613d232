"""When a site is flooded with reports, and how much a report then costs the machine that sends it.

An ordinary site gets a few reports a day. One address may send 30 a minute: so `threshold` (60, unless the operator
says otherwise) within SPAN minutes is what one address at its limit reaches in two minutes, and no ordinary day. It is
over late, below a third of that for CALM minutes on end: a flood that pauses to breathe is still one. And it is a
plain number, not a multiple of what is usual, which whoever floods for long enough could raise.

Work is counted in rounds of SHA-256. In its browser a desktop computer does about 1.6 million a second, so that
MOST_TRIES take 0.2 seconds at worst and half of that on average; a telephone is four to six times as slow: 0.8 to 1.2
seconds at worst.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

SPAN = 5
CALM = 10
REMEMBERED = 180
"""Minutes: over which reports are added up, for how long it has to be calm, and how far back anything is known."""
CALM_SHARE = 3
"""It is calm with less than one such part of what makes a flood."""

ROUNDS = 100
"""In one try."""
LEAST_TRIES, MOST_TRIES = 600, 3_000
VALID = timedelta(minutes=5)
"""How long a challenge can be answered."""
PATIENCE_SECONDS = 60
"""When to come again, for those who cannot solve it."""

FREE_BYTES = 2_000
"""Of a report's words, its page's address among them, that are stored without being counted.

In SQLite such a report takes 9 KB at worst, and one of 45,000 bytes 107 KB: an address that sends as many as it may all
day fills 0.4 GB with the former and 0.2 GB with the latter, where it was 4.6 GB.
"""


def answered_for(*words: str) -> int:
    """Bytes of a report's words that count for the address from which it came: an ordinary report has none."""
    return max(sum(len(each.encode()) for each in words) - FREE_BYTES, 0)


def minute_of(moment: datetime) -> int:
    """The minute of a moment, counted since 1970."""
    return int(moment.timestamp()) // 60


def flooded(attempts: Mapping[int, int], *, minute: int, threshold: int) -> bool:
    """Whether a site is flooded in this minute, by how many reports were sent to it in each minute before and in it.

    With a `threshold` of 0, never.
    """
    on, calm, first = False, 0, minute - REMEMBERED + SPAN
    rate = sum(attempts.get(first - back, 0) for back in range(1, SPAN + 1))
    for each in range(first, minute + 1):
        rate += attempts.get(each, 0) - attempts.get(each - SPAN, 0)
        if rate >= threshold > 0:
            on, calm = True, 0
        elif on:
            calm = calm + 1 if rate * CALM_SHARE < threshold else 0
            on = calm < CALM
    return on


def tries(*, mine: int, rate: int, threshold: int) -> int:
    """How many tries a report may cost at most: more for each that came from the same source (`mine`) within SPAN, and
    with the flood (`rate`: reports within SPAN); never more than a telephone does while its owner waits."""
    return min(LEAST_TRIES * (1 + mine) * max(1, rate // threshold), MOST_TRIES)
