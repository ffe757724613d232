"""Who comes to the desk, and as what."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from widget_server.routes.admin import blueprint
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import may, moderator, present, sites_allowed
from widget_server.rules.access import Role, Standing
from widget_server.storage import invitations, people, roles, second, sign_ins, sites
from widget_server.storage.roles import NotAccepted
from widget_server.storage.tables import Moderator, Site

NO_ROLE = "Choose a role: for all sites, or for one of them at least."


@blueprint.get("/people")
def list_people() -> str:
    return people_page({})


@blueprint.get("/people/<int:number>")
def show_person(number: int) -> str:
    return _page(found_person(number), {})


@blueprint.post("/people/<int:number>/roles")
def change_roles(number: int) -> Response | tuple[str, int]:
    person, wanted = found_person(number), asked_for(sites.every())
    if wanted == Standing():
        return _page(person, {"role": [NO_ROLE]}), 422
    try:
        paused = roles.change(person, wanted, by=moderator().id, at=now())
    except NotAccepted as refusal:
        return _page(person, {"role": [str(refusal)]}), 409
    return redirect(url_for("admin.show_person", number=number, done="roles", paused=paused or None), 303)


@blueprint.post("/people/<int:number>/remove")
def remove_person(number: int) -> Response | tuple[str, int]:
    person = found_person(number)
    try:
        paused = people.remove(person, by=moderator().id, at=now())
    except NotAccepted as refusal:
        return _page(person, {"remove": [str(refusal)]}), 409
    return redirect(url_for("admin.list_people", removed=person.email, paused=paused or None), 303)


@blueprint.post("/people/<int:number>/sessions/end")
def end_sessions_of(number: int) -> Response:
    """End one session of somebody, or all; one's own present one is ended by signing out."""
    person, wanted, here = found_person(number), request.form.get("session"), present().session.token_sha256
    ending = [
        one
        for one in sign_ins.of(person, at=now())
        if one.token_sha256 != here and wanted in (None, sign_ins.handle(one))
    ]
    sign_ins.end_these(person, ending, by=moderator().id, at=now())
    return redirect(url_for("admin.show_person", number=number, done="sessions"), 303)


def asked_for(every: list[Site]) -> Standing:
    """The roles that a form gives."""

    def chosen(name: str) -> Role | None:
        value = request.form.get(name, "")
        return Role(value) if value in list(Role) else None

    named = {site.id: role for site in every if (role := chosen(f"site-{site.key}"))}
    return Standing(chosen("role"), named).plain()


def people_page(errors: dict[str, Any]) -> str:
    """The people who are something on a site that whoever looks may see; and to owners, who is invited."""
    allowed = sites_allowed() if request.method == "GET" else None
    rows, every = people.page(of_sites=allowed, after=request.args.get("after", "")[:254]), sites.every(allowed)
    found = rows[: people.PAGE]
    return render_template(
        "admin/people.html",
        people=found,
        next=found[-1].email if len(rows) > len(found) else None,
        standings=roles.of(found),
        names={site.id: site.name for site in every},
        sites=every,
        invited=invitations.every(at=now()) if may("invite") else [],
        second_required=second.required(),
        asked=asked_for(every),
        errors=errors,
        form=request.form,
    )


def found_person(number: int) -> Moderator:
    person = people.get(number)
    if person is None:
        raise Problem(404, "There is nobody with this number.")
    return person


def _page(person: Moderator, errors: dict[str, Any]) -> str:
    every = sites.every()
    return render_template(
        "admin/person.html",
        person=person,
        standing=asked_for(every) if "role" in errors else roles.of([person])[person.id],
        sites=every,
        sessions=sign_ins.of(person, at=now()),
        here=sign_ins.handle(present().session) if person.id == moderator().id else "",
        handle=sign_ins.handle,
        errors=errors,
    )
