"""A day in the middle of a month, simulated: who comes when, to which node, and what of it reaches the database.

Readers come as in assumptions.py: few come often. A visit is some page views, on each of which texts come into sight.
Each node has its own memory of viewers whom it has stored; the database has everybody who came since the month began.
"""

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import quantiles
from typing import NamedTuple

from benchmarks.assumptions import DAYS, MOST_VISITS, RETURNS

DAY = 15
SECONDS = 86_400
SPREAD = 0x9E37_79B9_7F4A_7C15
"""Gives each number of a viewer a place as if by chance."""
HOURS = [1.3, 0.9, 0.7, 0.6, 0.6, 0.9, 1.8, 3.2, 4.4, 4.9, 5.1, 5.2, 5.5, 5.3, 5.1, 5.0, 5.1, 5.4, 6.0, 6.8, 7.3, 7.0]
HOURS += [5.6, 2.6]
"""How many come in each hour, against each other: reasoned, readers of one region."""
BURST_HOUR, BURST_MINUTES, BURST_TIMES = 20, 10, 3
"""Each day, in its busiest hour, a link goes round: so many minutes with so many times as many readers."""
PAGE_VIEWS_A_VISIT, TEXTS_A_PAGE_VIEW = 3, 5


class PageView(NamedTuple):
    """`new`: whether nobody stored this viewer before this day. `at`: seconds after midnight."""

    at: float
    viewer: int
    new: bool


@dataclass(frozen=True, slots=True)
class Costs:
    """Of a node, in seconds: a request but for its part in a commit; a commit, and what each item in it adds.

    `request_cpu`, `commit_cpu`: how much of them is the node's own work, and not waiting.
    """

    request: float
    commit: float
    item: float
    request_cpu: float
    commit_cpu: float


@dataclass(frozen=True, slots=True)
class Day:
    """What reached the database. `asked`: commits that look for a viewer. `cpu`: seconds of all nodes."""

    page_views: int
    viewers: int
    new: int
    commits: int
    asked: int
    cpu: float
    p50_ms: float
    p99_ms: float

    @property
    def group(self) -> float:
        return self.page_views / self.commits


def page_views_a_month() -> float:
    """Of a viewer, on average."""
    return sum(k**-RETURNS for k in range(1, MOST_VISITS + 1)) * PAGE_VIEWS_A_VISIT


def page_views(viewers: int, *, seed: int, day: int = DAY) -> tuple[list[PageView], list[int]]:
    """A day of a month with so many viewers, in order of time; and the viewers who had come before that day.

    With the same seed it is another day of the same month.
    """
    found, before = [], []
    chance, of_day = random.Random(seed), random.Random(seed * DAY + day)
    starts = _starts(of_day)
    for viewer in range(viewers):
        visits = min(MOST_VISITS, int(chance.random() ** (-1 / RETURNS)))
        days = [int(chance.random() * DAYS) for _ in range(visits)]
        known = any(one < day for one in days)
        if known:
            before.append(viewer)
        for _ in range(days.count(day)):
            at = next(starts)
            for _ in range(PAGE_VIEWS_A_VISIT):
                found.append(PageView(at % SECONDS, viewer, not known))
                at += of_day.expovariate(1 / 120)
    return sorted(found), before


