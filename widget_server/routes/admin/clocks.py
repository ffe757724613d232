"""How long cases may wait: how a case's clock stands, and the owner's hours."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.shown import contested, shown_then
from widget_server.routes.current import now
from widget_server.routes.sessions import moderator
from widget_server.rules import clocks
from widget_server.rules.harms import HARMS
from widget_server.rules.meanwhile import Contested
from widget_server.storage import clocks as kept_clocks
from widget_server.storage.tables import Case

WRONG = f"Write whole hours, from {clocks.SHORTEST} to {clocks.LONGEST}."
_schema = Schema.from_dict(
    {
        kind: fields.Integer(
            required=True,
            validate=validate.Range(clocks.SHORTEST, clocks.LONGEST, error=WRONG),
            error_messages={"required": WRONG, "invalid": WRONG, "too_large": WRONG},
        )
        for kind in clocks.HOURS
    },
    name="ClocksSchema",
)(unknown=EXCLUDE)


def clock_of(case: Case) -> tuple[clocks.Standing, str] | None:
    """How the clock of a case's card stands now, and that in words. None: it has none."""
    since = kept_clocks.since(case)
    return clocks.reading(since=since, due=case.card_due_at, at=now()) if since and case.card_due_at else None


@blueprint.get("/clocks")
def show_clocks() -> str:
    hours = kept_clocks.hours()
    return _page(hours, shown=hours)


@blueprint.post("/clocks")
def keep_clocks() -> Response | tuple[str, int]:
    typed, shown = request.form.to_dict(), shown_then()
    try:
        wanted = _schema.load(typed)
    except ValidationError as error:
        return _page(typed, shown=shown, errors=error.normalized_messages()), 422
    try:
        kept_clocks.set_hours(wanted, moderator=moderator().id, at=now(), shown=shown)
    except Contested as refusal:
        return _page(refusal.typed, shown=refusal.now, errors=contested(refusal, refusal.now)), 409
    return redirect(url_for("admin.show_clocks", kept=""), 303)


def _page(hours: dict[str, Any], *, shown: Mapping[str, Any] | None, errors: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "admin/clocks.html",
        hours=hours,
        ours=clocks.HOURS,
        shown=shown,
        errors=errors or {},
        appeal=clocks.APPEAL,
        shortest=clocks.SHORTEST,
        longest=clocks.LONGEST,
        harms=HARMS,
        words=files.words(files.FALLBACK),
    )
