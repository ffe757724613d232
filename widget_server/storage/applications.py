"""Sites that count together (policy.application), as numbers among those of sites: negative ones."""

from widget_server.storage import policies
from widget_server.storage.tables import Application, Site, database

_known: dict[str, int] = {}
forget = _known.clear


def number_of(site: Site) -> int:
    """What the threshold counts for this site: its application, or itself."""
    name = policies.of(site).application
    return number(name) if name else site.id


def number(name: str) -> int:
    """What the threshold counts for the application with this name."""
    if name not in _known:
        Application.insert(name=name).on_conflict_ignore().execute()
        found = Application.get(Application.name == name).id
        if database.in_transaction():
            return -found  # it may yet be undone
        _known[name] = found
    return -_known[name]


def members(number: int) -> list[Site]:
    """The sites that are counted under this number. A site that is part of an application has none of its own."""
    if number > 0:
        site = Site.get_or_none(Site.id == number)
        return [site] if site and not policies.of(site).application else []
    application = Application.get_by_id(-number).name
    return [site for site in Site.select().order_by(Site.id) if policies.of(site).application == application]
