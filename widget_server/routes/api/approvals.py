"""What a page's script asks of texts beside their views: which are approved (guideline 2.i), signed, withdrawn.

They are told by their words. Where links lead is asked by `render` and publications, which know the HTML.
"""

from flask import Response
from marshmallow import Schema, fields, validate

from widget_server.rendering import tokens
from widget_server.rendering.tokens import BadToken, Content
from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, public_site
from widget_server.routes.api.fields import SHA256, Few, bounded
from widget_server.routes.api.standing import withdrawn_by
from widget_server.routes.bodies import load
from widget_server.routes.current import now, settings
from widget_server.routes.limits import limiter
from widget_server.rules.moderation import State
from widget_server.rules.publishing import CLAUSE, has_run_out
from widget_server.storage import policies, publications, sites
from widget_server.storage.tables import PublicationRow, Site

MOST_TEXTS = 100
NO_TOKEN = "There is no token with it."  # noqa: S105
OTHER_TEXT = "This is not the text that was signed: a review holds for exactly the text that was reviewed."
NOT_REVIEWED = "Nobody has approved this text, or the review holds no more."
WITHDRAWN = "A moderator has withdrawn this text."


class ApprovalSchema(Schema):
    """A text on a page, told by its words alone, and what the page says was signed about it."""

    text_sha256 = fields.String(required=True, validate=SHA256)
    content = bounded(tokens.LONGEST)


class ApprovalsSchema(Schema):
    """Texts of a page: those for many people, those whose token says who answers for them, those that are withdrawn."""

    site = bounded(64, required=True)
    texts = Few(fields.Nested(ApprovalSchema), required=True, validate=validate.Length(min=1, max=MOST_TEXTS))


_schema = ApprovalsSchema()


@blueprint.post("/approvals")
@limiter.limit(limits.views)
def show_approvals() -> Response:
    wanted = load(_schema, plain=True)
    known = public_site(wanted["site"])
    site = known.site
    found = [(text["text_sha256"], _read(site, text["content"])) for text in wanted["texts"]]
    numbers = {said.publication for _, said in found if isinstance(said, Content) and said.publication}
    approved = publications.approved(site, numbers, at=now())
    reported = known.texts(digest for digest, _ in found)
    withdrawn = {digest for digest, text in reported.items() if text.outcome is State.WITHDRAWN}
    rows = {number: row for number, row in approved.items() if not withdrawn_by(known, row)}
    gone = approved.keys() - rows.keys()
    refusals = [
        WITHDRAWN if digest in withdrawn or _publication(said) in gone else _refused(site, digest, said, rows)
        for digest, said in found
    ]
    judged = list(zip(wanted["texts"], refusals, strict=True))
    return answer(
        {
            "approved": [text for text, why in judged if why is None],
            "refused": [{**text, "clause": CLAUSE, "detail": why} for text, why in judged if why is not None],
            "signed": [
                text for text, (digest, said) in zip(wanted["texts"], found, strict=True) if _is_of(said, digest)
            ],
            "withdrawn": sorted(withdrawn),
        }
    )


def _read(site: Site, token: str) -> Content | str:
    """What the token says, or why it says nothing."""
    if not token:
        return NO_TOKEN
    try:
        return tokens.read(token, sites.secrets_of(site, settings().secrets, at=now()), now=now())
    except BadToken as error:
        return str(error)


def _is_of(said: Content | str, digest: str) -> bool:
    """Whether the site has signed its token for this text."""
    return isinstance(said, Content) and said.text_sha256 == digest


def _publication(said: Content | str) -> str:
    return said.publication if isinstance(said, Content) else ""


def _refused(site: Site, digest: str, said: Content | str, rows: dict[str, PublicationRow]) -> str | None:
    """Why this text stays covered; None if it is approved. Without a publication, the host itself vouches for it."""
    if isinstance(said, str):
        return said
    if said.text_sha256 != digest:
        return OTHER_TEXT
    if said.publication:
        row = rows.get(said.publication)
        return None if row and row.asked_sha256 == digest else NOT_REVIEWED
    days = policies.of(site).review_days
    vouched = said.reviewed_by and not has_run_out(said.signed_at, days=days, at=now())
    return None if vouched else NOT_REVIEWED
