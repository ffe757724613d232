"""What is owed to webhooks: sent when it is due, tried again, given up, and listed."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from peewee import JOIN, SQL, ModelSelect, fn

from widget_server.rules import webhooks as rules
from widget_server.rules.events import Event
from widget_server.rules.keys import Secrets
from widget_server.rules.webhooks import Kind
from widget_server.storage import certain, log, outbox, webhooks
from widget_server.storage.seals import CannotOpen
from widget_server.storage.tables import Site, Webhook, WebhookDelivery, database

GONE = "It answered 410 Gone: it wants nothing more."
LOST = "Nothing was taken for five days."


@dataclass(frozen=True, slots=True)
class Letter:
    """An event for one webhook, and when it is sent. `secrets`: what signs it, the newest first."""

    url: str
    kind: Kind
    secrets: tuple[str, ...]
    event_id: str
    event: Event
    about: dict[str, Any]
    happened_at: datetime
    sent_at: datetime
    site: str | None
    site_name: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a letter: `failure` None, it was taken; else in one line, why not. `status`: the answer's."""

    status: int | None
    failure: str | None


Post = Callable[[Letter], Sent]


def send(
    post: Post,
    *,
    server_secrets: Secrets,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
    seconds: Callable[[], float] = time.monotonic,
) -> int:
    """Send what is due, until `enough`. Returns how many messages were taken. `seconds`: a clock that never goes back.

    The next message is of the site that has had the least of the round's time; its webhooks take turns. One that does
    not take a message gets no other in this round, and those that work are served before those that fail: nobody waits
    long for a receiver that hangs, or takes its time.
    """
    outbox.recall(WebhookDelivery, at=at)
    taken, spent = 0, defaultdict[int | None, float](float)
    waiting = _with_due(at)
    while waiting and not enough():
        webhook = min(waiting, key=lambda one: (one.failing_since is not None, spent[one.site_id]))
        waiting.remove(webhook)
        owed = _next(webhook, at)
        if owed is None:
            continue
        began = seconds()
        outcome = _try(owed, post, server_secrets, at=at)
        spent[webhook.site_id] += seconds() - began
        taken += bool(outcome)
        if outcome is not False:
            waiting.append(owed.webhook)
    return taken


def send_now(number: int, post: Post, *, server_secrets: Secrets, at: datetime) -> WebhookDelivery:
    """Try this one at once, even if its webhook is paused. Returns it as it is afterwards."""
    owed = _rows().where(WebhookDelivery.id == number).get()
    _try(owed, post, server_secrets, at=at)
    return _rows().where(WebhookDelivery.id == number).get()


def again(number: int, webhook: Webhook, *, moderator: int, at: datetime) -> bool:
    """Owe a message again, whatever became of it, with the same id. False if there is none."""
    afresh = {"due_at": at, "attempts": 0, "delivered_at": None, "status": None, "failure": ""}
    with database.atomic():
        of_it = (WebhookDelivery.id == number) & (WebhookDelivery.webhook == webhook)
        if not WebhookDelivery.update(afresh).where(of_it).execute():
            return False
        log.write(
            "send again", f"webhook {webhook.id}", moderator=moderator, at=at, site=webhook.site_id, delivery=number
        )
    return True


def page(webhook: int, *, before: int | None, size: int) -> list[WebhookDelivery]:
    """What was and is owed to a webhook, the newest first, or what stands before the number `before`."""
    query = _rows().where(WebhookDelivery.webhook == webhook).order_by(WebhookDelivery.id.desc()).limit(size)
    return list(query.where(WebhookDelivery.id < before) if before else query)


def purge(*, before: datetime) -> int:
    """Forget what happened before this moment, but what is still owed."""
    owed = WebhookDelivery.due_at.is_null(False)
    return WebhookDelivery.delete().where(WebhookDelivery.created_at < before, ~owed).execute()


