"""What the owner of each site has chosen (rules/policy.py)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from peewee import ModelSelect

from widget_server.rules import policy as rules
from widget_server.rules.meanwhile import met
from widget_server.rules.policy import Policy
from widget_server.storage import changes, log, months, sites
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Application, LogEntry, Site, database

JOINS_OTHERS = (
    "This name cannot be chosen here: you do not own every site that it would be shared with. Choose another, or ask "
    "an owner of all sites."
)


class NotTheirs(Exception):
    """Whoever chooses does not own all sites that this would change. The text says so and the remedy."""


def of(site: Site) -> Policy:
    return rules.policy(site.policy)


def applications(of_sites: Collection[int]) -> dict[int, str]:
    """The name of the application that each of these sites is part of, or nothing, by their numbers."""
    found = _kept.ask(*sorted(of_sites)).fetchall()
    return {site: rules.policy(Site.policy.python_value(kept)).application for site, kept in found}


_kept = Ready(lambda *numbers: Site.select(Site.id, Site.policy).where(Site.id.in_(numbers)))


def then(chosen_for: Iterable[Site], *, before: datetime) -> dict[int, Policy]:
    """What these sites' owners had chosen until a moment, by the log. What it does not tell of is as now."""
    every = {f"site {site.key}": site for site in chosen_for}
    told = list(_told(every).order_by(LogEntry.id))
    kept = {subject: of(site).as_json() for subject, site in every.items()}
    for entry in told:  # what was chosen once was as without a choice before
        kept[entry.subject] |= dict.fromkeys(entry.particulars)
    for entry in told:
        if entry.at < before:
            kept[entry.subject] |= entry.particulars
    return {
        site.id: rules.policy({name: value for name, value in kept[subject].items() if value is not None})
        for subject, site in every.items()
    }


def keep(
    site: Site,
    wanted: Policy,
    *,
    moderator: int | None,
    at: datetime,
    owned: Sequence[int] | None = None,
    shown: Mapping[str, Any] | None = None,
) -> None:
    """The site's policy from now on. `wanted` has no mistakes; what changes is logged.

    `owned`: the sites of which whoever chooses is owner; None: all. `shown`: the policy (as JSON) that they had in
    view. Raises NotTheirs and Contested.
    """
    with database.atomic():
        before = of(sites.locked(site)).as_json()
        after = met(wanted.as_json(), shown=shown, now=before)
        changed = {name: after.get(name) for name in sorted({*before, *after}) if before.get(name) != after.get(name)}
        if not changed:
            return
        application = changed.get("application")
        if application and owned is not None:
            _may_join(site, application, owned)
        Site.update(policy=after).where(Site.id == site.id).execute()
        changes.changed(site.id)
        if application:
            months.join(site.id, at=at)
        log.write("set policy", f"site {site.key}", moderator=moderator, at=at, site=site.id, **changed)
    site.policy = after
    sites.forget()


def together(site: Site) -> list[Site]:
    """All sites of the application that this one belongs to: itself, and those that share its name."""
    application = of(site).application
    if not application:
        return [site]
    return [other for other in Site.select().order_by(Site.id) if of(other).application == application]


def _may_join(site: Site, application: str, owned: Sequence[int]) -> None:
    """Raises NotTheirs where others' sites are, or once were, part of the application: their viewers count in it."""
    Application.insert(name=application).on_conflict_ignore().execute()
    if database.for_update:  # of two who take the same name at once, one waits and sees the other
        list(Application.select().where(Application.name == application).for_update())
    every = list(Site.select())
    there = {other.id for other in every if of(other).application == application}
    told = _told(f"site {other.key}" for other in every)
    once = {entry.site for entry in told if entry.particulars.get("application") == application}
    if not {*there, *once} <= {*owned, site.id}:
        raise NotTheirs(JOINS_OTHERS)


def _told(subjects: Iterable[str]) -> ModelSelect:
    """What the log tells of these sites' policies."""
    about = LogEntry.subject.in_(list(subjects)) & (LogEntry.verb == "set policy")
    return LogEntry.select(LogEntry.at, LogEntry.subject, LogEntry.site, LogEntry.particulars).where(about)
