"""Forgetting what is no longer needed."""

from datetime import datetime, timedelta

from widget_server.storage import (
    attempts,
    hidden,
    invitations,
    outbox,
    page_views,
    publications,
    sign_ins,
    sources,
    webhook_deliveries,
    withdrawals,
)
from widget_server.storage.tables import Alert, Delivery, OwnerNotice, database


def purge(*, days: int, at: datetime) -> int:
    """Destroy what is older than `days`: what is personal in settled reports, on which pages the badge was seen and
    hidden, what webhooks were told, and texts that were rejected.

    Mails that are too late go, too, and, whatever the `days`, from where reports came more than a week ago, invitations
    and sessions that are over. Returns how many reports.
    """
    with database.atomic():
        for mails in (Delivery, Alert, OwnerNotice):
            mails.delete().where(mails.created_at < at - outbox.TOO_LATE).execute()
        hidden.purge(days=days, at=at)
        page_views.purge(days=days, at=at)
        webhook_deliveries.purge(before=at - timedelta(days=days))
        publications.purge(before=at - timedelta(days=days))
        sources.rotate(at=at)
        attempts.forget(at=at)
        invitations.forget_ended(at=at)
        sign_ins.forget_ended(at=at)
        return withdrawals.purge(before=at - timedelta(days=days))
