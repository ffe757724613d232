"""Small sites near the threshold: is their owner warned before more than a hundred people have come?"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

from benchmarks.assumptions import EVERY, EVERYDAY, Effect, Mix, assume
from benchmarks.counts import Mode, key, moment
from benchmarks.population import Month, Visit
from widget_server.rules.guidelines import strictest
from widget_server.rules.projection import month_end
from widget_server.rules.viewers import ThresholdState, threshold_state

LIMITS = strictest(["ai21"])

FEWEST, MOST = assume(
    (60, 160), "people have a small site at the month’s end, each number as likely", shown="60 to 160"
)
ALIKE = assume(
    20,
    "people are as far apart as small sites of one kind are, in each share of the above (a beta distribution’s weight)",
)
RETURNS = assume((1.1, 1.6), "is the tail of visits of a small site", shown="1.1 to 1.6")
NEWCOMERS = assume((0.2, 1.0), "of a small site’s people find it during the month", shown="20 to 100 %")


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
    "everyday, all within three days": Kind(Mix(within=0.1)),
    "everyday, nobody counted twice": Kind(EVERYDAY, ONCE),
}


def building(share: float) -> str:
    return f"{share:.0%} in one building"


def in_one_building(share: float) -> Kind:
    """A company's intranet, a school: so many readers come from one address, most of them in one managed browser."""
    return Kind(Mix(at_work=share, work_visits=0.95, colleagues=1.0))


@dataclass(frozen=True, slots=True)
class Warned:
    """A rule that warns: from so many counted, or so many foreseen at the month's end."""

    counted: int
    foreseen: int | None = None

    def __str__(self) -> str:
        return f"{self.counted} counted" + (f", or {self.foreseen} foreseen" if self.foreseen else "")


AT_80 = Warned(LIMITS.warning)
PRESENT = Warned(LIMITS.warning, foreseen=LIMITS.foreseen)
"""What threshold_state() does with a projection."""
RULES = (AT_80, Warned(70), Warned(60), Warned(80, 80), PRESENT, Warned(80, 70), Warned(80, 60))


@dataclass(slots=True)
class Watch:
    """What one mode sees of a running month, and when the product's own rule warned."""

    mode: Mode
    viewers: set[int] = field(default_factory=set)
    by_day: list[int] = field(default_factory=list)
    highest: int = 0
    foreseen: float | None = None

    def see(self, visit: Visit) -> None:
        self.by_day += [0] * (int(visit.at) + 1 - len(self.by_day))
        viewer = key(visit, self.mode)
        if viewer is not None and viewer not in self.viewers:
            self.viewers.add(viewer)
            self.by_day[-1] += 1
        projected = month_end(self.by_day, at=moment(visit))
        self.highest = max(self.highest, projected or 0)
        if self.foreseen is None and self._warns(projected):
            self.foreseen = visit.at

    def warned(self, rule: Warned) -> bool:
        """Whether a rule has warned by now."""
        return len(self.viewers) >= rule.counted or (rule.foreseen is not None and self.highest >= rule.foreseen)

    def _warns(self, projected: int | None) -> bool:
        return threshold_state(len(self.viewers), limits=LIMITS, projected=projected) is not ThresholdState.BELOW


@dataclass(frozen=True, slots=True)
class Site:
    """One site's month: its people, and what was seen of it until the first came who was too many, or to its end."""

    people: int
    passed: float | None
    watches: dict[Mode, Watch]


def sites(number: int, *, seed: int, kind: Kind, modes: Iterable[Mode]) -> list[Site]:
    """So many that pass the threshold, and those that come up between them and do not."""
    found: list[Site] = []
    passing = 0
    while passing < number:
        found.append(_site(f"{seed} site {len(found)}", kind, tuple(modes)))
        passing += found[-1].passed is not None
    return found


def _site(seed: str, kind: Kind, modes: tuple[Mode, ...]) -> Site:
    chance = Random(seed)
    people = chance.randint(FEWEST, MOST)
    watches = {mode: Watch(mode) for mode in modes}
    came: set[int] = set()
    for visit in Month(people, seed=seed, mix=_around(kind.mix, chance), effects=kind.effects).visits():
        if visit.person is not None:
            came.add(visit.person)
        if len(came) > LIMITS.viewers_unreported:
            return Site(people, visit.at, watches)
        for watch in watches.values():
            watch.see(visit)
    return Site(people, None, watches)


def _around(mix: Mix, chance: Random) -> Mix:
    """A site of this kind."""
    shares = {
        name: _near(getattr(mix, name), chance)
        for name in ("at_work", "work_visits", "colleagues", "phones", "under_way")
    }
    return replace(mix, **shares, returns=chance.uniform(*RETURNS), newcomers=chance.uniform(*NEWCOMERS))


def _near(share: float, chance: Random) -> float:
    return share if share in (0.0, 1.0) else chance.betavariate(share * ALIKE, (1 - share) * ALIKE)
