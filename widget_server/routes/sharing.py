"""Which pages may use an answer, and how long it may be kept."""

from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, request

from widget_server.rendering.badge import style_hash
from widget_server.routes.errors import PROGRAMS

PUBLIC = ("/api/v1/views", "/api/v1/approvals", "/api/v1/reports", "/words/")
DAY = 86_400
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The policy of what is no page."""


def init(app: Flask) -> None:
    https = app.extensions["widget_server"].settings.https

    @app.after_request
    def protect(response: Response) -> Response:
        if response.status_code == HTTPStatus.PERMANENT_REDIRECT:
            _stay_here(response)
        for name, value in fixed(request.path, https=https).items():
            response.headers.setdefault(name, value)
        if request.method == "OPTIONS" and request.path.startswith(PUBLIC):
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = str(DAY)
        return response


def fixed(path: str, *, https: bool) -> dict[str, str]:
    """What every answer at this address says, unless it says something else itself."""
    private = path.startswith(("/admin", "/r/", "/report"))
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer" if private else "same-origin",
        "Content-Security-Policy": _policy(path),
    }
    if https:
        headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    if private or path.startswith("/api/"):
        headers["Cache-Control"] = "no-store"
    if path.startswith(PUBLIC):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "Retry-After"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return headers


def _stay_here(response: Response) -> None:
    """To the same page with or without a slash: by its path, whatever host the request claims to be for."""
    parts = urlsplit(response.headers["Location"])
    response.headers["Location"] = urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
    response.data = b""


def _policy(path: str) -> str:
    """Our own pages run only what this server serves; a page that shows labels allows their one style by its hash."""
    if path.startswith(PROGRAMS) and path != "/api/docs":
        return NOTHING
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' {style_hash()}; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
