"""When an owner is written to: of the first thing at once, of what follows soon after in one mail."""

from datetime import UTC, datetime, timedelta

GATHERED = timedelta(minutes=10)
"""Whoever reports a hundred texts fills no mailbox: for so long further notices wait for each other."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def told_at(at: datetime, *, last: datetime | None) -> datetime:
    """When something that happens now is told, if the last one of its kind happened at `last` (None: never)."""
    if last is None or at - last >= GATHERED:
        return at
    return at + GATHERED - (at - _LONG_AGO) % GATHERED