def _starts(chance: random.Random) -> Iterator[float]:
    """When visits begin: by the hour, and in the burst."""
    minutes = [HOURS[minute // 60] for minute in range(24 * 60)]
    for minute in range(BURST_HOUR * 60, BURST_HOUR * 60 + BURST_MINUTES):
        minutes[minute] *= BURST_TIMES
    summed = list(accumulate(minutes))
    while True:
        for minute in chance.choices(range(24 * 60), cum_weights=summed, k=1_000):
            yield (minute + chance.random()) * 60


def peak() -> float:
    """How many times as many come in the busiest minute as on average."""
    minutes = [share * 24 / sum(HOURS) for share in HOURS]
    burst = minutes[BURST_HOUR] * BURST_TIMES
    return burst / (1 + minutes[BURST_HOUR] * (BURST_TIMES - 1) * BURST_MINUTES / (24 * 60))


class Memory:
    """As a worker remembers whom it has stored: in places, of which each viewer has one by chance."""

    def __init__(self, places: int) -> None:
        self._places: list[int | None] = [None] * places

    def __contains__(self, viewer: int) -> bool:
        return self._places[self._place(viewer)] == viewer

    def remember(self, viewers: Sequence[int]) -> None:
        for viewer in viewers:
            self._places[self._place(viewer)] = viewer

    def _place(self, viewer: int) -> int:
        return (viewer * SPREAD >> 32) % len(self._places)


class Node:
    """Requests wait for the one interpreter; their items wait for the one writer, which takes all that are there."""

    def __init__(self, costs: Costs, places: int) -> None:
        self.costs, self.memory = costs, Memory(places)
        self.commits = self.asked = 0
        self.cpu = 0.0
        self.waits: list[float] = []
        self._interpreter = self._writer = 0.0
        self._ready: list[tuple[float, float, int]] = []

    def arrive(self, at: float, viewer: int) -> None:
        self._write(until=at)
        self._interpreter = max(self._interpreter, at) + self.costs.request
        self.cpu += self.costs.request_cpu
        heapq.heappush(self._ready, (self._interpreter, at, viewer))

    def finish(self) -> None:
        self._write(until=float("inf"))

    def _write(self, *, until: float) -> None:
        """The commits that begin before that moment."""
        while self._ready:
            begins = max(self._writer, self._ready[0][0])
            if begins >= until:
                return
            taken = []
            while self._ready and self._ready[0][0] <= begins:
                taken.append(heapq.heappop(self._ready))
            self._commit(begins, taken)

    def _commit(self, begins: float, taken: list[tuple[float, float, int]]) -> None:
        viewers = [viewer for _, _, viewer in taken]
        took = self.costs.commit + self.costs.item * len(taken)
        self._writer = begins + took
        self.cpu += self.costs.commit_cpu + self.costs.item * len(taken)
        self.commits += 1
        self.asked += any(viewer not in self.memory for viewer in viewers)
        self.memory.remember(viewers)
        self.waits += [self._writer - at for _, at, _ in taken]


def simulate(
    coming: Sequence[PageView], nodes: Sequence[Node], chance: random.Random, *, seconds: float = SECONDS
) -> Day:
    """The day, each page view to any of the nodes. `seconds`: in how many the day goes by."""
    for one in coming:
        chance.choice(nodes).arrive(one.at / SECONDS * seconds, one.viewer)
    for node in nodes:
        node.finish()
    waits = quantiles([wait for node in nodes for wait in node.waits], n=100)
    return Day(
        page_views=len(coming),
        viewers=len({one.viewer for one in coming}),
        new=len({one.viewer for one in coming if one.new}),
        commits=sum(node.commits for node in nodes),
        asked=sum(node.asked for node in nodes),
        cpu=sum(node.cpu for node in nodes),
        p50_ms=waits[49] * 1000,
        p99_ms=waits[98] * 1000,
    )


def busiest(rate: float, costs: Costs, *, number: int = 20_000) -> tuple[float, float]:
    """Of one worker to which so many page views a second come: how many share a commit, and the p99 in ms."""
    chance, node, at = random.Random(1), Node(costs, places=1), 0.0
    for viewer in range(number):
        at += chance.expovariate(rate)
        node.arrive(at, viewer)
    node.finish()
    return number / node.commits, quantiles(node.waits, n=100)[98] * 1000


def not_remembered(viewers: float, workers: int, places: int, *, sample: int = 50_000) -> float:
    """The share of page views whose viewer the worker that gets them does not remember, the day before having gone by.

    Of more than `sample` viewers so many are simulated, with as many fewer places.
    """
    simulated = int(min(viewers, sample))
    fewer = max(1, int(places * simulated / viewers))
    memories, chance = [Memory(fewer) for _ in range(workers)], random.Random(2)
    missed = came = 0
    for number in (DAY - 1, DAY):
        missed = came = 0
        for one in page_views(simulated, seed=3, day=number)[0]:
            memory = chance.choice(memories)
            missed += one.viewer not in memory
            came += 1
            memory.remember([one.viewer])
    return missed / came
