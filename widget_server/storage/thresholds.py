"""The steps of each month to the guidelines' threshold: kept, told once, and followed by the report control.

The sites of an application take them together (storage/standing.py), and each keeps them as its own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from peewee import fn

from widget_server.rules import threshold
from widget_server.rules.events import Event, about_viewers
from widget_server.rules.guidelines import Limits, Subject, which
from widget_server.rules.policy import Control
from widget_server.rules.threshold import Step
from widget_server.rules.viewers import Reporting, month_name
from widget_server.storage import applications, changes, log, months, owners, policies, standing, webhooks
from widget_server.storage.tables import Crossing, Month, Site, database

_EVENTS = {
    Step.PROJECTED: Event.THRESHOLD_PROJECTED,
    Step.NEAR: Event.THRESHOLD_NEAR,
    Step.REQUIRED: Event.THRESHOLD_REQUIRED,
}
_settled: set[tuple[int, int]] = set()
"""What is counted, and the months in which it has taken the last step, as far as this process has read them."""
forget = _settled.clear


def came(viewers: Mapping[tuple[int, int], Sequence[datetime]]) -> None:
    """New viewers came in a month to what is counted, at these moments. Call it in the transaction that keeps them."""
    for (number, month), moments in sorted(viewers.items()):
        if (number, month) not in _settled:
            _look(number, month, moments, at=moments[0])


def look(site: Site, *, at: datetime) -> None:
    """Take note of what nobody came to see: another policy, another application, the month's end."""
    _look_at(applications.number_of(site), at=at)


def look_at_all(*, at: datetime) -> None:
    """The same for every site, and where each month heads for."""
    for number in sorted({applications.number_of(site) for site in Site.select()}):
        _look_at(number, at=at)


def _look_at(number: int, *, at: datetime) -> None:
    with database.atomic():
        month = months.running(number, at=at)
        _look(number, month, [], at=at)
        sites = applications.members(number)
        limits = standing.limits(sites)
        viewers = standing.viewers(number, month, sites)
        projected = standing.projected(number, month, viewers, at=at)
        if projected is not None and threshold.heads_for(viewers, projected, limits=limits):
            _take(sites, month, {Step.PROJECTED: (projected, at)}, limits)
        for site in sites:
            _follow(site, limits=limits, month=month, at=at)


def _look(number: int, month: int, moments: Sequence[datetime], *, at: datetime) -> None:
    sites = applications.members(number)
    limits = standing.limits(sites)
    if limits.viewers_unreported is None:
        return
    in_month = (Crossing.month == month) & Crossing.site.in_([site.id for site in sites])
    taken = Crossing.select().where(in_month, Crossing.step == Step.REQUIRED).count()
    if taken == len(sites):
        _settled.add((number, month))
        return
    if database.for_update:  # of two who count at once, one waits: each alone might not see the other's viewer
        list(Month.select(Month.month).where(Month.site == number, Month.month == month).for_update())
    after = standing.viewers(number, month, sites)
    before = after - len(moments)
    steps = {
        step: (viewer, moments[viewer - before - 1] if viewer > before else at)
        for step, viewer in threshold.reached(after, limits=limits).items()
    }
    _take(sites, month, steps, limits)


def _take(sites: Sequence[Site], month: int, steps: Mapping[Step, tuple[int, datetime]], limits: Limits) -> None:
    """Keep the steps that these sites have not taken before, and tell of them."""
    for step, (viewers, at) in steps.items():
        new = [site for site in sites if _keep(site, month, step, viewers, limits, at=at)]
        if not new:
            continue
        for site in new:
            if step is Step.REQUIRED and policies.of(site).control is Control.WHEN_REQUIRED:
                _switch(site, Reporting.ON, limits, at=at)
        told = _about(new[0], limits, at=at) | {"month": month_name(month), "viewers": viewers, "step": step}
        for site in new:
            log.write(
                "reach threshold",
                f"site {site.key}",
                moderator=None,
                at=at,
                site=site.id,
                step=step,
                month=month,
                viewers=viewers,
            )
            webhooks.owe(_EVENTS[step], told | {"report": standing.shows_report(site)}, site=site.id, at=at)
        if step is max(steps, key=list(Step).index):
            owners.owe(_EVENTS[step], told | {"report": standing.shows_report(new[0])}, sites=new, at=at)


def _keep(site: Site, month: int, step: Step, viewers: int, limits: Limits, *, at: datetime) -> bool:
    """False if it was kept before."""
    row = {
        "site": site.id,
        "month": month,
        "step": step,
        "at": at,
        "viewers": viewers,
        "threshold": limits.viewers_unreported,
        "application": policies.of(site).application,
    }
    return bool(list(Crossing.insert(row).on_conflict_ignore().returning(Crossing.site).tuples().execute()))


def _follow(site: Site, *, limits: Limits, month: int, at: datetime) -> None:
    """Show or hide the report control as the site's policy and its months say."""
    crossed = Crossing.select(fn.MAX(Crossing.month)).where(Crossing.site == site.id, Crossing.step == Step.REQUIRED)
    most = limits.viewers_unreported
    over = Month.select(fn.MAX(Month.month)).where(Month.site == site.id, Month.unique_viewers > most)
    over_in = [crossed.scalar(), over.scalar() if most is not None else None]
    shown = threshold.control(
        policies.of(site).control,
        limits=limits,
        required_in=max((found for found in over_in if found), default=None),
        month=month,
    )
    _switch(site, shown, limits, at=at)


def _switch(site: Site, shown: Reporting, limits: Limits, *, at: datetime) -> None:
    """From now on, readers see the report control or do not. What changes is told: it is never silently off."""
    on = shown is Reporting.ON
    change = Site.update(report_since=at if on else None).where(Site.id == site.id, Site.report_since.is_null(on))
    if not change.execute():
        return
    changes.changed(site.id)
    site.report_since = at if on else None
    event = Event.REPORT_ON if on else Event.REPORT_OFF
    about = _about(site, limits, at=at) | {"report": shown}
    verb = standing.SHOW if on else standing.HIDE
    log.write(verb, f"site {site.key}", moderator=None, at=at, site=site.id)
    webhooks.owe(event, about, site=site.id, at=at)
    if not on:
        owners.owe(event, about, sites=[site], at=at)


def _about(site: Site, limits: Limits, *, at: datetime) -> dict[str, Any]:
    chosen = policies.of(site)
    return about_viewers(
        clause=which(chosen.guidelines, Subject.REPORTING),
        threshold=limits.viewers_unreported,
        application=chosen.application,
        at=f"{at:%Y-%m-%d %H:%M} UTC",
    )
