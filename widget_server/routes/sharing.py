"""Which pages may use an answer, and how long it may be kept."""

from flask import Flask, Response, request

from widget_server.rendering.badge import style_hash
from widget_server.routes.errors import PROGRAMS

PUBLIC = ("/api/v1/views", "/api/v1/approvals", "/api/v1/reports", "/words/")
DAY = 86_400


def init(app: Flask) -> None:
    https = app.extensions["widget_server"].settings.https

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer" if _private() else "same-origin")
        headers.setdefault("Content-Security-Policy", _policy(request.path))
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if _private() or request.path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if request.path.startswith(PUBLIC):
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = "Retry-After"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            if request.method == "OPTIONS":
                headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
                headers["Access-Control-Allow-Headers"] = "Content-Type"
                headers["Access-Control-Max-Age"] = str(DAY)
        return response


def _private() -> bool:
    return request.path.startswith(("/admin", "/r/", "/report"))


def _policy(path: str) -> str:
    """Our own pages run only what this server serves; a page that shows labels allows their one style by its hash."""
    if path.startswith(PROGRAMS) and path != "/api/docs":
        return "default-src 'none'; frame-ancestors 'none'"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' {style_hash()}; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
