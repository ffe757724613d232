"""Asking somebody to the desk, and coming in by an invitation's link."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from widget_server.delivery import mail
from widget_server.routes import limits
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.people import NO_ROLE, asked_for, people_page
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.routes.sessions import come_in, moderator
from widget_server.rules import access, passwords
from widget_server.rules.access import INVITED_FOR, Standing
from widget_server.storage import invitations, sites
from widget_server.storage.roles import NotAccepted
from widget_server.storage.tables import Invitation

GONE = "This link does not hold any more: it was used, taken back, or is older than 7 days. Ask for a new one."
WORDS = """{inviter} invites you to the moderators' desk of {host}.

Come in by this link, once, within {days} days:
{link}

If you do not know what this is about, you need do nothing.
"""


@blueprint.post("/people/invitations")
def invite() -> str | tuple[str, int]:
    """The link is told once: only its digest is kept."""
    wanted = asked_for(sites.every())
    if wanted == Standing():
        return people_page({"role": [NO_ROLE]}), 422
    try:
        made, token = invitations.make(
            request.form.get("email", ""),
            wanted,
            by=moderator().id,
            server_secret=settings().secret_key,
            at=now(),
        )
    except NotAccepted as refusal:
        return people_page({"email": [str(refusal)]}), 422
    link = settings().public_url + url_for("admin.show_invitation", token=token)
    return render_template("admin/invited.html", invited=made, link=link, failure=_mailed(made, link))


@blueprint.post("/people/invitations/<int:number>/revoke")
def revoke_invitation(number: int) -> Response:
    invitations.revoke(number, by=moderator().id, at=now())
    return redirect(url_for("admin.list_people"), 303)


@blueprint.get("/invitation/<token>")
@limiter.limit(limits.sign_in)
def show_invitation(token: str) -> str:
    return _page(_found(token), {})


@blueprint.post("/invitation/<token>")
@limiter.limit(limits.sign_in)
def accept_invitation(token: str) -> Response | tuple[str, int]:
    found = _found(token)
    try:
        person = invitations.accept(found, request.form.get("password", ""), at=now())
    except NotAccepted as refusal:
        return _page(found, {"password": [str(refusal)]}), 422
    if person is None:
        raise Problem(404, GONE)
    return come_in(person, "", shown_at=now())


def _mailed(made: Invitation, link: str) -> str | None:
    """What went wrong with the mail; None if it was sent."""
    url = settings().mail_url
    if not url:
        return "Mail is not set up here (WIDGET_MAIL_URL)."
    words = WORDS.format(inviter=moderator().email, host=settings().public_url, days=INVITED_FOR.days, link=link)
    return mail.sender(url)((made.email, "You are invited to the moderators' desk", words))


def _found(token: str) -> Invitation:
    found = invitations.find(token, server_secrets=settings().secrets, at=now())
    if found is None:
        raise Problem(404, GONE)
    return found


def _page(found: Invitation, errors: dict[str, Any]) -> str:
    standing = access.standing(found.roles)
    return render_template(
        "admin/invitation.html",
        invited=found,
        standing=standing,
        names={site.id: site.name for site in sites.every(sorted(standing.on))},
        shortest=passwords.SHORTEST,
        errors=errors,
    )
