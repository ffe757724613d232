"""Texts for many people: may this be posted now, and what became of it (guideline 2.i)."""

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from widget_server.routes import limits, paging
from widget_server.routes.api import answer, blueprint, host
from widget_server.routes.api.rendering import TextSchema, asked_of, label_of, permitted, signed_token
from widget_server.routes.api.standing import Asked, Standing, standing
from widget_server.routes.bodies import checked, load
from widget_server.routes.current import now, server, settings
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.rules import publishing
from widget_server.rules.marking import text_sha256
from widget_server.rules.moderation import State
from widget_server.rules.publishing import CLAUSE, RUN_OUT, WHY, Audience, Publication, Step
from widget_server.storage import policies, publications
from widget_server.storage.known import Known
from widget_server.storage.tables import PublicationRow, PublicationStep, Site

WITHDRAWN = "A moderator has withdrawn this text."


class PublicationsSchema(Schema):
    """Which publications; `after` is what the page before has told as `next`."""

    state = fields.Enum(Publication, by_value=True, load_default=None)
    after = fields.String(load_default=None)


class PostSchema(TextSchema):
    """A text that is about to be posted: in a feed or on an open page, unless `audience` says otherwise."""

    audience = fields.Enum(Audience, by_value=True, load_default=Audience.PUBLIC)


_publications, _post = PublicationsSchema(), PostSchema()


@blueprint.post("/publications")
@limiter.limit(limits.render)
def ask_to_publish() -> Response:
    known = host()
    site = known.site
    wanted = load(_post)
    permitted(server(), known, wanted)
    asked = asked_of(wanted)
    found = standing(known, asked, label_of(wanted), at=now())
    told: dict[str, Any] = {"may_post": found.notice is None, **_decided(found), **_told(site, found.publication)}
    if found.notice is None:
        told["post"] = _to_post(site, asked, found)
    return answer(told)


@blueprint.get("/publications")
@limiter.limit(limits.render)
def list_publications() -> Response:
    known = host()
    site = known.site
    wanted = checked(_publications, request.args.to_dict())
    state, typed = wanted["state"], wanted["after"]
    after = paging.after_publication(typed, state=state, sites=[site.id]) if typed else None
    if typed and not after:
        raise Problem(404, "This site has no publication with this id.")
    publications.expire(at=now())
    rows = publications.page(state=state, site=site, after=after)
    page = rows[: publications.PAGE]
    gone = _withdrawn(known, page)
    told = [as_json(row, withdrawn=row.id in gone) for row in page]
    return answer({"publications": told, "next": paging.next_publication(rows, state=state)})


@blueprint.get("/publications/<number>")
@limiter.limit(limits.render)
def show_publication(number: str) -> Response:
    known = host()
    site = known.site
    row = publications.as_it_stands(_publication(site, number), site, at=now())
    history = publications.history(row)
    withdrawn = bool(_withdrawn(known, [row]))
    refused = {"detail": WITHDRAWN} if withdrawn else _refused(row, history)
    told = {"may_post": not refused, **refused, **as_json(row, withdrawn=withdrawn)}
    return answer({**told, **_told(site, row), "history": [_as_step(step) for step in history]})


def as_json(row: PublicationRow, *, withdrawn: bool) -> dict[str, Any]:
    """A publication, as far as it is told without its policy and its history."""
    stands, decided = row.state == Publication.APPROVED and not withdrawn, row.state != Publication.HELD
    return {
        "id": row.id,
        "state": row.state,
        "text_sha256": row.text_sha256,
        "edited": row.amended is not None,
        "approved_sha256": row.asked_sha256 if stands else None,
        "withdrawn": withdrawn,
        "audience": row.audience,
        "audience_size": row.audience_size,
        "purpose": row.purpose,
        "authors": row.authors,
        "model": row.model,
        "provider": row.provider,
        "created_at": row.created_at.isoformat(timespec="seconds"),
        "decided_at": row.decided_at.isoformat(timespec="seconds") if row.decided_at and decided else None,
        "checks": row.checks,
        "note": row.note if decided else "",
    }


def _publication(site: Site, number: str) -> PublicationRow:
    row = publications.find(number)
    if row is None or row.site_id != site.id:
        raise Problem(404, "This site has no publication with this id.")
    return row


def _withdrawn(known: Known, rows: list[PublicationRow]) -> set[str]:
    """Those whose text a moderator has taken back everywhere since: as it was sent, or as it was amended."""
    reported = known.texts(digest for row in rows for digest in (row.text_sha256, row.asked_sha256))
    gone = {digest for digest, text in reported.items() if text.outcome is State.WITHDRAWN}
    return {row.id for row in rows if gone & {row.text_sha256, row.asked_sha256}}


def _decided(found: Standing) -> dict[str, Any]:
    """The state of what was asked, and why it may not be posted, if it may not."""
    row = found.publication
    if row is None:
        if found.notice is None:
            return {"state": "free", "text_sha256": found.text_sha256, "publication": None}
        refused = {"detail": WITHDRAWN}
        return {"state": "withdrawn", "text_sha256": found.text_sha256, "publication": None, **refused}
    told = {"state": row.state, "text_sha256": row.text_sha256, "publication": row.id}
    return told if found.notice is None else {**told, **_refused(row, publications.history(row))}


def _refused(row: PublicationRow, history: list[PublicationStep]) -> dict[str, str]:
    if row.state == Publication.APPROVED:
        return {}
    expired = row.state == Publication.HELD and Step.EXPIRED in [step.what for step in history[-1:]]
    return {"clause": CLAUSE, "detail": RUN_OUT if expired else WHY[Publication(row.state)]}


def _told(site: Site, row: PublicationRow | None) -> dict[str, Any]:
    """Who has reviewed it and answers for it, until when, and where it stands at the desk."""
    if row is None:
        return {}
    told: dict[str, Any] = {"url": f"{settings().public_url}/admin/publications/{row.id}"}
    if row.state == Publication.APPROVED:
        over = publishing.runs_out(row.decided_at, days=policies.of(site).review_days)
        told["reviewed_by"] = row.reviewer.email if row.reviewer else None
        told["responsible"], told["contact"] = row.responsible or None, row.contact or None
        told["expires_at"] = over.isoformat(timespec="seconds") if over else None
    return told


def _to_post(site: Site, asked: Asked, found: Standing) -> dict[str, Any]:
    """Exactly what may be posted, in three forms; the token shows a page's script that it was approved.

    The source is the reviewed one: what was asked may differ in what readers do not see.
    """
    row = found.publication
    return {
        "source": row.asked_source if row else asked.source,
        "text": found.passage.text,
        "html": str(found.passage.html),
        "text_sha256": text_sha256(found.passage.text),
        "edited": found.edited,
        "content": signed_token(server(), site, found),
    }


def _as_step(step: PublicationStep) -> dict[str, Any]:
    return {
        "what": step.what,
        "at": step.at.isoformat(timespec="seconds"),
        "by": step.moderator.email if step.moderator else None,
        "note": step.note,
        "text_sha256": step.text_sha256,
    }
