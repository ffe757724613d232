"""How the clauses of each site's guidelines stand, month by month, and reports of it for an auditor."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, render_template, request, url_for

from widget_server.rendering import reports
from widget_server.rendering.reports import Signed
from widget_server.routes.admin import blueprint
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.paging import page_of_sites
from widget_server.routes.sessions import admitted, moderator
from widget_server.routes.streams import is_taken
from widget_server.rules import assessments as rules
from widget_server.rules import keys
from widget_server.rules.assessments import WORST_FIRST
from widget_server.rules.audit import BEGINNING
from widget_server.storage import assessments, log, sites
from widget_server.storage.tables import Site


def _paper(signed: Signed) -> bytes:
    """What prints takes 24 MiB of every process: it comes with the first report that is printed."""
    from widget_server.rendering import printed

    return printed.paper(signed)


TYPES = {"html": ("text/html; charset=utf-8", reports.page), "pdf": ("application/pdf", _paper)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see of a site. `chosen`: a month that is over; None: the running one."""

    site: Site
    chosen: str | None
    found_at: datetime
    told: dict[str, Any]


@blueprint.get("/compliance")
def show_compliance() -> str:
    found: list[Any] = []
    shown, more = page_of_sites()
    for site in shown:
        told = _as_it_stands(site, at=now())
        found.append((site, told, rules.by_state(told)))
    found.sort(key=lambda one: [-one[2].get(state, 0) for state in WORST_FIRST[:2]])
    return render_template("admin/compliance.html", sites=found, next=more, at=now(), link=_link, **reports.WORDS)


@blueprint.get("/compliance/<key>")
def show_assessment(key: str) -> str:
    asked = _asked(key)
    signed = _signed(asked)
    return render_template(
        "admin/site_compliance.html",
        site=asked.site,
        told=asked.told,
        chosen=asked.chosen,
        found_at=asked.found_at,
        by_state=rules.by_state(asked.told),
        months=signed.months,
        month_link=lambda month: url_for("admin.show_assessment", key=key, month=month),
        link=_link(asked.site),
        key=signed.key,
        **reports.WORDS,
    )


@blueprint.get("/compliance/<key>.<any(html, pdf):kind>")
def export_assessment(key: str, kind: str) -> Response:
    asked = _asked(key)
    month = asked.told["month"]
    content_type, made = TYPES[kind]
    file = made(_signed(asked))
    if is_taken():
        told = {"month": month, "kind": kind}
        log.write(
            "export report", f"site {asked.site.key}", moderator=moderator().id, at=now(), site=asked.site.id, **told
        )
    name = f"compliance-{asked.site.key}-{month}.{kind}"
    return Response(file, content_type=content_type, headers={"Content-Disposition": f"attachment; filename={name}"})


def _asked(key: str) -> Asked:
    site = admitted(sites.find(key), missing="There is no site with this key.", refused="")
    chosen, at = request.args.get("month", ""), now()
    told = _as_it_stands(site, at=at)
    if not chosen or chosen == told["month"]:
        return Asked(site, None, at, told)
    known = (
        assessments.of(site, int(chosen.replace("-", ""))) if re.fullmatch(r"\d{4}-\d\d", chosen, re.ASCII) else None
    )
    if known is None:
        raise Problem(404, "Nothing is kept of this month. The page of the site lists the months that there are.")
    return Asked(site, chosen, known.made_at, known.told)


def _as_it_stands(site: Site, *, at: datetime) -> dict[str, Any]:
    return assessments.now(site, mails=settings().mails, at=at)


def _signed(asked: Asked) -> Signed:
    newest = log.newest()
    history: list[dict[str, Any]] = [one.told for one in assessments.history(asked.site)]
    if asked.chosen:
        history.insert(0, _as_it_stands(asked.site, at=now()))
    report = rules.report(
        asked.told,
        site={"key": asked.site.key, "name": asked.site.name, "origins": asked.site.origins},
        found_at=asked.found_at,
        made_at=now(),
        made_by=moderator().email,
        server=settings().public_url,
        log={"entries": newest.id if newest else 0, "digest": newest.digest if newest else BEGINNING},
        history=history,
    )
    return Signed(report, keys.report_seed(settings().secret_key))


def _link(site: Site) -> Callable[[str], str]:
    """Where a next step of this site is taken, by its place (rules/guideline.py)."""
    cases: dict[str, dict[str, Any]] = {"urgent": {"urgent": 1}, "late": {"late": 1}, "waiting": {}}
    pages = {
        "publications": "list_publications",
        "viewers": "show_viewers",
        "prompts": "list_prompts",
        "sites": "list_sites",
    }

    def link(place: str) -> str:
        if place in cases:
            return url_for("admin.list_cases", site=site.key, **cases[place])
        if place == "purpose":
            return url_for("admin.show_purpose", key=site.key)
        return url_for(f"admin.{pages[place]}")

    return link
