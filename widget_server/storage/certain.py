"""Which time has come for certain: a clock that stands wrong for a moment destroys nothing, and gives nothing up.

It is what a clock has said at least five minutes ago, if none has said since then that it is earlier.
"""

import logging
from datetime import UTC, datetime, timedelta

from widget_server.storage.tables import Heard, database

SURE = timedelta(minutes=5)
"""How long nobody may have said that it is earlier."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = 1
_log = logging.getLogger("widget_server")


def hear(*, at: datetime) -> datetime:
    """A clock says at the beginning of a round what time it is. Returns the time that has come for certain."""
    with database.atomic():
        heard = Heard.get_or_none()
        if heard is None:
            Heard.insert(id=_ONE, said_at=at, certain_at=_NEVER).on_conflict_ignore().execute()
        elif at < heard.said_at:
            if heard.said_at - at >= SURE:
                _log.warning("a clock was ahead of another, or is behind: are the clocks of all nodes right?")
            Heard.update(said_at=at, certain_at=min(at, heard.certain_at)).execute()
        elif at - heard.said_at >= SURE:
            Heard.update(said_at=at, certain_at=heard.said_at).execute()
    return moment(at=at)


def about(*, at: datetime) -> bool:
    """Whether this is about what the last round has heard: a clock that is further ahead may stand wrong."""
    said = Heard.select(Heard.said_at).scalar()
    return said is None or at - said < 2 * SURE


def moment(*, at: datetime) -> datetime:
    """The same for whoever has no round of their own."""
    found = Heard.select(Heard.certain_at).scalar()
    return min(at, found) if found else _NEVER
