"""Whoever comes to whatever site, in whatever order, through whatever process: each person counts once a month, and
every sum of views tells of the same ones.

Random walks through the doors, beside a plain model of who has come.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask

from tests.conftest import Clock, Page, seen
from widget_server.rules.viewers import HIDDEN_BY, month_of
from widget_server.storage import connection, months, policies, sites, viewers

SEEDS, STEPS = (1, 2, 3), 120
PEOPLE, PAGES = 12, 4


@dataclass
class Truth:
    """What was seen in a month of a site. `first`: whether each person's first badge was visible."""

    first: dict[int, bool] = field(default_factory=dict)
    pages: Counter[str] = field(default_factory=Counter)
    disclosed: Counter[str] = field(default_factory=Counter)
    hidden: Counter[tuple[str, str]] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)


@dataclass
class Walk:
    chance: random.Random
    clock: Clock
    pages: list[Page]
    steps: list[str] = field(default_factory=list)
    truth: dict[tuple[str, int], Truth] = field(default_factory=lambda: defaultdict(Truth))
    joined: dict[str, str] = field(default_factory=dict)
    were: set[tuple[str, str, int]] = field(default_factory=set)

    def step(self) -> None:
        kind = self.chance.choices([*KINDS], [*KINDS.values()])[0]
        kind(self)
        self.steps.append(kind.__name__)


def view(walk: Walk) -> None:
    chance, page = walk.chance, walk.chance.choice(walk.pages)
    person, place = chance.randrange(PEOPLE), f"{page.origin}/{chance.randrange(PAGES)}"
    texts, hiding = [], []
    for number in range(chance.choice([1, 1, 2, 5])):
        by = chance.choice(["", *HIDDEN_BY]) if chance.random() < 0.4 else ""
        disclosed = not by and chance.random() < 0.9
        texts.append({**seen(str(number), disclosed=disclosed), **({"hidden_by": by} if by else {})})
        hiding.append((disclosed, by))
    assert page.view(*texts, viewer=f"person {person}", page=place).status_code == 200
    truth = walk.truth[page.key, month_of(walk.clock())]
    truth.first.setdefault(person, hiding[0][0])
    truth.pages[place] += len(texts)
    truth.disclosed[place] += sum(disclosed for disclosed, _ in hiding)
    truth.hidden.update((place, by) for disclosed, by in hiding if not disclosed)
    truth.days[walk.clock().date().isoformat()] += len(texts)


def another_process(walk: Walk) -> None:
    viewers.forget()


def close(walk: Walk) -> None:
    with connection():
        months.close_months(at=walk.clock())


def wait(walk: Walk) -> None:
    walk.clock.move(days=walk.chance.choice([0.01, 1, 4]))


def join(walk: Walk) -> None:
    page, name = walk.chance.choice(walk.pages), walk.chance.choice(["", "The paper"])
    with connection():
        site = sites.find(page.key)
        policies.keep(site, replace(policies.of(site), application=name), moderator=None, at=walk.clock())
    walk.joined[page.key] = name
    walk.were.add((page.key, name, month_of(walk.clock())))


KINDS: dict[Callable[[Walk], object], int] = {view: 60, another_process: 6, close: 4, wait: 6, join: 3}


def check(walk: Walk) -> None:
    walk.were.update((key, name, month_of(walk.clock())) for key, name in walk.joined.items())
    for (key, month), truth in walk.truth.items():
        page = next(page for page in walk.pages if page.key == key)
        told = page.usage(f"{month // 100}-{month % 100:02}")
        every = sum(truth.pages.values())
        assert told["unique_viewers"] == len(truth.first)
        assert told["first_views"] == len(truth.first)
        assert told["first_views_disclosed_share"] == share(sum(truth.first.values()), len(truth.first))
        assert told["impressions"] == every
        assert told["disclosed_share"] == share(sum(truth.disclosed.values()), every)
        assert {day["day"]: day["impressions"] for day in told["days"]} == dict(truth.days)
        assert sum(day["new_viewers"] for day in told["days"]) == len(truth.first)
        assert {one["page"]: one["impressions"] for one in told["pages"]} == dict(truth.pages)
        shares = {one["page"]: one["disclosed_share"] for one in told["pages"]}
        assert shares == {place: share(truth.disclosed[place], number) for place, number in truth.pages.items()}
        hidden = Counter({(one["page"], by): n for one in told["pages"] for by, n in one["hidden_by"].items()})
        assert hidden == truth.hidden
    month = month_of(walk.clock())
    for name in {*walk.joined.values()} - {""}:
        members = [page for page in walk.pages if walk.joined.get(page.key) == name]
        were = [page for page in walk.pages if (page.key, name, month) in walk.were]
        alone = [{*walk.truth[page.key, month].first} for page in members]
        most = sum(len(walk.truth[page.key, month].first) for page in were)
        for page in members:
            together = page.usage(f"{month // 100}-{month % 100:02}")["application"]["unique_viewers"]
            assert len(set().union(*alone)) <= together <= most


def share(part: int, whole: int) -> float | None:
    return int(part / whole * 10_000 + 1e-9) / 10_000 if whole else None


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_counts_once_and_every_sum_tells_of_the_same_views(
    app: Flask, news: Page, shop: Page, clock: Clock, seed: int
) -> None:
    walk = Walk(random.Random(seed), clock, [news, shop])
    for number in range(STEPS):
        walk.step()
        if number % 5 == 4:
            try:
                check(walk)
            except AssertionError:
                print(walk.steps)
                raise
