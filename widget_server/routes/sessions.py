"""Who is signed in at the desk, and what they may do there. Everything under /admin asks here first."""

import logging
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import unquote

from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from widget_server.routes import browser
from widget_server.routes.admin import blueprint
from widget_server.routes.current import address, now
from widget_server.routes.errors import Problem
from widget_server.rules import browsers
from widget_server.rules.access import OPEN_FROM_HERE, READ, VERBS, Verb, Where, confirmed
from widget_server.storage import sign_ins
from widget_server.storage.sign_ins import Place, Present
from widget_server.storage.tables import Case, Moderator, PublicationRow, SignIn, Site

csrf = CSRFProtect()
OfASite = TypeVar("OfASite", Case, PublicationRow, Site)
log = logging.getLogger("widget_server")
HALFWAY_FOR = "halfway for"
"""Under this name, the browser holds whose second factor is still to be shown."""
NOT_ENOUGH = "This is for people with the role “{}” on {}. An owner can give it to you."


def init(app: Flask) -> None:
    settings = app.extensions["widget_server"].settings
    app.secret_key = settings.secret_key
    app.config.update(
        SECRET_KEY_FALLBACKS=list(settings.old_secret_keys),
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
    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["elsewhere"] = settings.provider and settings.provider.name


def present() -> Present:
    """Who is signed in, and what they are; the guard has seen to it."""
    return g.present


def moderator() -> Moderator:
    return present().person


def verb() -> Verb:
    """What the request wants to do."""
    return VERBS[_name(request.endpoint)]


def sites_allowed(verb_asked: Verb | None = None) -> list[int] | None:
    """The sites on which whoever is signed in may do what they ask for, or this verb; None: all."""
    return present().standing.sites(verb_asked or verb())


def admitted(thing: OfASite | None, *, missing: str, refused: str) -> OfASite:
    """What was found. Raises Problem: 404 if it is on a site that they may not see, 403 where they may only look."""
    site = thing.id if isinstance(thing, Site) else thing and thing.site_id
    standing = present().standing
    if thing is None or not standing.may(READ, site):
        if thing is not None:
            _refused()
        raise Problem(404, missing)
    if not standing.may(verb(), site):
        _refused()
        raise Problem(403, refused)
    return thing


def may(endpoint: str, site: int | None = None) -> bool:
    """Whether whoever is signed in may use an endpoint of the desk: about this site, or (None) about any."""
    return "present" in g and present().standing.may(VERBS[endpoint], site)


def come_in(person: Moderator, then: str, *, shown_at: datetime | None) -> Response:
    """A new session for them in this browser, under a new token; on to their second factor, or to a page.

    `shown_at`: when they showed who they are; None: nobody knows.
    """
    sign_ins.end(session.get("token", ""))
    session.clear()
    session["token"] = sign_ins.begin(person, place(), shown_at=shown_at, at=now())
    session.permanent = True
    if person.totp_secret:
        session[HALFWAY_FOR] = person.id
        then = url_for("admin.show_code", next=within(then))
        return redirect(then)
    return _known_from_now_on(person, then)


def come_in_wholly(halfway: SignIn, then: str) -> Response:
    """The second factor was shown, too."""
    session.clear()
    session["token"] = sign_ins.complete(halfway, at=now())
    session.permanent = True
    return _known_from_now_on(halfway.moderator, then)


def come_again() -> None:
    """They have shown who they are once more: the session goes on under a new token."""
    session["token"] = sign_ins.confirm(present().session, at=now())


def place() -> Place:
    """Where the request comes from."""
    return Place(browsers.in_words(request.headers.get("User-Agent", "")), browsers.network(address()))


def from_another_website() -> bool:
    """Whether another website had the browser ask, as browsers tell it over https."""
    return request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")


def within(target: str) -> str:
    """A page of the desk that leaves nothing behind; nothing else is followed: another website may have named it."""
    desk = target.startswith("/admin") and target.isprintable() and "\\" not in target
    return target if desk and not _leaves_something(target) else url_for("admin.list_cases")


def _leaves_something(target: str) -> bool:
    """Whether a browser that goes there, by whatever way it writes the address, may ask for what is `from_here`."""
    path = unquote(target.partition("?")[0])
    if {".", ".."} & {*path.split("/")}:
        return True
    try:
        endpoint, _ = current_app.url_map.bind("").match(path)
    except MethodNotAllowed:
        return False
    except (NotFound, RequestRedirect):
        return True
    return VERBS.get(_name(endpoint), OPEN_FROM_HERE).from_here


@blueprint.before_request
def guard() -> Response | tuple[str, int] | None:
    """Nothing at the desk without a session and the role for it, no change without the form's token."""
    asked = _asked()
    if asked.where is Where.OPEN:
        return None
    found = sign_ins.find(session.get("token", ""), at=now())
    if found is None:
        if request.method != "GET":
            raise Problem(403, "Your session has ended. Sign in, then do it again.")
        return redirect(url_for("admin.sign_in", next=request.full_path.rstrip("?")))
    g.present, g.moderator = found, found.person
    if not found.standing.may(asked):
        _refused()
        raise Problem(403, NOT_ENOUGH.format(asked.least, asked.where))
    if found.lacks_second and asked.where is not Where.ONESELF:
        if request.method != "GET":
            raise Problem(
                403, "Everybody at this desk needs a second factor: set up yours on the page of your account."
            )
        return redirect(url_for("admin.show_second"))
    if asked.confirmed and not confirmed(found.session.confirmed_at, at=now()):
        return ask_again()
    return None


def ask_again(wrong: str = "") -> tuple[str, int]:
    """Ask who they are before what they asked for is done; nothing that they typed is lost."""
    confirming = request.endpoint == "admin.confirm"
    then = request.form.get("then", "") if confirming else request.full_path.rstrip("?")
    way = request.form.get("way", "") if confirming else request.method
    own = ("csrf_token", "then", "way", "confirm_password", "confirm_code")
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in own]
    page = render_template("admin/confirm.html", then=within(then), way=way, typed=typed, wrong=wrong)
    return page, 403


def _asked() -> Verb:
    """What the request wants, if it comes from a page of ours as far as that matters. Raises Problem."""
    if request.method == "POST":
        csrf.protect()
    asked = VERBS.get(_name(request.endpoint))
    if asked is None:
        raise Problem(403, "Nobody may do this: it is missing in rules/access.py.")
    if asked.from_here and from_another_website():
        raise Problem(403, "This was asked for by another website. Go to the page of the desk that offers it.")
    return asked


def _known_from_now_on(person: Moderator, then: str) -> Response:
    answer = redirect(within(then))
    browser.remember(answer, person.email)
    return answer


def _refused() -> None:
    log.warning("refused: person %s has no right to %s there", present().person.id, _name(request.endpoint))


def _name(endpoint: str | None) -> str:
    return (endpoint or "").removeprefix("admin.")
