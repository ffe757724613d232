"""How a moderator wants the desk to be, and the usual words of decisions."""

from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.shown import shown_then
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator
from widget_server.rules import wellness
from widget_server.rules.harms import HARMS, LIMITS
from widget_server.rules.meanwhile import Contested
from widget_server.rules.moderation import Decision
from widget_server.rules.wellness import Mask, Wishes
from widget_server.storage import reasons
from widget_server.storage import wellness as kept_wellness


class WishesSchema(Schema):
    """A moderator's wishes. `not_me`: categories that others are to take."""

    class Meta:
        unknown = EXCLUDE

    mask = fields.Enum(Mask, by_value=True, required=True)
    pause_after = fields.Integer(required=True, validate=validate.Range(0, 10_000))
    grey = fields.Boolean(load_default=False)
    wide = fields.Boolean(load_default=False)
    not_me = fields.List(fields.String(validate=validate.OneOf(list(HARMS))), load_default=list)


class ReasonSchema(Schema):
    """Usual words of a decision."""

    class Meta:
        unknown = EXCLUDE

    title = fields.String(required=True, validate=validate.Length(1, 80))
    text = fields.String(required=True, validate=validate.Length(1, LIMITS["comment"]))


_wishes, _reason = WishesSchema(), ReasonSchema()


@blueprint.get("/wishes")
def show_wishes() -> str:
    return _page(wellness.wishes(moderator().wishes), {})


@blueprint.post("/wishes")
def keep_wishes() -> Response | tuple[str, int]:
    typed = {**request.form.to_dict(), "not_me": request.form.getlist("not_me")}
    try:
        form = _wishes.load(typed)
    except ValidationError as error:
        return _page(wellness.wishes(moderator().wishes), error.normalized_messages()), 422
    wished, shown = Wishes(**{**form, "not_me": tuple(form["not_me"])}), shown_then()
    kept_wellness.change(moderator(), lambda now: wellness.changed(wished, shown=shown, now=now))
    return redirect(url_for("admin.show_wishes", kept=""), 303)


@blueprint.get("/reasons")
def list_reasons() -> str:
    return _reasons({})


@blueprint.post("/reasons")
def add_reason() -> Response | tuple[str, int]:
    decision = request.form.get("decision", "")
    if decision not in reasons.FIRST:
        raise Problem(422, "Choose the decision that these words are for.")
    try:
        form = _reason.load(request.form.to_dict())
    except ValidationError as error:
        return _reasons(error.normalized_messages()), 422
    reasons.add(Decision(decision), form["title"], form["text"], moderator=moderator().id, at=now())
    return redirect(url_for("admin.list_reasons"), 303)


@blueprint.post("/reasons/<int:number>")
def change_reason(number: int) -> Response | tuple[str, int]:
    if "remove" in request.form:
        reasons.remove(number, moderator=moderator().id, at=now())
        return redirect(url_for("admin.list_reasons"), 303)
    try:
        form = _reason.load(request.form.to_dict())
    except ValidationError as error:
        return _reasons(error.normalized_messages()), 422
    words = form["title"], form["text"]
    try:
        changed = reasons.change(number, *words, moderator=moderator().id, at=now(), shown=shown_then())
    except Contested:
        raise Problem(
            409, "Somebody else has changed these words meanwhile. Go back, copy yours, and load the page anew."
        ) from None
    if not changed:
        raise Problem(404, "There is no reason with this number: somebody has removed it meanwhile.")
    return redirect(url_for("admin.list_reasons"), 303)


def _page(kept: Wishes, errors: dict[str, Any]) -> str:
    return render_template(
        "admin/wishes.html",
        wishes=kept,
        errors=errors,
        harms=HARMS,
        words=files.words(files.FALLBACK),
        texts=kept_wellness.texts_today(moderator().id, at=now()),
    )


def _reasons(errors: dict[str, Any]) -> str:
    return render_template(
        "admin/reasons.html", reasons=reasons.every(), first=reasons.FIRST, errors=errors, form=request.form
    )
