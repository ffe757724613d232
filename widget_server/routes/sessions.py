"""Who is signed in at the desk. Everything under /admin asks for it, but the sign-in itself."""

import json
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from widget_server.routes import limits
from widget_server.routes.admin import blueprint
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.storage import people
from widget_server.storage.tables import Moderator

csrf = CSRFProtect()


def init(app: Flask) -> None:
    settings = app.extensions["widget_server"].settings
    app.secret_key = settings.secret_key
    app.config.update(
        SESSION_COOKIE_NAME="__Host-desk" if settings.https else "desk",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)


def account() -> str:
    """The account that a sign-in tries, whatever its spelling."""
    return people.account(request.form.get("email", ""))[:254]


def account_from_here() -> str:
    """The account and where it is tried from: who guesses elsewhere does not lock the owner out."""
    return json.dumps([account(), limits.asker()])


def was_wrong(response: Response) -> bool:
    return response.status_code == HTTPStatus.FORBIDDEN


def moderator() -> Moderator:
    """Who is signed in; the guard has seen to it."""
    return g.moderator


def sites_allowed() -> list[int] | None:
    """The sites whose cases whoever is signed in may see; None: all."""
    return None


@blueprint.before_request
def guard() -> Response | None:
    """Nothing at the desk without a session, no change without the form's token."""
    if request.method == "POST":
        csrf.protect()
    if request.endpoint == "admin.sign_in":
        return None
    g.moderator = people.signed_in(session.get("token", ""), at=now())
    if g.moderator is not None:
        return None
    if request.method != "GET":
        raise Problem(403, "Your session has ended. Sign in, then do it again.")
    return redirect(url_for("admin.sign_in", next=request.full_path.rstrip("?")))


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit(limits.sign_in, methods=["POST"])
@limiter.limit("20/hour", key_func=account_from_here, methods=["POST"], deduct_when=was_wrong)
@limiter.limit("1000/hour", key_func=account, methods=["POST"], deduct_when=was_wrong)
def sign_in() -> Response | str | tuple[str, int]:
    if request.method == "GET":
        return render_template("admin/sign_in.html", email="", wrong=False)
    email = request.form.get("email", "")
    token = people.sign_in(email, request.form.get("password", "")[:1000], at=now())
    if token is None:
        return render_template("admin/sign_in.html", email=email, wrong=True), 403
    session.clear()
    session["token"] = token
    session.permanent = True
    return redirect(_within(request.args.get("next", "")))


@blueprint.post("/logout")
def sign_out() -> Response:
    people.sign_out(session.get("token", ""))
    session.clear()
    return redirect(url_for("admin.sign_in"))


def _within(target: str) -> str:
    """A page of the desk; anything else is not followed."""
    parts = urlsplit(target)
    desk = parts.path.startswith("/admin") and not parts.scheme and not parts.netloc and "\\" not in target
    return target if desk else url_for("admin.list_cases")
