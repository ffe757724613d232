"""What the owner of each site has chosen (rules/policy.py)."""

from datetime import datetime

from widget_server.rules import policy as rules
from widget_server.rules.policy import Policy
from widget_server.storage import changes, log, sites
from widget_server.storage.tables import Site, database


def of(site: Site) -> Policy:
    return rules.policy(site.policy)


def keep(site: Site, wanted: Policy, *, moderator: int | None, at: datetime) -> None:
    """The site's policy from now on. `wanted` has no mistakes; what changes is logged."""
    before, after = of(site).as_json(), wanted.as_json()
    changed = {name: after.get(name) for name in sorted({*before, *after}) if before.get(name) != after.get(name)}
    if not changed:
        return
    with database.atomic():
        Site.update(policy=after).where(Site.id == site.id).execute()
        changes.changed(site.id)
        log.write("set policy", f"site {site.key}", moderator=moderator, at=at, site=site.id, **changed)
    site.policy = after
    sites.forget()


def together(site: Site) -> list[Site]:
    """All sites of the application that this one belongs to: itself, and those that share its name."""
    application = of(site).application
    if not application:
        return [site]
    return [other for other in Site.select().order_by(Site.id) if of(other).application == application]
