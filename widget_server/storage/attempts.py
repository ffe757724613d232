"""How many reports are sent to a site, minute by minute: kept ones, and those that were asked to work first."""

from datetime import datetime, timedelta

from widget_server.rules.floods import REMEMBERED, SPAN, minute_of
from widget_server.storage import sums
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Attempts, Report


def count(site: int, *, at: datetime) -> None:
    """One more was sent."""
    sums.add(Attempts, [(site, minute_of(at), 1)])


def recent(site: int, *, at: datetime) -> dict[int, int]:
    """How many were sent in each minute of which anything is known."""
    return dict(_since.ask(site, minute_of(at) - REMEMBERED))


_since = Ready(
    lambda site, minute: Attempts.select(Attempts.minute, Attempts.number).where(
        Attempts.site == site, Attempts.minute > minute
    )
)


def of_source(site: int, source: int, *, at: datetime) -> int:
    """How many reports this source has sent within SPAN and were kept."""
    since = at - timedelta(minutes=SPAN)
    return Report.select().where(Report.source == source, Report.site == site, Report.received_at > since).count()


def forget(*, at: datetime) -> None:
    Attempts.delete().where(Attempts.minute <= minute_of(at) - REMEMBERED).execute()
