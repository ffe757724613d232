"""How a month of a site stands against the guidelines' threshold (2.iii), and whether readers see the report control.

A site that is part of an application stands there together with the others: their viewers count as one number, and the
strictest of their guidelines holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from widget_server.rules import projection
from widget_server.rules.guidelines import Limits, strictest
from widget_server.rules.policy import Control, Policy
from widget_server.rules.threshold import Step
from widget_server.rules.viewers import Reporting, ThresholdState, bounds, month_of, threshold_state
from widget_server.storage import applications, months, policies
from widget_server.storage.tables import Crossing, LogEntry, Site, Tally

SHOW, HIDE = "show report control", "hide report control"
"""What the log calls it when readers see the control from then on, or do not."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A month of a site. One that is over is told by what its owner had chosen when it ended.

    `viewers` count for the threshold: those of the whole application, if the site is part of one (`together`: its
    sites). `projected`: how many there will be at the month's end. `crossings`: the steps taken in this month.
    `since`: since when readers see the report control; None: they do not.
    """

    month: int
    viewers: int
    limits: Limits
    projected: int | None
    crossings: list[Crossing]
    application: str
    together: list[Site]
    control: Control
    since: datetime | None

    @property
    def state(self) -> ThresholdState:
        return threshold_state(self.viewers, limits=self.limits)

    @property
    def shown(self) -> Reporting:
        return Reporting.ON if self.since or self.control is Control.ALWAYS else Reporting.OFF

    def crossing(self, step: Step) -> Crossing | None:
        return next((crossing for crossing in self.crossings if crossing.step == step), None)


def of(site: Site, *, at: datetime, month: int | None = None) -> Standing:
    """This month, or that one."""
    number = applications.number_of(site)
    wanted = month or months.running(number, at=at)
    if wanted < month_of(at):
        number, held = _then(site, wanted)
    else:
        held = {one: policies.of(one) for one in applications.members(number)}
    sites, application = list(held), (held.get(site) or policies.of(site)).application
    found = viewers(number, wanted, sites)
    steps = Crossing.select().where(Crossing.site == site.id, Crossing.month == wanted)
    return Standing(
        month=wanted,
        viewers=found,
        limits=_strictest(held.values()),
        projected=projected(number, wanted, found, at=at),
        crossings=list(steps.order_by(Crossing.at, Crossing.viewers)),
        application=application,
        together=sites if application else [],
        control=(held.get(site) or policies.of(site)).control,
        since=_shown_since(site, before=bounds(wanted)[1]) if wanted < month_of(at) else site.report_since,
    )


def shows_report(site: Site) -> Reporting:
    """Whether readers of the site see the report control."""
    always = policies.of(site).control is Control.ALWAYS
    return Reporting.ON if always or site.report_since else Reporting.OFF


def limits(sites: Sequence[Site]) -> Limits:
    """The strictest that guidelines ask of any of these sites."""
    return _strictest(policies.of(site) for site in sites)


def _strictest(held: Iterable[Policy]) -> Limits:
    return strictest({code for policy in held for code in policy.guidelines})


def _then(site: Site, month: int) -> tuple[int, dict[Site, Policy]]:
    """Under what number a month counted that is over, for which sites, and what they had chosen when it ended."""
    every = list(Site.select().order_by(Site.id))
    held = policies.then(every, before=bounds(month)[1])
    name = held[site.id].application
    if not name:
        return site.id, {site: held[site.id]}
    return applications.number(name), {one: held[one.id] for one in every if held[one.id].application == name}


def _shown_since(site: Site, *, before: datetime) -> datetime | None:
    """Since when readers saw the report control at a moment that is over, by the log. A new site shows it."""
    switched = LogEntry.select(LogEntry.at, LogEntry.verb).where(
        LogEntry.subject == f"site {site.key}", LogEntry.verb.in_([SHOW, HIDE]), LogEntry.at < before
    )
    last = switched.order_by(LogEntry.id.desc()).first()
    if last is None:
        return site.created_at
    return last.at if last.verb == SHOW else None


def viewers(number: int, month: int, sites: Sequence[Site]) -> int:
    """How many there are of a site or an application with this number."""
    if number > 0:
        return months.number_of_viewers(number, month)
    return months.viewers_together(number, month, [site.id for site in sites])


def projected(number: int, month: int, viewers: int, *, at: datetime) -> int | None:
    """How many viewers the running month, which has so many, will have; None: it is not to be foretold.

    Who came before an application was one is on none of its days.
    """
    if month != month_of(at):
        return None
    first, last = month * 100 + 1, month * 100 + at.day
    found = Tally.select(Tally.day, Tally.viewers).where(Tally.site == number, Tally.day.between(first, last))
    new = dict(found.tuples())
    by_days = projection.month_end([new.get(day, 0) for day in range(first, last + 1)], at=at)
    return None if by_days is None else by_days + max(0, viewers - sum(new.values()))
