"""Forgetting what is no longer needed."""

from datetime import datetime, timedelta

from widget_server.storage import attempts, deliveries, hidden, reports, sources
from widget_server.storage.tables import Delivery, database


def purge(*, days: int, at: datetime) -> int:
    """Destroy what is older than `days`: what is personal in settled reports, and on which pages the badge was hidden.

    Mails that are too late go, too, and, whatever the `days`, from where reports came more than a week ago. Returns how
    many reports.
    """
    with database.atomic():
        Delivery.delete().where(Delivery.created_at < at - deliveries.TOO_LATE).execute()
        hidden.purge(days=days, at=at)
        sources.rotate(at=at)
        attempts.forget(at=at)
        return reports.purge(before=at - timedelta(days=days))
