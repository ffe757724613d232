"""The second factor: setting it up, its codes for the day the app is lost, and showing it at sign-in."""

from typing import Any

from flask import redirect, render_template, request, session, url_for
from limits import parse
from werkzeug.wrappers import Response

from widget_server.rendering import qr
from widget_server.routes import browser, limits
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.people import found_person
from widget_server.routes.admin.sign_in import own_account, was_wrong
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.routes.sessions import HALFWAY_FOR, come_in_wholly, moderator, present
from widget_server.rules import second_factor
from widget_server.storage import owners, people, second, sign_ins

WRONG = parse("10/hour")
"""With so many wrong codes after the right password, its owner is written to."""
NOT_IT = "This is not the code that the app shows now. Look again, and see that its clock is right."
TOO_LATE = "That took too long, or you have come in already. Sign in again."


def halfway_account() -> str:
    """Whose second factor is tried."""
    return f"second {session.get(HALFWAY_FOR)}"


def known_browser() -> str | None:
    """The number of a browser in which its owner has come in wholly before."""
    number = session.get(HALFWAY_FOR)
    person = people.get(number) if number else None
    return browser.known_to(person.email) if person else None


def known() -> bool:
    return known_browser() is not None


def halfway_from_here() -> str:
    """Who knows the password and guesses codes elsewhere does not keep the owner out."""
    return f"{halfway_account()} {known_browser() or limits.asker()}"


@blueprint.route("/login/second", methods=["GET", "POST"])
@limiter.limit(limits.sign_in, methods=["POST"])
@limiter.limit("20/hour", key_func=halfway_from_here, methods=["POST"], deduct_when=was_wrong)
@limiter.limit("50/hour", key_func=halfway_account, methods=["POST"], deduct_when=was_wrong, exempt_when=known)
def show_code() -> Response | str | tuple[str, int]:
    """After the password: a code of the app, or one of the recovery codes."""
    found = sign_ins.halfway(session.get("token", ""), at=now())
    if found is None:
        if request.method == "GET":
            return redirect(url_for("admin.sign_in"))
        raise Problem(403, TOO_LATE)
    if request.method == "GET":
        return render_template("admin/code.html", wrong="")
    if not second.shown(found.moderator, _typed(), server_secrets=settings().secrets, at=now()):
        if limiter.limiter.storage.incr(WRONG.key_for(halfway_account()), WRONG.get_expiry()) == WRONG.amount:
            owners.owe_warning(found.moderator, at=now())
        return render_template("admin/code.html", wrong=NOT_IT), 403
    return come_in_wholly(found, request.args.get("next", ""))


@blueprint.get("/account/second")
def show_second() -> str:
    if moderator().totp_secret is None:
        return _proposal(*second.propose(moderator()))
    left = second.codes_left(moderator())
    return render_template("admin/second.html", left=left, required=second.required())


@blueprint.post("/account/second")
@limiter.limit(limits.sign_in)
@limiter.limit("20/hour", key_func=own_account, deduct_when=was_wrong)
def set_up_second() -> Response | str | tuple[str, int]:
    sealed = request.form.get("sealed", "")
    secret = second.proposed(moderator(), sealed)
    if secret is None or moderator().totp_secret is not None:
        return redirect(url_for("admin.show_second"), 303)
    codes = second.set_up(present().session, sealed, _typed(), server_secret=settings().secret_key, at=now())
    if codes is None:
        return _proposal(secret, sealed, {"code": [NOT_IT]}), 403
    return render_template("admin/recovery.html", codes=codes)


@blueprint.post("/account/second/codes")
def renew_codes() -> Response | str:
    if moderator().totp_secret is None:
        return redirect(url_for("admin.show_second"), 303)
    codes = second.renew_codes(present().session, server_secret=settings().secret_key, at=now())
    return render_template("admin/recovery.html", codes=codes)


@blueprint.post("/account/second/off")
def drop_second() -> Response:
    if second.required():
        raise Problem(409, "Everybody at this desk needs a second factor: an owner decides that on the page “People”.")
    second.reset(moderator(), session=present().session, by=moderator().id, at=now())
    return redirect(url_for("admin.show_account", done="second"), 303)


@blueprint.post("/people/<int:number>/second/reset")
def reset_second(number: int) -> Response:
    """For somebody who has lost app and codes."""
    second.reset(found_person(number), by=moderator().id, at=now())
    return redirect(url_for("admin.show_person", number=number, done="second"), 303)


@blueprint.post("/people/second")
def require_second() -> Response:
    second.require("required" in request.form, by=moderator().id, at=now())
    return redirect(url_for("admin.list_people"), 303)


def _typed() -> str:
    return request.form.get("code", "")[:100]


def _proposal(secret: str, sealed: str, errors: dict[str, Any] | None = None) -> str:
    desk = settings().public_url.partition("://")[2]
    address = second_factor.address(secret, account=moderator().email, desk=desk)
    return render_template(
        "admin/set_up_second.html",
        address=address,
        picture=qr.picture(address),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        sealed=sealed,
        errors=errors or {},
    )
