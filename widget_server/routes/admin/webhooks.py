"""Who elsewhere is told what happens: adding, trying, pausing, and what became of each message."""

from typing import Any

from flask import redirect, render_template, request, session, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response

from widget_server.delivery import outside
from widget_server.delivery.webhooks import poster
from widget_server.routes import paging
from widget_server.routes.admin import blueprint
from widget_server.routes.api.fields import WebAddress
from widget_server.routes.current import now, settings
from widget_server.routes.errors import RETRY_SECONDS, Problem
from widget_server.routes.sessions import moderator, sites_allowed
from widget_server.rules.events import CHOICES, MEANINGS, Event
from widget_server.rules.retries import standing
from widget_server.rules.webhooks import Kind
from widget_server.storage import sites, webhook_deliveries, webhooks
from widget_server.storage.tables import Site, Webhook

PAGE = 50
ADDED = "Webhook {} tells the same there already. Resume that one if it is paused, or remove it first."
DEEDS = {"pause": webhooks.pause, "resume": webhooks.resume}


class Target(WebAddress):
    """Where messages go."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError:
            raise ValidationError(
                "Must be an address such as https://hooks.example/widget, without a password, 2000 characters at most."
            ) from None


class WebhookSchema(Schema):
    """A new webhook. `site`: a site's key; empty, all of them. `events`: none chosen, all of them."""

    class Meta:
        unknown = EXCLUDE

    url = Target(required=True)
    kind = fields.Enum(Kind, by_value=True, load_default=Kind.STANDARD)
    site = fields.String(load_default="")
    events = fields.List(fields.String(validate=validate.OneOf([str(event) for event in CHOICES])), load_default=list)
    note = fields.String(load_default="", validate=validate.Length(max=200))


_schema = WebhookSchema()


@blueprint.get("/webhooks")
def list_webhooks() -> str:
    return _list()


@blueprint.post("/webhooks")
def add_webhook() -> Response | tuple[str, int]:
    typed = {**request.form.to_dict(), "events": request.form.getlist("events")}
    try:
        form = _schema.load(typed)
    except ValidationError as error:
        return _list(_first_level(error.normalized_messages()), typed), 422
    site = next((one for one in _sites() if one.key == form["site"]), None)
    if site is None and (form["site"] or sites_allowed() is not None):
        return _list({"site": ["Choose one of the sites."]}, typed), 422
    try:
        added = webhooks.add(
            form["url"],
            kind=form["kind"],
            site=site,
            wanted=[Event(name) for name in form["events"]],
            note=form["note"].strip(),
            moderator=moderator().id,
            at=now(),
        )
    except webhooks.Told as told:
        return _list({"url": [ADDED.format(told.webhook.id)]}, typed), 422
    session["secret_of"] = added.id
    return redirect(url_for("admin.show_webhook", number=added.id), 303)


@blueprint.get("/webhooks/<int:number>")
def show_webhook(number: int) -> str:
    webhook = _found(number)
    rows = webhook_deliveries.page(webhook.id, before=paging.before(), size=PAGE + 1)
    tried = paging.number(request.args.get("tried", ""))
    new = webhook.kind == Kind.STANDARD and session.pop("secret_of", None) == webhook.id
    return render_template(
        "admin/webhook.html",
        webhook=webhook,
        deliveries=rows[:PAGE],
        next=rows[PAGE - 1].id if len(rows) > PAGE else None,
        tried=next((row for row in rows if row.id == tried), None),
        secret=webhooks.secrets_of(webhook, settings().secrets, at=now())[0] if new else None,
        overlapping=len(webhooks.secrets_of(webhook, settings().secrets, at=now())) > 1,
        **_words(),
    )


@blueprint.post("/webhooks/<int:number>/test")
def try_webhook(number: int) -> Response:
    """Send a test at once; the page tells what was answered."""
    webhook = _found(number)
    post = poster(public_url=settings().public_url, private_allowed=settings().private_targets)
    try:
        with outside.asked_by(moderator().id):
            owed = webhooks.owe_test(webhook, moderator=moderator().id, at=now())
            webhook_deliveries.send_now(owed, post, server_secrets=settings().secrets, at=now())
    except outside.NotReached as why:
        raise Problem(503, str(why), retry_after=RETRY_SECONDS) from None
    return redirect(url_for("admin.show_webhook", number=number, tried=owed), 303)


@blueprint.post("/webhooks/<int:number>/<deed>")
def change_webhook(number: int, deed: str) -> Response:
    webhook = _found(number)
    if deed == "rotate":
        shown = paging.number(request.form.get("generation", ""))
        if shown is None or not webhooks.rotate(webhook, generation=shown, moderator=moderator().id, at=now()):
            raise Problem(409, "It has a new secret already. Load its page again to see since when.")
        session["secret_of"] = webhook.id
    elif deed in DEEDS:
        DEEDS[deed](webhook, moderator=moderator().id, at=now())
    else:
        raise Problem(404, "There is nothing of this kind to do with a webhook.")
    return redirect(url_for("admin.show_webhook", number=number), 303)


@blueprint.post("/webhooks/<int:number>/remove")
def remove_webhook(number: int) -> Response:
    webhook = _found(number)
    if webhook.key == webhooks.SETTING and settings().webhook_url:
        raise Problem(409, "This webhook comes from the settings: remove WIDGET_WEBHOOK_URL there, or pause it here.")
    webhooks.remove(webhook, moderator=moderator().id, at=now())
    return redirect(url_for("admin.list_webhooks"), 303)


@blueprint.post("/webhooks/<int:number>/again/<int:delivery>")
def send_again(number: int, delivery: int) -> Response:
    webhook = _found(number)
    if not webhook_deliveries.again(delivery, webhook, moderator=moderator().id, at=now()):
        raise Problem(404, "There is no such message any more.")
    return redirect(url_for("admin.show_webhook", number=number, again=""), 303)


def _found(number: int) -> Webhook:
    webhook = webhooks.find(number, sites=sites_allowed())
    if webhook is None:
        raise Problem(404, "There is no webhook with this number: perhaps somebody has removed it.")
    return webhook


def _sites() -> list[Site]:
    allowed = sites_allowed()
    return [site for site in sites.every() if allowed is None or site.id in allowed]


def _list(errors: dict[str, Any] | None = None, form: dict[str, Any] | None = None) -> str:
    return render_template(
        "admin/webhooks.html",
        webhooks=webhooks.every(sites=sites_allowed()),
        sites=_sites(),
        every_site=sites_allowed() is None,
        errors=errors or {},
        form=form or {},
        **_words(),
    )


def _first_level(messages: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with one of several events is wrong with the events."""
    return {field: found if isinstance(found, list) else ["Choose from the list."] for field, found in messages.items()}


def _words() -> dict[str, Any]:
    return {
        "meanings": MEANINGS,
        "choices": CHOICES,
        "setting": webhooks.SETTING if settings().webhook_url else None,
        "shown": webhooks.shown,
        "standing": standing,
    }
