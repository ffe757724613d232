"""The HTTP API: one module a noun, its schemas beside it."""

from flask import Blueprint, Response, jsonify, request

from widget_server.origins import undotted
from widget_server.rendering import tokens
from widget_server.rendering.tokens import Content
from widget_server.routes.current import Server, now, server, settings
from widget_server.routes.errors import Problem
from widget_server.storage import known, sites
from widget_server.storage.known import Known
from widget_server.storage.tables import Site

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


def answer(body: object, status: int = 200) -> Response:
    """`body` as JSON."""
    response = jsonify(body)
    response.status_code = status
    return response


def public_site(key: str) -> Known:
    """The site of a public request: it must exist, and the page that asks must be one of its own. Raises Problem."""
    found = known.by_key(key)
    if found is None:
        raise Problem(
            422, "This site is not known here.", errors={"site": ["Unknown. Use the key that `site add` printed."]}
        )
    origin = request.headers.get("Origin", "").lower()
    if not {origin, undotted(origin)} & {*found.site.origins}:
        raise Problem(
            403,
            "This page is not one of the site's.",
            errors={
                "Origin": ["Not one of the site's origins. The owner can add it with `site add NAME --origin URL`."]
            },
        )
    return found


def signed(site: Site, token: str, *, field: str) -> Content:
    """What a content token of the site says. Raises Problem, naming the field that held it."""
    try:
        return tokens.read(token, sites.secrets_of(site, settings().secrets, at=now()), now=now())
    except tokens.BadToken as error:
        raise Problem(422, "A content token is not valid.", errors={field: [str(error)]}) from None


def host() -> Known:
    """The site whose secret key the request carries. Raises Problem."""
    return bearer(server(), request.headers.get("Authorization", ""))


def bearer(server: Server, authorization: str) -> Known:
    """The site whose secret key this header carries. Raises Problem."""
    scheme, _, secret = authorization.partition(" ")
    held = scheme.lower() == "bearer"
    found = known.by_secret(secret.strip(), server.settings.secrets, at=server.now()) if held else None
    if found is None:
        raise Problem(401, "Send the site's secret key: Authorization: Bearer SECRET_KEY.")
    return found


def secret_site() -> Site:
    """As `host`, if no more is asked of it than who it is."""
    return host().site
