"""What else was decided that helps to decide a case: on the same text, the same page, or texts of the same model."""

from dataclasses import dataclass
from datetime import datetime

from widget_server.storage.tables import Case, Report, Site

MOST = 5


@dataclass(frozen=True, slots=True)
class Related:
    """An earlier decision on another case. `why`: "text", "page" or "model"."""

    why: str
    case: int
    site: str
    outcome: str
    category: str
    decided_at: datetime


def of(case: Case, *, sites: list[int] | None) -> list[Related]:
    """Up to MOST decisions for each reason, the newest first. `sites`: what the moderator may see."""
    pages = Report.select(Report.page).where(Report.case == case, Report.page != "").limit(MOST)
    there = Report.select(Report.case).where(Report.site == case.site_id, Report.page.in_(pages))
    ways = {
        "text": Case.text_sha256 == case.text_sha256,
        "page": Case.id.in_(there),
        "model": (Case.site == case.site_id) & (Case.queue == "decided") & (Case.model == case.model),
    }
    if not case.model:
        del ways["model"]
    found: dict[int, Related] = {}
    for why, way in ways.items():
        query = Case.select(Case, Site).join(Site).where(way, Case.id != case.id, Case.outcome.is_null(False))
        if sites is not None:
            query = query.where(Case.site.in_(sites))
        for row in query.order_by(Case.place, Case.id).limit(MOST):
            found.setdefault(
                row.id, Related(why, row.id, row.site.name, row.outcome, row.category, row.decided_at or row.opened_at)
            )
    return list(found.values())