def _rows() -> ModelSelect:
    query = WebhookDelivery.select(WebhookDelivery, Webhook, Site).join(Webhook).switch(WebhookDelivery)
    return query.join(Site, JOIN.LEFT_OUTER)


def _with_due(at: datetime) -> list[Webhook]:
    """Those that are owed something, the one first that was told longest ago."""
    owed = WebhookDelivery.select(WebhookDelivery.webhook).where(WebhookDelivery.due_at <= at)
    over = WebhookDelivery.webhook == Webhook.id, WebhookDelivery.due_at.is_null()
    told = (
        WebhookDelivery.select(WebhookDelivery.delivered_at).where(*over).order_by(WebhookDelivery.id.desc()).limit(1)
    )
    query = Webhook.select().where(Webhook.paused_at.is_null(), Webhook.id.in_(owed))
    return list(query.order_by(fn.COALESCE(told, 0), Webhook.failing_since, Webhook.id))


def _next(webhook: Webhook, at: datetime) -> WebhookDelivery | None:
    this = WebhookDelivery.webhook == webhook, Webhook.paused_at.is_null()  # it may have been paused since
    due = _rows().where(*this, WebhookDelivery.due_at <= at)
    return due.order_by(WebhookDelivery.due_at, WebhookDelivery.id).first()


def _try(owed: WebhookDelivery, post: Post, server_secrets: Secrets, *, at: datetime) -> bool | None:
    """Whether it was taken; None if another process has it."""
    webhook = owed.webhook
    claim = WebhookDelivery.update(outbox.claim(owed.attempts, at=at))
    if not claim.where(WebhookDelivery.id == owed.id, WebhookDelivery.due_at == owed.due_at).execute():
        return None
    try:
        sent = post(_letter(owed, webhook, server_secrets, at=at))
    except CannotOpen as why:
        sent = Sent(None, str(why))
    left = outbox.left(WebhookDelivery, sent.failure, at=at)
    with database.atomic():
        WebhookDelivery.update({"status": sent.status, **left}).where(WebhookDelivery.id == owed.id).execute()
        if sent.failure:
            _failed(owed, webhook, sent, at=at)
        else:
            Webhook.update(failing_since=None).where(
                Webhook.id == webhook.id, Webhook.failing_since.is_null(False)
            ).execute()
    return sent.failure is None


def _failed(owed: WebhookDelivery, webhook: Webhook, sent: Sent, *, at: datetime) -> None:
    """It fails since then, until something is taken, or nothing is owed any more: what happens next tells anew.

    No clock says that it fails since before what it does not take has happened.
    """
    if sent.status == HTTPStatus.GONE:
        webhooks.give_up(webhook, GONE, at=at)
    elif webhook.failing_since and rules.lost(webhook.failing_since, at=certain.moment(at=at)):
        webhooks.give_up(webhook, LOST, at=at)
    this, known = Webhook.id == webhook.id, Webhook.failing_since.is_null(False) & (Webhook.failing_since <= at)
    Webhook.update(failing_since=max(at, owed.created_at)).where(this, ~known).execute()
    more = WebhookDelivery.select(SQL("1")).where(
        WebhookDelivery.webhook == webhook, WebhookDelivery.due_at.is_null(False)
    )
    Webhook.update(failing_since=None).where(this, ~fn.EXISTS(more)).execute()


def _letter(owed: WebhookDelivery, webhook: Webhook, server_secrets: Secrets, *, at: datetime) -> Letter:
    return Letter(
        url=webhooks.address(webhook),
        kind=Kind(webhook.kind),
        secrets=tuple(webhooks.secrets_of(webhook, server_secrets, at=at)),
        event_id=owed.event_id,
        event=Event(owed.event),
        about=owed.about,
        happened_at=owed.created_at,
        sent_at=at,
        site=owed.site.key if owed.site else None,
        site_name=owed.site.name if owed.site else None,
    )
