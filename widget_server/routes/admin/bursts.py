"""Many reports at once on a case: set aside together, and brought back."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from widget_server.routes.admin import blueprint
from widget_server.routes.admin.case import found
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator
from widget_server.rules.moderation import NotPossible
from widget_server.storage import bursts, claims


@blueprint.post("/reports/<int:number>/bursts/<int:burst>/aside")
def set_burst_aside(number: int, burst: int) -> Response:
    sure = "sure" in request.form
    return _changed(number, lambda **by: bursts.set_aside(number, burst, sure=sure, **by))


@blueprint.post("/reports/<int:number>/bursts/<int:burst>/back")
def bring_burst_back(number: int, burst: int) -> Response:
    return _changed(number, lambda **by: bursts.bring_back(number, burst, **by))


def _changed(number: int, change: Callable[..., Any]) -> Response:
    found(number)
    try:
        change(moderator=moderator().id, at=now())
    except bursts.Unsure:
        raise Problem(
            422, "Reports of urgent harm are among them. Go back, read the text, and tick the box if you are sure."
        ) from None
    except claims.Held as held:
        raise Problem(409, f"{held.case.claimed_by.email} has taken this case: it is theirs for now.") from None
    except NotPossible as refusal:
        raise Problem(409, str(refusal)) from None
    return redirect(url_for("admin.show_case", number=number) + "#bursts", 303)
