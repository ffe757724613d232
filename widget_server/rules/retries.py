"""How often, and after which pauses, something that could not be delivered is tried again."""

from datetime import timedelta

FIRST_PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 12


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts that failed: twice as long each time. None: it is given up."""
    return FIRST_PAUSE * 2 ** (attempts - 1) if attempts < MOST_ATTEMPTS else None
