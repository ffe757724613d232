"""Impressions: which texts a viewer saw, and whether the badge was visible."""

from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, public_site, signed
from widget_server.routes.api.fields import SHA256, PageAddress, StrictBoolean, bounded
from widget_server.routes.bodies import load
from widget_server.routes.current import address, now, server, settings
from widget_server.routes.limits import limiter
from widget_server.rules.moderation import State
from widget_server.rules.viewers import HIDDEN_BY, is_person, page_of
from widget_server.storage import rulings, standing, viewers
from widget_server.storage.viewers import Impressions

MOST_VIEWS = 100


class ViewSchema(Schema):
    """One text, seen once on one page view."""

    text_sha256 = fields.String(required=True, validate=SHA256)
    content = bounded(8000)
    model = bounded(200)
    provider = bounded(200)
    disclosed = StrictBoolean(required=True, metadata={"description": "Whether its badge was visible."})
    hidden_by = fields.String(
        load_default="",
        validate=validate.OneOf(list(HIDDEN_BY)),
        metadata={"description": "What hid the badge, if it was not visible."},
    )

    @validates_schema(skip_on_field_errors=True)
    def check_hidden_by(self, view: dict[str, Any], **_: Any) -> None:
        if view["disclosed"] and view["hidden_by"]:
            raise ValidationError("Only for a view that was not disclosed.", "hidden_by")


class ViewsSchema(Schema):
    """The views of one page view."""

    site = bounded(64, required=True)
    views = fields.List(fields.Nested(ViewSchema), required=True, validate=validate.Length(min=1, max=MOST_VIEWS))
    viewer = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    page = PageAddress(load_default="")


_schema = ViewsSchema()


@blueprint.post("/views")
@limiter.limit(limits.views)
def add_views() -> Response:
    page_view = load(_schema, plain=True)
    site = public_site(page_view["site"])
    for place, view in enumerate(page_view["views"]):
        if view["content"]:
            signed(site, view["content"], field=f"views.{place}.content")
    user_agent = request.user_agent.string
    if is_person(
        user_agent=user_agent, purpose=request.headers.get("Sec-Purpose") or request.headers.get("Purpose", "")
    ):
        at = now()
        who = viewers.identify(
            site,
            server_secret=settings().secret_key,
            viewer=page_view["viewer"],
            address=address(),
            user_agent=user_agent,
            at=at,
        )
        server().writer.store(
            Impressions(
                site=site.id,
                month=who[0].month,
                at=at,
                viewers=who,
                seen=len(page_view["views"]),
                disclosed=sum(view["disclosed"] for view in page_view["views"]),
                first_disclosed=page_view["views"][0]["disclosed"],
                page=page_of(page_view["page"], origins=site.origins),
                texts=tuple(view["text_sha256"] for view in page_view["views"]),
                hidden_by=tuple(view["hidden_by"] for view in page_view["views"] if not view["disclosed"]),
            )
        )
    decided = rulings.decided(site.id, {view["text_sha256"] for view in page_view["views"]})
    told = {
        "withdrawn": [digest for digest, decision in decided.items() if decision.outcome is State.WITHDRAWN],
        "report": standing.shows_report(site),
    }
    stands = {
        digest: {"outcome": decision.outcome, "on": decision.on.isoformat(), **decision.label}
        for digest, decision in decided.items()
        if decision.outcome is not State.WITHDRAWN
    }
    return answer({**told, "decided": stands} if stands else told)
