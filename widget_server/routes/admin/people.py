"""Who comes to the desk, and as what."""

from flask import render_template

from widget_server.routes.admin import blueprint
from widget_server.routes.sessions import sites_allowed
from widget_server.storage import people, roles, sites


@blueprint.get("/people")
def list_people() -> str:
    """The people who are something on a site that whoever looks may see."""
    allowed = sites_allowed()
    found = people.every(of_sites=allowed)
    return render_template(
        "admin/people.html",
        people=found,
        standings=roles.of(found),
        names={site.id: site.name for site in sites.every(allowed)},
    )
