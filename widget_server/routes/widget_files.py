"""The widget's files, and what the server adds to them: the newest one under a short address, and the categories."""

from typing import Any
from wsgiref.types import WSGIApplication

from flask import Blueprint, Response, jsonify

from widget_server.rendering import files, wording
from widget_server.routes.current import settings
from widget_server.routes.errors import Problem
from widget_server.routes.sharing import NOTHING, STRICT_TRANSPORT
from widget_server.routes.shelf import Shelf
from widget_server.rules import harms

YEAR = 31_536_000
SHORT = "public, max-age=300, stale-while-revalidate=86400"
FOR_EVER = f"public, max-age={YEAR}, immutable"
OWN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": NOTHING,
}
SHARED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Files that pages of others load."""

blueprint = Blueprint("widget_files", __name__)


def shelf(application: WSGIApplication, *, https: bool) -> Shelf:
    """static/ without Flask: the widget for every page, the desk's files for our own."""
    own = {**OWN, **({"Strict-Transport-Security": STRICT_TRANSPORT} if https else {})}
    shared = {**own, **SHARED}
    served = Shelf(application)
    served.put_all(f"/widget/{files.widget_version()}", files.WIDGET, {**shared, "Cache-Control": FOR_EVER})
    served.put_all("/widget/current", files.WIDGET, {**shared, "Cache-Control": SHORT})
    served.put("/widget.js", files.WIDGET / "widget.js", {**shared, "Cache-Control": SHORT})
    served.put_all("/static/admin", files.BUILT / "admin", {**own, "Cache-Control": "public, max-age=300"})
    return served


@blueprint.get("/widget/<version>/harms.json")
def categories(version: str) -> Response:
    """The categories for the dialog, from the one table."""
    return _part(version, harms.for_widget(mail=settings().mails))


@blueprint.get("/widget/<version>/words/<lang>.json")
def nearest_words(version: str, lang: str) -> Response:
    """The label's words where a page is in a language that there is no file for."""
    return _part(version, wording.served(files.words(files.language(lang)))[""])


def _part(version: str, content: Any) -> Response:
    if version not in ("current", files.widget_version()):
        raise Problem(404, "This version of the widget is not served here any more. Use /widget.js, or the newest tag.")
    response = jsonify(content)
    response.headers.update({**SHARED, "Cache-Control": SHORT})
    return response
