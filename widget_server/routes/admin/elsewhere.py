"""Signing in at the provider that the operator has chosen, and coming back from there."""

import logging
from datetime import datetime, timedelta

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from widget_server.delivery import identity
from widget_server.delivery.identity import Errand, Identity, NotVerified
from widget_server.routes import limits
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.people import found_person
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.routes.sessions import come_in, moderator, within
from widget_server.rules import accounts
from widget_server.rules.access import confirmed
from widget_server.settings import Provider
from widget_server.storage import invitations, people
from widget_server.storage.tables import Moderator

LONGEST_ERRAND = timedelta(minutes=10)
TOO_LATE = "This sign-in was not begun in this browser, was finished already, or took too long. Begin again."
UNKNOWN = "{name} knows you as {email}, but nobody here does. Ask an owner of this desk to invite that address."
ANOTHER = "{email} belongs to somebody else at {name} than before. An owner of this desk can allow the new one."
NOT_SHOWN = (
    "{name} does not tell that you have shown it just now who you are, so what asks “Is it you?” stays undone. Try once"
    " more; if {name} never tells, the operator can give you a password with widget-server moderator password."
)
log = logging.getLogger("widget_server")


@blueprint.get("/login/elsewhere")
@limiter.limit(limits.sign_in)
def sign_in_elsewhere() -> Response | tuple[str, int]:
    again = "again" in request.args
    try:
        address, errand = identity.begin(_provider(), back=_back(), again=again)
    except NotVerified as refusal:
        return _refused(str(refusal), reason=refusal.reason)
    then = within(request.args.get("next", ""))
    session["errand"] = {"begun": now().isoformat(), "next": then, "again": again, **errand.as_json()}
    return redirect(address)


@blueprint.get("/login/elsewhere/back")
@limiter.limit(limits.sign_in)
def come_back() -> Response | tuple[str, int]:
    provider, errand = _provider(), session.pop("errand", None)
    if errand is None or now() - datetime.fromisoformat(errand.pop("begun")) > LONGEST_ERRAND:
        return _refused(TOO_LATE, reason="too_late")
    then, again = errand.pop("next"), errand.pop("again")
    try:
        found = identity.finish(provider, Errand(**errand), answer=request.url, back=_back(), at=now())
    except NotVerified as refusal:
        return _refused(str(refusal), reason=refusal.reason)
    if again and not (found.shown_at and confirmed(found.shown_at, at=now())):
        return _refused(NOT_SHOWN.format(name=provider.name), reason="not_shown_again")
    known = people.find(found.email)
    person = known or _invited(found)
    if person is None or person.email != found.email.lower():
        return _refused(
            UNKNOWN.format(name=provider.name, email=accounts.account(found.email)), reason="unknown_account"
        )
    if not people.bind(person, found.subject, at=now()):
        return _refused(ANOTHER.format(name=provider.name, email=person.email), reason="bound_to_another")
    return come_in(person, then, shown_at=found.shown_at if known else now())


@blueprint.post("/people/<int:number>/elsewhere/forget")
def forget_elsewhere(number: int) -> Response:
    """For somebody who has another account at the provider now."""
    people.unbind(found_person(number), by=moderator().id, at=now())
    return redirect(url_for("admin.show_person", number=number, done="elsewhere"), 303)


def _provider() -> Provider:
    provider = settings().provider
    if provider is None:
        raise Problem(404, "Signing in elsewhere is not set up here (WIDGET_OIDC_ISSUER).")
    return provider


def _back() -> str:
    return settings().public_url + url_for("admin.come_back")


def _invited(found: Identity) -> Moderator | None:
    """Somebody new, who was asked to come under exactly this address."""
    invitation = invitations.to(found.email, at=now())
    if invitation is None or invitation.email != found.email.lower() or people.known_elsewhere(found.subject):
        return None
    return invitations.accept(invitation, None, at=now())


def _refused(why: str, *, reason: str) -> tuple[str, int]:
    """`why` may name people, and hold what another server has said: it is for the person, not for the log."""
    log.warning("sign-in elsewhere refused: %s", reason)
    return render_template("admin/sign_in.html", email="", wrong=False, refused=why), 403
