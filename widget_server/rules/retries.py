"""How often, and after which pauses, something that could not be delivered is tried again."""

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 12


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts that failed: twice as long each time. None: it is given up."""
    return FIRST_PAUSE * 2 ** (attempts - 1) if attempts < MOST_ATTEMPTS else None


LONGEST_PAUSE = FIRST_PAUSE * 2 ** (MOST_ATTEMPTS - 2)


def claimed_for(attempts: int) -> timedelta | None:
    """How long whoever makes this attempt, the first or a later one, has it alone. None: nobody makes another.

    One whose sender dies with the last attempt gets one more.
    """
    return LONGEST_PAUSE if attempts == MOST_ATTEMPTS else pause_after(attempts)


class Standing(StrEnum):
    """Where something that is owed to somebody elsewhere stands."""

    WAITING = "waiting"
    FAILING = "failing"
    DELIVERED = "delivered"
    FAILED = "failed"


def standing(*, delivered_at: datetime | None, due_at: datetime | None, attempts: int) -> Standing:
    """`due_at`: when it is tried (again). What is neither delivered nor due has failed for good."""
    if delivered_at:
        return Standing.DELIVERED
    if due_at is None:
        return Standing.FAILED
    return Standing.FAILING if attempts else Standing.WAITING
