"""Forgetting what is no longer needed."""

from datetime import datetime, timedelta

from widget_server.storage import deliveries, reports
from widget_server.storage.tables import Delivery, database


def purge(*, days: int, at: datetime) -> int:
    """Destroy what is personal in settled reports older than `days`, and mails too late. Returns how many reports."""
    with database.atomic():
        Delivery.delete().where(Delivery.created_at < at - deliveries.TOO_LATE).execute()
        return reports.purge(before=at - timedelta(days=days))
