"""Forgetting what is no longer needed."""

from datetime import datetime, timedelta

from widget_server.storage import deliveries, hidden, reports
from widget_server.storage.tables import Delivery, OwnerNotice, database


def purge(*, days: int, at: datetime) -> int:
    """Destroy what is older than `days`: what is personal in settled reports, and on which pages the badge was hidden.

    Mails that are too late go, too. Returns how many reports.
    """
    with database.atomic():
        Delivery.delete().where(Delivery.created_at < at - deliveries.TOO_LATE).execute()
        OwnerNotice.delete().where(OwnerNotice.created_at < at - deliveries.TOO_LATE).execute()
        hidden.purge(days=days, at=at)
        return reports.purge(before=at - timedelta(days=days))
