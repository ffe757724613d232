"""Texts for many people: the list of those that wait, and the page on which one is read, amended and decided."""

import html
from dataclasses import replace
from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response

from widget_server.rendering.placing import outward
from widget_server.rendering.sanitising import Passage, sanitise
from widget_server.routes import paging
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.screened import hints_of
from widget_server.routes.api.standing import withdrawn_by, wording_of
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import admitted, moderator, sites_allowed
from widget_server.rules import publishing, unseen
from widget_server.rules.differences import differences
from widget_server.rules.harms import LIMITS
from widget_server.rules.marking import fold
from widget_server.rules.publishing import CHECKS, Publication
from widget_server.rules.stream_safe import cut
from widget_server.storage import known as known_sites
from widget_server.storage import policies, publications
from widget_server.storage.tables import PublicationRow

MOST_NOTE = 4_000
NO_PUBLICATION = "There is no publication with this id."
MOVED_ON = (
    "Somebody else has decided about this text meanwhile, or changed it. What stands here now is the newest: "
    "read it again."
)


class ReviewSchema(Schema):
    """A person's word on exactly one text. `seen`: which it was, as the digest of its source."""

    class Meta:
        unknown = EXCLUDE

    verdict = fields.Enum(Publication, by_value=True, required=True, validate=validate.NoneOf([Publication.HELD]))
    seen = fields.String(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=MOST_NOTE))


class AmendmentSchema(Schema):
    """A text in other words. `seen`: of which text, as the digest of its source."""

    class Meta:
        unknown = EXCLUDE

    source = fields.String(required=True, validate=validate.Length(max=LIMITS["text"]))
    seen = fields.String(required=True)


class TakingBackSchema(Schema):
    """A review that holds no more. `decided`: which it was; `back`: why."""

    class Meta:
        unknown = EXCLUDE

    decided = fields.String(required=True)
    back = fields.String(load_default="", validate=validate.Length(max=MOST_NOTE))


_review, _amendment, _taking_back = ReviewSchema(), AmendmentSchema(), TakingBackSchema()


@blueprint.get("/publications")
def list_publications() -> str:
    shown = request.args.get("show", Publication.HELD)
    if shown not in list(Publication):
        raise Problem(404, "There is no such list. Choose held, approved or rejected.")
    state, allowed = Publication(shown), sites_allowed()
    publications.expire(at=now())
    after = paging.after_publication(request.args.get("after", ""), state=state, sites=allowed)
    rows = publications.page(state=state, sites=allowed, after=after)
    page = rows[: publications.PAGE]
    return render_template(
        "admin/publications.html",
        publications=[(row, cut(row.asked_text)) for row in page],
        hints=hints_of(page),
        shown=shown,
        counts={state: publications.count(state, sites=allowed) for state in Publication},
        decided=request.args.get("decided", ""),
        next=paging.next_publication(rows, state=state),
    )


@blueprint.get("/publications/<number>")
def show_publication(number: str) -> str:
    return _page(_found(number))


@blueprint.post("/publications/<number>")
def review_publication(number: str) -> Response | tuple[str, int]:
    row, typed = _found(number), request.form.to_dict()
    checks = [name for name in CHECKS if name in request.form.getlist("checks")]
    try:
        form = _review.load(typed)
    except ValidationError as error:
        return _page(row, errors=error.normalized_messages(), form=typed, checks=checks), 422
    if form["verdict"] is Publication.REJECTED and (refused := publishing.rejection_refused(form["note"])):
        return _page(row, errors={"note": [refused]}, form=typed, checks=checks), 422
    try:
        decided = publications.review(
            row, form["verdict"], seen=form["seen"], checks=checks, note=form["note"], reviewer=moderator(), at=now()
        )
    except publications.Barred as barred:
        return _page(_found(number), errors={"checks": [str(barred)]}, form=typed, checks=checks), 422
    if not decided:
        return _page(_found(number), errors={"": [MOVED_ON]}, form=typed), 409
    return redirect(url_for("admin.list_publications", decided=number))


