"""Mails to reporters and moderators: tried when they are due, and again after a pause, until they are given up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from peewee import Case, Expression

from widget_server.rules.retries import LONGEST_PAUSE, MOST_ATTEMPTS, claimed_for
from widget_server.storage.seals import CannotOpen
from widget_server.storage.tables import Alert, Delivery, OwnerNotice, Screening, WebhookDelivery, database

TOO_LATE = timedelta(days=30)
"""A mail that could not be sent for so long is not sent any more."""

AT_ONCE = 50
"""Mails of an outbox in one round."""

Mail = tuple[str, str, str]


def send(
    table: type[Delivery] | type[Alert],
    attempt: Callable[[int], str | None],
    *,
    before: Expression | None = None,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Try those of a table that are due, until `enough`. `attempt`: sends that of a row, if one is needed; gives
    None or what went wrong.

    `before`: which of them go before all others.

    Each is claimed before it is tried. If its sender dies, it is free again after the pause that follows a failure.
    """
    recall(table, at=at)
    sent = 0
    for _ in range(AT_ONCE):
        if enough():
            break
        number = _claim(table, before, at=at)
        if number is None and before is not None:
            before = None
            number = _claim(table, at=at)
        if number is None:
            break
        sent += _try(table, number, attempt, at=at)
    return sent


def recall(
    table: type[Delivery] | type[Alert] | type[OwnerNotice] | type[WebhookDelivery] | type[Screening], *, at: datetime
) -> None:
    """What is put off for longer than any pause was put off by a clock that was ahead: it is due now."""
    table.update(due_at=at).where(table.due_at > at + LONGEST_PAUSE).execute()


def claim(attempts: int, *, at: datetime) -> dict[str, Any]:
    """What a row becomes that is claimed after so many attempts."""
    alone = claimed_for(attempts + 1)
    return {"due_at": at + alone if alone else None, "attempts": attempts + 1}


def left(
    table: type[Delivery] | type[Alert] | type[OwnerNotice] | type[WebhookDelivery],
    failure: str | None,
    *,
    at: datetime,
) -> dict[str, Any]:
    """What a row becomes that was tried: delivered, or given up with its last attempt, or due after its pause."""
    if not failure:
        return {"failure": "", "due_at": None, "delivered_at": at}
    return {"failure": failure, "due_at": Case(None, ((table.attempts >= MOST_ATTEMPTS, None),), table.due_at)}


def _claim(table: type[Delivery] | type[Alert], only: Expression | None = None, *, at: datetime) -> int | None:
    """The mail that is due next is ours until it is due again; what another is just claiming is passed over."""
    due = table.select(table.id, table.attempts).where(table.due_at <= at, table.created_at >= at - TOO_LATE)
    due = due.order_by(table.due_at, table.id).limit(1)
    due = due if only is None else due.where(only)
    if database.for_update:
        due = due.for_update("FOR UPDATE SKIP LOCKED")
    with database.atomic():
        owed = due.first()
        if owed is None:
            return None
        table.update(failure="", **claim(owed.attempts, at=at)).where(table.id == owed.id).execute()
    return int(owed.id)


def _try(
    table: type[Delivery] | type[Alert], number: int, attempt: Callable[[int], str | None], *, at: datetime
) -> bool:
    try:
        failure = attempt(number)
    except CannotOpen as why:
        failure = str(why)
    table.update(left(table, failure, at=at)).where(table.id == number).execute()
    return failure is None
