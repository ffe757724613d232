"""One's own account: the password, and where one is signed in."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from widget_server.routes import limits
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.sign_in import own_account, was_wrong
from widget_server.routes.current import now
from widget_server.routes.limits import limiter
from widget_server.routes.sessions import ask_again, come_again, moderator, present, sites_allowed
from widget_server.rules import passwords
from widget_server.rules.access import READ, confirmed
from widget_server.storage import people, sign_ins, sites
from widget_server.storage.people import NotAccepted


@blueprint.get("/account")
def show_account() -> str:
    return page({})


@blueprint.post("/account/password")
@limiter.limit(limits.sign_in)
@limiter.limit("20/hour", key_func=own_account, deduct_when=was_wrong)
def change_password() -> Response | tuple[str, int]:
    me, here = moderator(), present().session
    by_more = me.totp_secret or not me.password_hash  # then the old password alone does not show who they are
    if by_more and not confirmed(here.confirmed_at, at=now()):
        return ask_again()
    if me.password_hash and not people.verified(me, request.form.get("old", "")[: passwords.LONGEST + 1]):
        return page({"old": ["This is not your password as it is now."]}), 403
    try:
        people.set_password(me, request.form.get("new", ""), but=here, by=me.id, at=now())
    except NotAccepted as refusal:
        return page({"new": [str(refusal)]}), 422
    come_again()
    return redirect(url_for("admin.show_account", done="password"), 303)


@blueprint.post("/account/sessions/end")
def end_sessions() -> Response:
    """End one of one's own sessions, or all but this one."""
    me, here = moderator(), present().session
    wanted = request.form.get("session")
    ending = [
        one
        for one in sign_ins.of(me, at=now())
        if one.token_sha256 != here.token_sha256 and wanted in (None, sign_ins.handle(one))
    ]
    sign_ins.end_these(me, ending, by=me.id, at=now())
    return redirect(url_for("admin.show_account", done="sessions"), 303)


def page(errors: dict[str, Any]) -> str:
    me = moderator()
    return render_template(
        "admin/account.html",
        sessions=sign_ins.of(me, at=now()),
        here=sign_ins.handle(present().session),
        handle=sign_ins.handle,
        standing=present().standing,
        names={site.id: site.name for site in sites.every(sites_allowed(READ))},
        shortest=passwords.SHORTEST,
        errors=errors,
    )
