"""Forgetting what is no longer needed."""

from datetime import datetime, timedelta

from widget_server.storage import reports
from widget_server.storage.tables import Delivery, database

FAILED_MAIL = timedelta(days=30)


def purge(*, days: int, at: datetime) -> int:
    """Destroy what is personal in settled reports older than `days`, and mails given up. Returns how many reports."""
    with database.atomic():
        Delivery.delete().where(Delivery.due_at.is_null(), Delivery.created_at < at - FAILED_MAIL).execute()
        return reports.purge(before=at - timedelta(days=days))
