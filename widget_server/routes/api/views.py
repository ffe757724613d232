"""Impressions: which texts a viewer saw, and whether the badge was visible."""

from typing import Any, NamedTuple
from wsgiref.types import WSGIEnvironment

from flask import Response, request
from marshmallow import Schema, fields, validate

from widget_server.rendering import tokens
from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, public_site, signed, usual_views
from widget_server.routes.api.fields import LONGEST_ADDRESS, SHA256, Few, SparePage, SpareWord, StrictBoolean, bounded
from widget_server.routes.bodies import load
from widget_server.routes.current import Kept, Server, address, behind, server, settings
from widget_server.rules.moderation import State
from widget_server.rules.viewers import HIDDEN_BY, Reporting, is_person, page_of, seen_from
from widget_server.storage import DatabaseError, viewers
from widget_server.storage import known as known_sites
from widget_server.storage.known import Known, Text
from widget_server.storage.months import Outdated
from widget_server.storage.viewers import Impressions


class ViewSchema(Schema):
    """One text, seen once on one page view."""

    text_sha256 = fields.String(required=True, validate=SHA256)
    content = bounded(tokens.LONGEST)
    model = fields.String(load_default="")
    provider = fields.String(load_default="")
    disclosed = StrictBoolean(required=True, metadata={"description": "Whether its badge was visible."})
    hidden_by = SpareWord(
        HIDDEN_BY,
        metadata={"description": f"What hid the badge, if it was not visible: {', '.join(HIDDEN_BY)}."},
    )


class ViewsSchema(Schema):
    """The views of one page view.

    Whether a text is withdrawn is told in the same answer, so that nothing refuses it which the answer does not need
    and a link, a site's own name of a reader, or a widget of another version can make odd.
    """

    site = bounded(64, required=True)
    views = Few(fields.Nested(ViewSchema), required=True, validate=validate.Length(min=1, max=usual_views.MOST_VIEWS))
    viewer = fields.String(load_default=None, allow_none=True)
    page = SparePage(
        load_default="",
        metadata={"description": f"Where they were seen. One of more than {LONGEST_ADDRESS} bytes counts as none."},
    )


_schema = ViewsSchema()
NOTHING: dict[Reporting, dict[str, Any]] = {shown: {"withdrawn": [], "report": shown} for shown in Reporting}
"""What a page is told of texts that nobody has reported."""


class Reader(NamedTuple):
    """Whose browser sent it, as far as its request tells. `purpose`: see rules.viewers.is_person."""

    address: str
    user_agent: str
    purpose: str


@blueprint.post("/views")
def add_views() -> Response:
    limits.spend(settings().limit_views, on="views")
    page_view = load(_schema, plain=True)
    known = public_site(page_view["site"])
    for place, view in enumerate(page_view["views"]):
        if view["content"] and view["content"] not in known.tokens:
            signed(known.site, view["content"], field=f"views.{place}.content")
            known.vouch(view["content"])
    reader = _reader(request.environ, address())
    try:
        return answer(_counted(known, page_view, reader))
    except Outdated:
        return answer(_counted(public_site(page_view["site"]), page_view, reader))


def _counted(known: Known, page_view: dict[str, Any], reader: Reader) -> dict[str, Any]:
    told = _count(server(), known, page_view, reader)
    if isinstance(told, Kept):
        server().writer.store(told.item)
        return told.tell()
    return told


def in_a_hurry(server: Server, environ: WSGIEnvironment, body: bytes) -> dict[str, Any] | Kept | None:
    """The answer to what the widget usually sends (routes/lanes.py); None: it is not that."""
    page_view = usual_views.read(body)
    known = known_sites.by_key(page_view["site"]) if page_view else None
    if page_view is None or known is None or environ.get("HTTP_ORIGIN", "").lower() not in known.origins:
        return None
    for view in page_view["views"]:
        if view["content"] and view["content"] not in known.tokens:
            return None
    seen_at = behind(
        environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR", ""), server.settings.trusted_proxies
    )
    told = _count(server, known, page_view, _reader(environ, seen_at))
    server.purse.spend(
        server.settings.limit_views, on="views", who=seen_from(seen_at)
    )  # last: before, it may start anew
    return told


def _reader(environ: WSGIEnvironment, seen_at: str) -> Reader:
    purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE", "")
    return Reader(seen_at, environ.get("HTTP_USER_AGENT", ""), purpose)


def _count(server: Server, known: Known, page_view: dict[str, Any], reader: Reader) -> dict[str, Any] | Kept:
    """What a person saw, to be kept, and what the page has to know of its texts."""
    views = page_view["views"]
    texts = known.texts([view["text_sha256"] for view in views])
    if not is_person(user_agent=reader.user_agent, purpose=reader.purpose):
        return _tell(known, texts)
    at = server.now()
    who = viewers.identify(
        known.numbers,
        viewer=page_view["viewer"],
        address=reader.address,
        user_agent=reader.user_agent,
        at=at,
    )
    seen = Impressions(
        site=known.id,
        month=who[0].month,
        at=at,
        viewers=who,
        seen=len(views),
        disclosed=sum([view["disclosed"] for view in views]),
        first_disclosed=views[0]["disclosed"],
        application=known.policy.application,
        page=page_of(page_view["page"], origins=known.origins),
        cases=tuple([texts[view["text_sha256"]].case for view in views if view["text_sha256"] in texts]),
        hidden_by=tuple([view["hidden_by"] for view in views if not view["disclosed"]]),
    )
    return Kept(seen, lambda: _tell(_after(known), texts))


def _after(known: Known) -> Known:
    """The site once the view is stored: the threshold may have come with it, and the report control.

    As it was, if the database does not say: who were told of an error would send the view again.
    """
    try:
        return known_sites.by_key(known.site.key) or known
    except DatabaseError:
        return known


def _tell(known: Known, texts: dict[str, Text]) -> dict[str, Any]:
    if not texts:
        return NOTHING[known.reporting]
    told: dict[str, Any] = {
        "withdrawn": [digest for digest, text in texts.items() if text.outcome is State.WITHDRAWN],
        "report": known.reporting,
    }
    stands = {
        digest: {"outcome": text.decided.outcome, "on": text.decided.on.isoformat(), **text.decided.label}
        for digest, text in texts.items()
        if text.decided and text.outcome is not State.WITHDRAWN
    }
    return {**told, "decided": stands} if stands else told
