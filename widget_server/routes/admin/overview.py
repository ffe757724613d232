"""The desk's other pages: sites, the log."""

from typing import Any

from flask import render_template, request

from widget_server.origins import ANYWHERE, ANYWHERE_MEANS
from widget_server.rendering import badge
from widget_server.routes import tags
from widget_server.routes.admin import blueprint
from widget_server.routes.current import now, settings
from widget_server.routes.paging import before, page_of_sites
from widget_server.routes.sessions import moderator, sites_allowed
from widget_server.rules.guidelines import GUIDELINES
from widget_server.rules.policy import Control
from widget_server.storage import declarations, log, policies, wording

LOG_PAGE = 100


@blueprint.get("/sites")
def list_sites() -> str:
    host = settings().public_url
    declared = {
        site: declarations.as_it_stands(holds, at=now()) for site, holds in declarations.of_every_site().items()
    }
    found: list[Any] = []
    shown, more = page_of_sites()
    for site in shown:
        own = {lang: len(texts) for lang, texts in wording.every(site.id).items()}
        waits = policies.of(site).control is Control.WHEN_REQUIRED
        tag, checked = (
            make(host, site.key, own_words=bool(own), waits=waits) for make in (tags.script_tag, tags.integrity_tag)
        )
        found.append((site, own, tag, checked))
    return render_template(
        "admin/sites.html",
        sites=found,
        next=more,
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
