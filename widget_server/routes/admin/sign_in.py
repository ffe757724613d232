"""Coming in, showing again who one is, and going out."""

import json
import logging
from http import HTTPStatus

from flask import redirect, render_template, request, session, url_for
from limits import parse
from werkzeug.wrappers import Response

from widget_server.routes import browser, limits
from widget_server.routes.admin import blueprint
from widget_server.routes.current import now, settings
from widget_server.routes.limits import limiter
from widget_server.routes.sessions import ask_again, come_again, come_in, moderator, within
from widget_server.rules import accounts, passwords
from widget_server.storage import people, second, sign_ins

PEACE = parse("100/hour")
"""So many wrong passwords for one account, wherever they come from, before strangers get two tries each."""
log = logging.getLogger("widget_server")


def account() -> str:
    """The account that a sign-in tries, whatever its spelling."""
    return accounts.account(request.form.get("email", ""))[:254]


def account_from_here() -> str:
    """The account and where it is tried from: who guesses elsewhere does not lock the owner out."""
    return json.dumps([account(), browser.known_to(account()) or limits.asker()])


def known() -> bool:
    """Whether somebody has signed in to this account in this browser before."""
    return browser.known_to(account()) is not None


def unsuspected() -> bool:
    """Whether this account is not being guessed at from many places, or this is a browser of its owner's."""
    return known() or limiter.limiter.test(PEACE, account(), "guesses")


def own_account() -> str:
    """The account of who is signed in: a stolen session is no better place to guess."""
    return f"own {moderator().id}"


def was_wrong(response: Response) -> bool:
    return response.status_code == HTTPStatus.FORBIDDEN


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit(limits.sign_in, methods=["POST"])
@limiter.limit("20/hour", key_func=account_from_here, methods=["POST"], deduct_when=was_wrong)
@limiter.limit("2/hour", key_func=account_from_here, methods=["POST"], deduct_when=was_wrong, exempt_when=unsuspected)
@limiter.limit("1000/hour", key_func=account, methods=["POST"], deduct_when=was_wrong, exempt_when=known)
def sign_in() -> Response | str | tuple[str, int]:
    if request.method == "GET":
        return render_template("admin/sign_in.html", email="", wrong=False)
    email = request.form.get("email", "")
    person = people.checked(email, request.form.get("password", "")[: passwords.LONGEST + 1])
    if person is None:
        limiter.limiter.hit(PEACE, account(), "guesses")
        log.warning("sign-in refused: no such account, or a wrong password")
        return render_template("admin/sign_in.html", email=email, wrong=True), 403
    return come_in(person, request.args.get("next", ""), shown_at=now())


@blueprint.post("/confirm")
@limiter.limit(limits.sign_in)
@limiter.limit("20/hour", key_func=own_account, deduct_when=was_wrong)
def confirm() -> Response | tuple[str, int]:
    """Show again who one is: then the browser sends what was asked for once more, as it was."""
    me = moderator()
    if me.totp_secret:
        code = request.form.get("confirm_code", "")[:100]
        if not second.shown(me, code, server_secrets=settings().secrets, at=now()):
            return ask_again("This is not the code that the app shows now, or it was used already.")
    elif not people.verified(me, request.form.get("confirm_password", "")[: passwords.LONGEST + 1]):
        return ask_again("This is not your password.")
    come_again()
    again = request.form.get("way") == "POST"
    return redirect(within(request.form.get("then", "")), 307 if again else 303)


@blueprint.post("/logout")
def sign_out() -> Response:
    sign_ins.end(session.get("token", ""))
    session.clear()
    answer = redirect(url_for("admin.sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache"'  # with it, pages that “back” would show again
    return answer
