"""Who embeds the widget, and what they prove it with."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import Tuple, Value

from widget_server.rules import keys
from widget_server.rules.keys import Secrets
from widget_server.storage import changes, locks, log
from widget_server.storage.fresh import Fresh
from widget_server.storage.tables import Site, database

OWN = "own"
PAGE = 25
OVERLAP = timedelta(days=7)
"""How long a rotated secret key still opens what its successor opens."""

_known: Fresh[list[Site]] = Fresh()
forget = _known.forget


def add(name: str, origins: Iterable[str], *, at: datetime) -> Site:
    """A new site with a fresh public key."""
    key = secrets.token_hex(8)
    forget()
    return Site.create(key=key, name=name, origins=list(origins), created_at=at, report_since=at)


def admit(name: str, origins: Iterable[str], *, at: datetime) -> Site:
    """What the operator wants: a site of this name, on these origins besides those that it has."""
    with database.atomic():
        if database.for_update:  # of two who admit a site at once, one waits and sees the other's
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (locks.ADMITTING_SITES,))
        known = named(name)
        found = locked(known) if known else None
        wanted = list(dict.fromkeys([*(found.origins if found else []), *origins]))
        if found is None:
            found = add(name, wanted, at=at)
            log.write("add site", f"site {found.key}", moderator=None, at=at, site=found.id, origins=wanted)
        elif found.origins != wanted:
            set_origins(found.key, wanted)
            log.write("add origins", f"site {found.key}", moderator=None, at=at, site=found.id, origins=wanted)
    return found


def own(origin: str, *, at: datetime) -> Site:
    """The site of this server's own pages, on the address that it has now."""
    site = find(OWN)
    if site is None:  # looked for first: who only reads writes nothing
        first = {"name": "This server's own pages", "origins": [origin], "created_at": at, "report_since": at}
        Site.insert(key=OWN, **first).on_conflict_ignore().execute()
        site = Site.get(Site.key == OWN)
    if site.origins != [origin]:
        set_origins(OWN, [origin])
    return site


def find(key: str) -> Site | None:
    return Site.get_or_none(Site.key == key)


def locked(site: Site) -> Site:
    """The site as it is now; nobody else changes it before the transaction ends."""
    query = Site.select().where(Site.id == site.id)
    return (query.for_update() if database.for_update else query).get()


def named(name: str) -> Site | None:
    return Site.get_or_none(Site.name == name)


def every(only: list[int] | None = None) -> list[Site]:
    """All sites, or those of `only`, by name."""
    query = Site.select().order_by(Site.name, Site.id)
    return list(query if only is None else query.where(Site.id.in_(only)))


def page(only: list[int] | None = None, *, after: Site | None = None) -> list[Site]:
    """Up to PAGE + 1 sites, as `every`; one more than PAGE: there are more. `after`: those behind this one."""
    query = Site.select() if only is None else Site.select().where(Site.id.in_(only))
    if after:
        query = query.where(Tuple(Site.name, Site.id) > Tuple(Value(after.name), Value(after.id)))
    return list(query.order_by(Site.name, Site.id).limit(PAGE + 1))


def known(only: list[int] | None = None) -> list[Site]:
    """As `every`, for a list that is shown with each page: perhaps five seconds old."""
    return [site for site in _known.get("all", every) if only is None or site.id in only]


def rotate(key: str, *, at: datetime) -> Site | None:
    """Give the site a new secret key; the old one holds for OVERLAP, older ones no longer."""
    with database.atomic():
        Site.update(generation=Site.generation + 1, overlap_until=at + OVERLAP).where(Site.key == key).execute()
        site = find(key)
        if site:
            changes.changed(site.id)
            log.write("rotate secret key", f"site {key}", moderator=None, at=at, site=site.id)
        return site


def set_origins(key: str, origins: Iterable[str]) -> None:
    forget()
    with database.atomic():
        Site.update(origins=list(origins)).where(Site.key == key).execute()
        if site := find(key):
            changes.changed(site.id)


def secrets_of(site: Site, server_secrets: Secrets, *, at: datetime) -> list[str]:
    """The site's secret keys that hold now, the newest first; those of a server's secret that was replaced, too."""
    generations = [site.generation]
    if site.overlap_until and at < site.overlap_until:
        generations.append(site.generation - 1)
    return [
        keys.site_secret(secret, site=site.key, generation=generation)
        for secret in server_secrets
        for generation in generations
    ]
