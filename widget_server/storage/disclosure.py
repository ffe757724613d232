"""Where too few readers can see the badge, over the last days: told once, until it was better again."""

from datetime import datetime, timedelta

from peewee import fn

from widget_server.rules.disclosure import DAYS, too_low
from widget_server.rules.events import Event, about_viewers
from widget_server.rules.guidelines import Subject, which
from widget_server.rules.viewers import day_of
from widget_server.storage import log, owners, policies, webhooks
from widget_server.storage.tables import Site, Tally, database


def look(*, at: datetime) -> int:
    """Tell of each site where it has become too low. Returns of how many."""
    days = [day_of(at - timedelta(days=back)) for back in range(DAYS)]
    sums = (
        Tally.select(Tally.site, fn.SUM(Tally.impressions), fn.SUM(Tally.disclosed))
        .where(Tally.day.in_(days))
        .group_by(Tally.site)
        .tuples()
    )
    seen = {site: (int(views), int(disclosed)) for site, views, disclosed in sums}
    return sum(_judge(site, *seen.get(site.id, (0, 0)), at=at) for site in Site.select())


def _judge(site: Site, impressions: int, disclosed: int, *, at: datetime) -> bool:
    chosen = policies.of(site)
    low = too_low(impressions, disclosed, least=chosen.least_disclosed)
    if low is None or low is (site.low_since is not None):
        return False
    with database.atomic():
        change = Site.update(low_since=at if low else None).where(Site.id == site.id, Site.low_since.is_null(low))
        if not change.execute():
            return False
        share = int(1000 * disclosed / impressions) / 10
        told = {"share": share, "least": chosen.least_disclosed, "impressions": impressions}
        verb = "find disclosure low" if low else "find disclosure well"
        log.write(verb, f"site {site.key}", moderator=None, at=at, site=site.id, **told)
        if low:
            about = about_viewers(clause=which(chosen.guidelines, Subject.DISCLOSURE), **told)
            webhooks.owe(Event.DISCLOSURE_LOW, about, site=site.id, at=at)
            owners.owe(Event.DISCLOSURE_LOW, about, sites=[site], at=at)
    return low
