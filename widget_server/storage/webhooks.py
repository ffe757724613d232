"""Who elsewhere is told what happens, and what they are owed: kept in the transaction that causes it."""

import json
import secrets
import uuid
from datetime import datetime
from typing import Any

from peewee import JOIN, SQL, Expression, ModelSelect, Value, fn

from widget_server.rules import events, keys, moderation, webhooks
from widget_server.rules.events import Event
from widget_server.rules.keys import Secrets
from widget_server.rules.moderation import State
from widget_server.rules.webhooks import Kind
from widget_server.storage import doubles, log, seals
from widget_server.storage.ready import Ready
from widget_server.storage.seals import CannotOpen
from widget_server.storage.tables import Case, Moderator, Site, Webhook, WebhookDelivery, database

SETTING = "settings"
"""The key of the one that comes from WIDGET_WEBHOOK_URL."""
LEFT = ", who had added it, has no role there any more. Who lets it go on answers for it."
"""Why a webhook is paused whose owner has left, after their address."""
UNSET = "The server was started without WIDGET_WEBHOOK_URL: what is owed waits until it is set again."
"""Why the one that comes from the settings is paused while they do not name it."""


class Told(Exception):
    """Such a webhook is there already."""

    def __init__(self, webhook: Webhook) -> None:
        super().__init__(f"webhook {webhook.id} is there already")
        self.webhook = webhook


def listened() -> Expression:
    """Whether anybody is told anything at all, as part of another question to the database."""
    return fn.EXISTS(Webhook.select(SQL("1")).where(Webhook.paused_at.is_null()))


def anybody_listens() -> bool:
    return _listened.any()


_listened = Ready(lambda: Webhook.select(SQL("1")).where(Webhook.paused_at.is_null()).limit(1))


def owe(event: Event, about: dict[str, Any], *, site: int, at: datetime) -> None:
    """Every webhook that wants this event of this site is told, once (`about`: rules/events.py)."""
    _owe(
        event,
        about,
        Webhook.paused_at.is_null(),
        Webhook.site.is_null() | (Webhook.site == site),
        (Webhook.events == Value("[]", converter=False)) | (Webhook.events ** Value(f'%"{event}"%', converter=False)),
        site=site,
        at=at,
    )


def tell(case: Case, *happened: Event, at: datetime, **more: Any) -> None:
    """Owe events about a case, as it is now. `more`: what these events also tell, or tell differently."""
    if not happened or not case.overheard:
        return
    facts = {name: getattr(case, name) for name in ("text_sha256", "state", "category", "urgent", "model", "provider")}
    about = events.about_case(number=case.id, **{**facts, **more})
    for event in happened:
        owe(event, about, site=case.site_id, at=at)


def tell_of_waiting(case: Case, *, before: tuple[str, bool] | None, at: datetime) -> None:
    """Owe what has changed in a case that was so before (state, urgent), if it waits now; None: it is new."""
    waits, opened = State(case.state) in moderation.WAITING, before is None or before[0] != case.state
    urgent = case.urgent and (opened or not (before and before[1]))
    happened = ((Event.CASE_OPENED, opened), (Event.CASE_URGENT, urgent))
    tell(case, *[event for event, so in happened if so and waits], at=at)


def owe_test(webhook: Webhook, *, moderator: int, at: datetime) -> int:
    """A test for this webhook alone. Returns the number of the delivery."""
    with database.atomic():
        _owe(Event.WEBHOOK_TEST, events.about_test(), Webhook.id == webhook.id, site=None, at=at)
        log.write("try webhook", f"webhook {webhook.id}", moderator=moderator, at=at, site=webhook.site_id)
        return WebhookDelivery.select(fn.MAX(WebhookDelivery.id)).where(WebhookDelivery.webhook == webhook).scalar()


def add(
    url: str, *, kind: Kind, site: Site | None, wanted: list[Event], note: str, moderator: int | None, at: datetime
) -> Webhook:
    """Raises Told, if one tells the same there already: it would be told twice."""
    with database.atomic():
        doubles.in_turn(moderator)
        alike = Webhook.select().where(Webhook.site.is_null() if site is None else Webhook.site == site)
        for known in alike.order_by(Webhook.id):
            if known.events == sorted(wanted) and _leads_to(known, url):
                raise Told(known)
        added = Webhook.create(
            key=secrets.token_hex(8),
            site=site,
            kind=kind,
            url=seals.seal(seals.Kind.WEBHOOK, url),
            events=sorted(wanted),
            note=note,
            created_at=at,
            added_by=moderator,
        )
        _log("add webhook", added, moderator=moderator, at=at)
    return added


def from_setting(url: str | None, *, at: datetime) -> Webhook | None:
    """The webhook of all sites that the operator's setting names. Without the setting it is paused until it comes back:
    one start that lacks it takes neither what is owed nor the secret that the receiver has.
    """
    known = Webhook.get_or_none(Webhook.key == SETTING)
    if not url:
        if known:
            give_up(known, UNSET, at=at)
        return None
    if known and known.paused_why == UNSET:
        resume(known, moderator=None, at=at)
    kind, wanted = webhooks.of_setting(url)
    sealed = seals.seal(seals.Kind.WEBHOOK, wanted)
    if known is None:
        Webhook.insert(key=SETTING, kind=kind, url=sealed, events=[], created_at=at).on_conflict_ignore().execute()
    elif known.kind != kind or not _leads_to(known, wanted):
        Webhook.update(kind=kind, url=sealed, failing_since=None).where(Webhook.key == SETTING).execute()
    return Webhook.get(Webhook.key == SETTING)


def address(webhook: Webhook) -> str:
    """Where it is told. Raises CannotOpen."""
    return seals.opened(seals.Kind.WEBHOOK, webhook.url)


