"""Small sites near the threshold: is their owner warned before more than a hundred people have come?"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

from benchmarks.assumptions import EVERY, EVERYDAY, Effect, Mix
from benchmarks.counts import Mode, key, moment
from benchmarks.population import Month, Visit
from widget_server.rules.guidelines import strictest
from widget_server.rules.projection import month_end
from widget_server.rules.viewers import ThresholdState, threshold_state

LIMITS = strictest(["ai21"])

FEWEST, MOST = 60, 160
"""People that a site has at the month's end; each number between is as likely."""
ALIKE = 20
"""How far sites of one kind lie apart: their shares come from beta distributions as narrow as of so many people."""
RETURNS = (1.1, 1.6)
NEWCOMERS = (0.2, 1.0)
"""From these two, between which each site lies somewhere: how often its people come, and how much it grows."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of site, and what disturbs its count."""

    mix: Mix
    effects: frozenset[Effect] = EVERY


ONCE = frozenset({Effect.OFFICES, Effect.HOUSEHOLDS, Effect.NAT, Effect.NO_SCRIPT})
"""Only what makes a count too low: the hardest case."""

KINDS = {
    "everyday": Kind(EVERYDAY),
    "at home": Kind(Mix(at_work=0.05, phones=0.4, under_way=0.15)),
    "at work": Kind(Mix(at_work=0.7, work_visits=0.7, colleagues=0.8)),
    "on phones": Kind(Mix(phones=0.85, under_way=0.7)),
    "everyday, if nobody counted twice": Kind(EVERYDAY, ONCE),
}


def in_one_building(share: float) -> Kind:
    """A company's intranet, a school: so many readers come from one address, most of them in one managed browser."""
    return Kind(Mix(at_work=share, work_visits=0.95, colleagues=1.0))


@dataclass(slots=True)
class Watch:
    """What one mode sees of a running month, and when its state became near: by the count alone, and foreseen."""

    mode: Mode
    viewers: set[int] = field(default_factory=set)
    by_day: list[int] = field(default_factory=list)
    near: float | None = None
    foreseen: float | None = None

    def see(self, visit: Visit) -> None:
        self.by_day += [0] * (int(visit.at) + 1 - len(self.by_day))
        viewer = key(visit, self.mode)
        if viewer is not None and viewer not in self.viewers:
            self.viewers.add(viewer)
            self.by_day[-1] += 1
        if self.near is None and threshold_state(len(self.viewers), limits=LIMITS) is not ThresholdState.BELOW:
            self.near = visit.at
        if self.near is not None and self.foreseen is None:
            self.foreseen = visit.at
        elif self.foreseen is None:
            projected = month_end(self.by_day, at=moment(visit))
            if threshold_state(len(self.viewers), limits=LIMITS, projected=projected) is not ThresholdState.BELOW:
                self.foreseen = visit.at


@dataclass(frozen=True, slots=True)
class Site:
    """One site's month: its people, when the first came who is too many, and what was counted then."""

    people: int
    passed: float | None
    counted: dict[Mode, int]
    watches: dict[Mode, Watch]

    def warned(self, mode: Mode, *, foreseeing: bool) -> float | None:
        watch = self.watches[mode]
        return watch.foreseen if foreseeing else watch.near

    def in_time(self, mode: Mode, *, foreseeing: bool) -> bool:
        warned = self.warned(mode, foreseeing=foreseeing)
        return warned is not None and self.passed is not None and warned <= self.passed


@dataclass(frozen=True, slots=True)
class Sites:
    """Many sites of one kind. A share is None where no site is asked about."""

    every: list[Site]

    @property
    def passing(self) -> list[Site]:
        """The sites that more people used than the guideline lets pass without reports."""
        return [site for site in self.every if site.passed is not None]

    def in_time(self, mode: Mode, *, foreseeing: bool) -> float:
        return _share(site.in_time(mode, foreseeing=foreseeing) for site in self.passing)

    def early(self, mode: Mode, *, foreseeing: bool) -> float:
        """The share of the sites warned that ended with fewer people than the warning names."""
        small = [site for site in self.every if site.people < LIMITS.warning]
        return _share(site.warned(mode, foreseeing=foreseeing) is not None for site in small)

    def counted(self, mode: Mode, *, share: float) -> int:
        """What was counted when too many had come: on so many of the sites less than that."""
        figures = sorted(site.counted[mode] for site in self.passing)
        return figures[int(share * len(figures))]

    def days_before(self, mode: Mode) -> float:
        """How long before the warning came, in the middle."""
        figures = sorted(
            site.passed - warned
            for site in self.passing
            if site.passed and (warned := site.warned(mode, foreseeing=True)) is not None
        )
        return figures[len(figures) // 2] if figures else 0.0


def sites(number: int, *, seed: int, kind: Kind, modes: Iterable[Mode] = Mode) -> Sites:
    """So many that pass the threshold, and those that come up between them and do not."""
    found: list[Site] = []
    passing = 0
    while passing < number:
        found.append(_site(f"{seed} site {len(found)}", kind, tuple(modes)))
        passing += found[-1].passed is not None
    return Sites(found)


def _site(seed: str, kind: Kind, modes: tuple[Mode, ...]) -> Site:
    chance = Random(seed)
    people = chance.randint(FEWEST, MOST)
    watches = {mode: Watch(mode) for mode in modes}
    came: set[int] = set()
    for visit in Month(people, seed=seed, mix=_around(kind.mix, chance), effects=kind.effects).visits():
        for watch in watches.values():
            watch.see(visit)
        if visit.person is not None:
            came.add(visit.person)
        if len(came) > LIMITS.viewers_unreported:
            counted = {mode: len(watch.viewers) for mode, watch in watches.items()}
            return Site(people, visit.at, counted, watches)
    return Site(people, None, {}, watches)


def _around(mix: Mix, chance: Random) -> Mix:
    """A site of this kind."""
    shares = {
        name: _near(getattr(mix, name), chance)
        for name in ("at_work", "work_visits", "colleagues", "phones", "under_way")
    }
    return replace(mix, **shares, returns=chance.uniform(*RETURNS), newcomers=chance.uniform(*NEWCOMERS))


def _near(share: float, chance: Random) -> float:
    return share if share in (0.0, 1.0) else chance.betavariate(share * ALIKE, (1 - share) * ALIKE)


def _share(answers: Iterable[bool]) -> float:
    found = list(answers)
    return sum(found) / len(found) if found else 0.0
