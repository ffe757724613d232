"""How each site stood, month by month: the running month as it is now, those that are over as they ended."""

from datetime import datetime
from typing import Any

from peewee import JOIN

from widget_server.rules import assessments as rules
from widget_server.rules.viewers import bounds, month_of
from widget_server.storage import evidence, months, policies
from widget_server.storage.months import GRACE
from widget_server.storage.tables import Assessment, Site, database

LONGEST = 25
"""Months of which the history is told at once: two years and the running one."""


def now(site: Site, *, mails: bool, at: datetime) -> dict[str, Any]:
    """How a site stands in the running month. `mails`: whether this server writes to reporters."""
    return rules.assessment(policies.of(site), evidence.of(site, mails=mails, at=at))


def of(site: Site, month: int) -> Assessment | None:
    """How it stood at the end of a month that is over."""
    return Assessment.get_or_none(Assessment.site == site, Assessment.month == month)


def history(site: Site) -> list[Assessment]:
    """The months that are over, the newest first."""
    query = Assessment.select().where(Assessment.site == site).order_by(Assessment.month.desc())
    return list(query.limit(LONGEST - 1))


def close_month(*, mails: bool, at: datetime) -> int:
    """Keep, once, how each site stood in the month that is just over. Returns for how many sites.

    Of a month that was over before, nobody can tell any more how it ended.
    """
    running = month_of(at - GRACE)
    over = running - 1 if running % 100 > 1 else running - 89
    if months.being_closed(over):
        return 0
    begins = bounds(running)[0]
    known = (Assessment.site == Site.id) & (Assessment.month == over)
    query = Site.select().join(Assessment, JOIN.LEFT_OUTER, on=known)
    missing = list(query.where(Assessment.month.is_null(), Site.created_at < begins).order_by(Site.id))
    held = policies.then(missing, before=begins) if missing else {}
    for site in missing:
        found = rules.assessment(held[site.id], evidence.of(site, mails=mails, at=at, month=over))
        with database.atomic():
            Assessment.insert(
                site=site, month=over, made_at=at, told=rules.without_persons(found)
            ).on_conflict_ignore().execute()
    return len(missing)