def shown(webhook: Webhook) -> str:
    """What people see of where it is told."""
    return seals.shown(seals.Kind.WEBHOOK, webhook.url, lambda url: webhooks.shown(url, Kind(webhook.kind)))


def every(*, sites: list[int] | None = None) -> list[Webhook]:
    """The webhooks, or those of these sites alone."""
    return list(_of(sites).order_by(Webhook.key != SETTING, Webhook.id))


def find(number: int, *, sites: list[int] | None = None) -> Webhook | None:
    return _of(sites).where(Webhook.id == number).first()


def rotate(webhook: Webhook, *, generation: int, moderator: int, at: datetime) -> bool:
    """Give the webhook a new secret; the old one signs beside it for a day.

    `generation`: of the secret that is to be followed. False if another one has followed it already: the one before
    would stop at once.
    """
    with database.atomic():
        followed = Webhook.update(generation=generation + 1, overlap_until=at + webhooks.OVERLAP).where(
            Webhook.id == webhook.id, Webhook.generation == generation
        )
        if not followed.execute():
            return False
        _log("rotate webhook", webhook, moderator=moderator, at=at)
    return True


def pause(webhook: Webhook, *, moderator: int, at: datetime) -> None:
    """Tell it nothing more until it is resumed: what happens meanwhile is not told, what is owed waits."""
    with database.atomic():
        Webhook.update(paused_at=at, paused_why="").where(Webhook.id == webhook.id).execute()
        _log("pause webhook", webhook, moderator=moderator, at=at)


def resume(webhook: Webhook, *, moderator: int | None, at: datetime) -> None:
    """Tell it again. One whose owner has left is from now on theirs who does this."""
    with database.atomic():
        left = Webhook.update(added_by=moderator).where(Webhook.id == webhook.id, Webhook.paused_why.endswith(LEFT))
        left.execute()
        Webhook.update(paused_at=None, paused_why="", failing_since=None).where(Webhook.id == webhook.id).execute()
        _log("resume webhook", webhook, moderator=moderator, at=at)


def give_up(webhook: Webhook, why: str, *, at: datetime) -> None:
    """The server itself pauses a webhook that wants nothing more, or that is lost."""
    with database.atomic():
        paused = Webhook.update(paused_at=at, paused_why=why).where(
            Webhook.id == webhook.id, Webhook.paused_at.is_null()
        )
        if paused.execute():
            log.write("give up webhook", f"webhook {webhook.id}", moderator=None, at=at, site=webhook.site_id, why=why)


def leave(person: Moderator, *, but: list[int] | None, by: int | None, at: datetime) -> int:
    """Pause what somebody has added, but for these sites (None: all) on which they still are something. How many."""
    if but is None:
        return 0
    why = f"{person.email}{LEFT}"
    elsewhere = Webhook.site.is_null() | Webhook.site.not_in(but)
    lost = list(Webhook.select().where(Webhook.added_by == person, elsewhere, Webhook.paused_why != why))
    for webhook in lost:
        since = webhook.paused_at or at
        Webhook.update(paused_at=since, paused_why=why).where(Webhook.id == webhook.id).execute()
        _log("pause webhook", webhook, moderator=by, at=at)
    return len(lost)


def remove(webhook: Webhook, *, moderator: int, at: datetime) -> None:
    """With everything that was or is owed to it."""
    with database.atomic():
        Webhook.delete().where(Webhook.id == webhook.id).execute()
        _log("remove webhook", webhook, moderator=moderator, at=at)


def secrets_of(webhook: Webhook, server_secrets: Secrets, *, at: datetime) -> list[str]:
    """The secrets that sign now, the newest first."""
    generations = [webhook.generation]
    if webhook.overlap_until and at < webhook.overlap_until:
        generations.append(webhook.generation - 1)
    return [
        keys.webhook_secret(secret, webhook=webhook.key, generation=number)
        for secret in server_secrets
        for number in generations
    ]


def secret_of_setting(server_secret: str) -> str:
    """The secret of the webhook that the operator's setting names, also before the server has started with it."""
    known = Webhook.get_or_none(Webhook.key == SETTING)
    return keys.webhook_secret(server_secret, webhook=SETTING, generation=known.generation if known else 1)


def _leads_to(known: Webhook, url: str) -> bool:
    try:
        return address(known) == url
    except CannotOpen:
        return False


def _of(sites: list[int] | None) -> ModelSelect:
    query = Webhook.select(Webhook, Site).join(Site, JOIN.LEFT_OUTER)
    return query if sites is None else query.where(Webhook.site.in_(sites))


def _owe(event: Event, about: dict[str, Any], *which: Expression, site: int | None, at: datetime) -> None:
    moment = WebhookDelivery.created_at.db_value(at)
    values = {
        WebhookDelivery.event_id: f"evt_{uuid.uuid4().hex}",
        WebhookDelivery.event: str(event),
        WebhookDelivery.about: json.dumps(about),
        WebhookDelivery.created_at: moment,
        WebhookDelivery.due_at: moment,
        WebhookDelivery.attempts: 0,
        WebhookDelivery.failure: "",
        **({WebhookDelivery.site: site} if site else {}),
    }
    told = Webhook.select(Webhook.id, *(Value(value, converter=False) for value in values.values())).where(*which)
    WebhookDelivery.insert_from(told, [WebhookDelivery.webhook, *values]).execute()


def _log(verb: str, webhook: Webhook, *, moderator: int | None, at: datetime) -> None:
    log.write(verb, f"webhook {webhook.id}", moderator=moderator, at=at, site=webhook.site_id, to=shown(webhook))
