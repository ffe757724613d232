"""The widget's files, and what the server adds to them: the newest one under a short address, and the categories."""

from typing import Any

from flask import Blueprint, Flask, Response, jsonify
from whitenoise import WhiteNoise

from widget_server.rendering import files, wording
from widget_server.routes.current import settings
from widget_server.routes.errors import Problem
from widget_server.rules import harms

YEAR = 31_536_000
SHORT = "public, max-age=300, stale-while-revalidate=86400"
FOR_EVER = f"public, max-age={YEAR}, immutable"

blueprint = Blueprint("widget_files", __name__)


def init(app: Flask) -> None:
    """Serve static/ without Flask: the widget for every page, the desk's files for our own."""
    version = files.widget_version()

    def share(headers: dict[str, str], _path: str, url: str) -> None:
        if url.startswith("/widget"):
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            headers["Cache-Control"] = FOR_EVER if url.startswith(f"/widget/{version}/") else SHORT
        elif "Access-Control-Allow-Origin" in headers:
            del headers["Access-Control-Allow-Origin"]
        headers["X-Content-Type-Options"] = "nosniff"

    served = WhiteNoise(app.wsgi_app, add_headers_function=share, max_age=300, mimetypes={".ts": "text/plain"})
    for prefix in (f"widget/{version}", "widget/current"):
        served.add_files(str(files.WIDGET), prefix=prefix)
    served.add_file_to_dictionary("/widget.js", str(files.WIDGET / "widget.js"))
    served.add_files(str(files.BUILT / "admin"), prefix="static/admin")
    app.wsgi_app = served  # type: ignore[method-assign]


@blueprint.get("/widget/<version>/harms.json")
def categories(version: str) -> Response:
    """The categories for the dialog, from the one table."""
    return _part(version, harms.for_widget(mail=settings().mail_url is not None))


@blueprint.get("/widget/<version>/words/<lang>.json")
def nearest_words(version: str, lang: str) -> Response:
    """The label's words where a page is in a language that there is no file for."""
    return _part(version, wording.served(files.words(files.language(lang)))[""])


def _part(version: str, content: Any) -> Response:
    if version not in ("current", files.widget_version()):
        raise Problem(404, "This version of the widget is not served here any more. Use /widget.js, or the newest tag.")
    response = jsonify(content)
    response.headers["Cache-Control"] = SHORT
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
