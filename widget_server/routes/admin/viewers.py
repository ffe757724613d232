"""Who saw machine-generated text: how many, with a visible badge or not, and how that stands against the threshold."""

from typing import Any

from flask import render_template

from widget_server.routes.admin import blueprint
from widget_server.routes.current import now
from widget_server.routes.paging import page_of_sites
from widget_server.routes.sessions import may
from widget_server.rules.disclosure import DAYS
from widget_server.rules.threshold import Step
from widget_server.rules.viewers import HIDDEN_BY, day_name, month_name
from widget_server.storage import months, page_views, policies, standing

MOST_PAGES = 100
MONTHS = 13


@blueprint.get("/viewers")
def show_viewers() -> str:
    found: list[Any] = []
    shown, more = page_of_sites()
    for site in shown:
        stands = standing.of(site, at=now())
        kept = [months.usage(site.id, month) for month in months.of(site.id)[:MONTHS]]
        running = [] if any(one.month == stands.month for one in kept) else [months.usage(site.id, stands.month)]
        pages = page_views.of(site.id, stands.month, most=MOST_PAGES)
        found.append((site, stands, running + kept, pages))
    return render_template(
        "admin/viewers.html",
        sites=found,
        next=more,
        policy_of=policies.of,
        seen_of=lambda together: [site.name for site in together if may("show_viewers", site.id)],
        month_name=month_name,
        day_name=day_name,
        most_pages=MOST_PAGES,
        hidden_by=HIDDEN_BY,
        low_days=DAYS,
        Step=Step,
    )
