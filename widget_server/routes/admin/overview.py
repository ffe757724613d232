"""The desk's other pages: publications, viewers, compliance, sites, the log."""

from flask import redirect, render_template, request, url_for
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response

from widget_server.rendering import badge
from widget_server.routes import tags
from widget_server.routes.admin import blueprint
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.paging import before
from widget_server.routes.sessions import admitted, moderator, sites_allowed
from widget_server.rules import guideline
from widget_server.rules.guidelines import GUIDELINES
from widget_server.rules.publishing import Publication
from widget_server.rules.viewers import HIDDEN_BY, day_name, month_name, month_of, threshold_state
from widget_server.settings import ANYWHERE, ANYWHERE_MEANS
from widget_server.storage import declarations, evidence, hidden, log, policies, publications, sites, viewers, wording
from widget_server.storage.tables import PublicationRow

LOG_PAGE = 100
MOST_PAGES = 100


class ReviewSchema(Schema):
    """A person's word on exactly one text."""

    verdict = fields.Enum(Publication, by_value=True, required=True, validate=validate.NoneOf([Publication.HELD]))
    note = fields.String(load_default="", validate=validate.Length(max=4000))


_review = ReviewSchema()


@blueprint.get("/publications")
def list_publications() -> str:
    shown = request.args.get("show", Publication.HELD)
    if shown not in list(Publication):
        raise Problem(404, "There is no such list. Choose held, approved or rejected.")
    after = publications.find(request.args["after"][:32]) if "after" in request.args else None
    rows = publications.page(state=Publication(shown), sites=sites_allowed(), after=after)
    page = rows[: publications.PAGE]
    return render_template(
        "admin/publications.html",
        publications=page,
        shown=shown,
        counts={state: publications.count(state, sites=sites_allowed()) for state in Publication},
        next=page[-1].id if len(rows) > len(page) else None,
    )


@blueprint.post("/publications/<number>")
def review_publication(number: str) -> Response:
    try:
        form = _review.load(request.form.to_dict(), unknown="exclude")
    except ValidationError:
        raise Problem(422, "Choose approve or reject; the note may have 4000 characters.") from None
    row = _publication(number)
    if not publications.review(row, form["verdict"], note=form["note"], moderator=moderator().id, at=now()):
        raise Problem(
            409, "Somebody else has reviewed this text meanwhile. See the lists of approved and rejected texts."
        )
    return redirect(url_for("admin.list_publications"))


def _publication(number: str) -> PublicationRow:
    refused = "You may look at the publications of this site, but not review them."
    return admitted(publications.find(number), missing="There is no publication with this id.", refused=refused)


@blueprint.get("/viewers")
def show_viewers() -> str:
    month = month_of(now())
    found = [
        (
            site,
            [viewers.usage(site.id, known) for known in viewers.months(site.id)[:13]]
            or [viewers.usage(site.id, month)],
            hidden.of(site.id, month, most=MOST_PAGES),
        )
        for site in sites.every(sites_allowed())
    ]
    return render_template(
        "admin/viewers.html",
        sites=found,
        limits_of=lambda site: policies.of(site).limits,
        standing_of=lambda site, viewers: threshold_state(viewers, limits=policies.of(site).limits),
        month_name=month_name,
        day_name=day_name,
        running=month,
        most_pages=MOST_PAGES,
        hidden_by=HIDDEN_BY,
    )


@blueprint.get("/compliance")
def show_compliance() -> str:
    found = [
        (site, guideline.assess(policies.of(site), evidence.of(site, at=now())))
        for site in sites.every(sites_allowed())
    ]
    return render_template("admin/compliance.html", sites=found, at=now())


@blueprint.get("/sites")
def list_sites() -> str:
    host = settings().public_url
    declared = {
        site: declarations.as_it_stands(holds, at=now()) for site, holds in declarations.of_every_site().items()
    }
    found = []
    for site in sites.every(sites_allowed()):
        own = {lang: len(texts) for lang, texts in wording.every(site.id).items()}
        tag, checked = (make(host, site.key, own_words=bool(own)) for make in (tags.script_tag, tags.integrity_tag))
        found.append((site, own, tag, checked))
    return render_template(
        "admin/sites.html",
        sites=found,
        declared=declared,
        policy_of=policies.of,
        guidelines=GUIDELINES,
        csp=tags.csp(host),
        style_hash=badge.style_hash(),
        options=tags.OPTIONS,
        anywhere=ANYWHERE,
        anywhere_means=ANYWHERE_MEANS,
    )


@blueprint.get("/log")
def show_log() -> str:
    subject, older_than = request.args.get("subject", "")[:64], before()
    entries = log.page(
        before=older_than, size=LOG_PAGE + 1, subject=subject, sites=sites_allowed(), reader=moderator().id
    )
    page = entries[:LOG_PAGE]
    return render_template(
        "admin/log.html",
        subject=subject,
        entries=page,
        newest=None if older_than or subject else log.newest(),
        next=page[-1].id if len(entries) > len(page) else None,
    )
