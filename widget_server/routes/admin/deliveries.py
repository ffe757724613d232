"""Mails to reporters: what is owed, what was sent, what failed and why."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from widget_server.routes.admin import blueprint
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.paging import before
from widget_server.routes.sessions import moderator, sites_allowed
from widget_server.rules.retries import standing
from widget_server.storage import deliveries, outbox

PAGE = 50


@blueprint.get("/deliveries")
def list_deliveries() -> str:
    rows = deliveries.page(before=before(), size=PAGE + 1, sites=sites_allowed())
    return render_template(
        "admin/deliveries.html",
        deliveries=rows[:PAGE],
        next=rows[PAGE - 1].id if len(rows) > PAGE else None,
        shown=deliveries.shown,
        standing=standing,
        days=outbox.TOO_LATE.days,
    )


@blueprint.post("/deliveries/<int:number>/again")
def send_mail_again(number: int) -> Response:
    if not deliveries.again(number, moderator=moderator().id, sites=sites_allowed(), at=now()):
        raise Problem(404, "There is no such mail that has failed: it may have been sent, or taken back, meanwhile.")
    return redirect(url_for("admin.list_deliveries", again=""), 303)