@blueprint.post("/publications/<number>/text")
def amend_publication(number: str) -> Response | tuple[str, int]:
    row, typed = _found(number), request.form.to_dict()
    try:
        form = _amendment.load(typed)
    except ValidationError as error:
        return _page(row, errors=error.normalized_messages(), form=typed), 422
    source = form["source"]
    passage = sanitise(source, row.format)
    if not fold(passage.text):
        return _page(row, errors={"source": ["A text without words cannot be published: reject it."]}, form=typed), 422
    amended = publications.amend(
        row,
        source,
        wording_of(passage),
        text=passage.text,
        seen=form["seen"],
        note="",
        moderator=moderator().id,
        at=now(),
    )
    if not amended:
        return _page(_found(number), errors={"": [MOVED_ON]}, form=typed), 409
    return redirect(url_for("admin.show_publication", number=number, amended=""), 303)


@blueprint.post("/publications/<number>/back")
def take_publication_back(number: str) -> Response | tuple[str, int]:
    """A review was a mistake, or is not true any more: the text waits for another one."""
    row, typed = _found(number), request.form.to_dict()
    try:
        form = _taking_back.load(typed)
    except ValidationError as error:
        return _page(row, errors=error.normalized_messages(), form=typed), 422
    as_shown = form["decided"] == _last_review(row)
    if not (as_shown and publications.take_back(row, note=form["back"], moderator=moderator().id, at=now())):
        return _page(_found(number), errors={"": [MOVED_ON]}, form=typed), 409
    return redirect(url_for("admin.show_publication", number=number), 303)


def _last_review(row: PublicationRow) -> str:
    """Which review a page shows."""
    return row.decided_at.isoformat() if row.decided_at and row.state != Publication.HELD else ""


def _found(number: str) -> PublicationRow:
    refused = "You may look at the publications of this site, but not review them."
    row = admitted(publications.find(number[:32]), missing=NO_PUBLICATION, refused=refused)
    standing = publications.as_it_stands(row, row.site, at=now())
    return row if standing is row else publications.find(row.id) or row


def _passage(row: PublicationRow) -> Passage:
    """The text that the review is about, as readers will see it, but for marks piled up."""
    passage = sanitise(row.asked_source, row.format)
    return replace(passage, html=Markup(cut(passage.html)))  # noqa: S704 (it was safe, and has lost marks only)


def _page(
    row: PublicationRow,
    *,
    errors: dict[str, list[str]] | None = None,
    form: dict[str, str] | None = None,
    checks: list[str] | None = None,
) -> str:
    passage, policy, known = _passage(row), policies.of(row.site), known_sites.by_key(row.site.key)
    source, marked = cut(row.asked_source), row.format != "text"
    parts = unseen.kept_back(source, passage.html + html.unescape(passage.html)) if marked else [(source, False)]
    pieces = [(piece, name, hidden) for part, hidden in parts for piece, name in unseen.shown(part)]
    words = unseen.shown(cut(passage.text))
    return render_template(
        "admin/publication.html",
        publication=row,
        decided=_last_review(row),
        passage=passage,
        shown=outward(
            passage.html, own={urlsplit(ours).hostname for ours in (request.host_url, settings().public_url)}
        ),
        source=source,
        pieces=pieces,
        words=words if marked else [],
        unseen=sum(1 for _, name, _ in pieces if name),
        unseen_words=sum(1 for _, name in words if name),
        kept_back=sum(hidden for _, hidden in parts),
        says_more=marked and unseen.says_more(source, passage.text),
        links=[unseen.shown(link) for link in passage.links],
        titles=[unseen.shown(title) for title in passage.titles],
        hint=hints_of([row]).get(row.id),
        changes=None if row.amended is None else differences(cut(row.source), source),
        history=publications.history(row),
        withdrawn_by=withdrawn_by(known, row) if known else None,
        policy=policy,
        over=publishing.runs_out(row.decided_at, days=policy.review_days) if row.state == "approved" else None,
        barred=publications.approval_refused(row, moderator(), CHECKS),
        all_checks=CHECKS,
        checks=checks or [],
        longest=LIMITS["text"],
        errors=errors or {},
        form=form or {},
    )
