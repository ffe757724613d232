"""The address that a reporter left. A server that sends mail writes to it; without one, whoever decides can."""

from flask import render_template

from widget_server.routes.admin import blueprint
from widget_server.routes.admin.case import found
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator
from widget_server.storage import confirmations


@blueprint.post("/reports/<int:number>/addresses/<int:report>")
def show_address(number: int, report: int) -> str:
    """One address at a time, and the log keeps who asked for it."""
    case = found(number)
    if settings().mails:
        raise Problem(404, "This server writes to reporters itself: nobody sees their addresses.")
    address = confirmations.look_up(case, report, moderator=moderator().id, at=now())
    if address is None:
        raise Problem(404, "This report has no address: its reporter may have deleted it meanwhile.")
    return render_template("admin/address.html", case=case, address=address)
