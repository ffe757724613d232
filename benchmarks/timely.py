"""Whether warnings came in time on many small sites, and what that cost those that needed none."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, median

from benchmarks.counts import Mode
from benchmarks.near import LIMITS, PRESENT, RULES, Site, Warned


@dataclass(frozen=True, slots=True)
class Figures:
    """What one mode did for many sites of one kind.

    `in_time`: the share warned by a rule before the first came who was too many; `between`: its 95 % interval for the
    product's own rule. `needless`: the share warned of those that ended with fewer people than the warning names.
    `middle`, `low`: what was counted when as many had come as may; on one site of a hundred
    less than `low`. `days_before`: how long before the product's own rule had warned, in the middle.
    """

    in_time: dict[Warned, float]
    between: tuple[float, float]
    needless: dict[Warned, float]
    middle: int
    low: int
    days_before: float


def figures(sites: Sequence[Site], mode: Mode) -> Figures:
    passing = [(site.passed, site.watches[mode]) for site in sites if site.passed is not None]
    small = [site.watches[mode] for site in sites if site.people < LIMITS.warning]
    counted = sorted(len(watch.viewers) for _, watch in passing)
    in_time = {rule: fmean(watch.warned(rule) for _, watch in passing) for rule in RULES}
    return Figures(
        in_time=in_time,
        between=_between(in_time[PRESENT], len(passing)),
        needless={rule: fmean(watch.warned(rule) for watch in small) if small else 0.0 for rule in RULES},
        middle=counted[len(counted) // 2],
        low=counted[len(counted) // 100],
        days_before=median(
            passed - (passed if watch.foreseen is None else watch.foreseen) for passed, watch in passing
        ),
    )


def _between(share: float, number: int) -> tuple[float, float]:
    """Wilson's interval."""
    z = NormalDist().inv_cdf(0.975)
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    half = z / (1 + z * z / number) * sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    return middle - half, min(1.0, middle + half)
