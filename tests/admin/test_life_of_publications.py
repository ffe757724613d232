"""Whatever hosts, moderators and time do to held texts, in whatever order: nothing is posted that nobody has approved,
and every door tells the same.

Random walks through the doors: the API of the host, the desk, the housekeeping.
"""

import html
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.admin.test_publications import back, choose, sign_in
from tests.conftest import Clock, Desk, Page
from widget_server.rules.events import Event
from widget_server.rules.webhooks import Kind
from widget_server.settings import Settings
from widget_server.storage import connection, publications, sites, webhooks
from widget_server.storage.tables import WebhookDelivery

SEEDS, STEPS = (2, 4, 7), 60
"""Of the first 30 those that meet the most."""
SOURCES = [
    "Genoa counted its ships.",
    "Venice counted its ships.",
    "Ragusa *counted* its ships.",
    "Genoa  counted its ships.",
]
FORMATS = ["text", "markdown"]


@dataclass
class Walk:
    chance: random.Random
    clock: Clock
    news: Page
    desks: list[Desk]
    settings: Settings
    steps: list[str] = field(default_factory=list)
    days: int | None = None
    four_eyes: bool = False
    asked: set[tuple[str, str]] = field(default_factory=set)

    def desk(self) -> Desk:
        return self.chance.choice(self.desks)

    def publication(self) -> str | None:
        found = sorted(row["id"] for row in listed(self.news))
        return self.chance.choice(found) if found else None

    def step(self) -> None:
        kind = self.chance.choices([*KINDS], [*KINDS.values()])[0]
        kind(self)
        self.steps.append(kind.__name__)


def api(news: Page, path: str, **query: str) -> dict:
    answer = news.client.get(f"/api/v1/publications{path}", query_string=query, headers=news.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json


def listed(news: Page, **query: str) -> list[dict]:
    found, more = [], {}
    while True:
        answer = api(news, "", **query, **more)
        found += answer["publications"]
        if not answer["next"]:
            return found
        more = {"after": answer["next"]}


def ask_for(news: Page, source: str, form: str, **more: str) -> dict:
    body = {"text": source, "format": form, "audience": "public", **more}
    answer = news.client.post("/api/v1/publications", json=body, headers=news.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json


def ask(walk: Walk) -> None:
    source, form = walk.chance.choice(SOURCES), walk.chance.choice(FORMATS)
    author = walk.chance.choice([{}, {}, {"author": walk.desk().email}])
    ask_for(walk.news, source, form, **author)
    walk.asked.add((source, form))


def approve(walk: Walk) -> None:
    if number := walk.publication():
        walk.desk().review(number)


def reject(walk: Walk) -> None:
    if number := walk.publication():
        walk.desk().review(number, "rejected", "No.")


def amend(walk: Walk) -> None:
    if number := walk.publication():
        walk.desk().amend(number, walk.chance.choice(SOURCES))


def take_back(walk: Walk) -> None:
    if number := walk.publication():
        back(walk.desk(), number)


def wait(walk: Walk) -> None:
    walk.clock.move(days=walk.chance.choice([0.1, 3, 6]))
    for desk in walk.desks:
        sign_in(desk)


def keep_house(walk: Walk) -> None:
    with connection():
        publications.expire(at=walk.clock())


def set_policy(walk: Walk) -> None:
    walk.days, walk.four_eyes = walk.chance.choice([None, 10]), walk.chance.random() < 0.4
    choose(walk.news, walk.clock, review_days=walk.days, four_eyes=walk.four_eyes)


def withdraw(walk: Walk) -> None:
    desk = walk.desk()
    walk.news.report(walk.chance.choice(["Genoa counted its ships.", "Ragusa counted its ships."]))
    for case in desk.cases()[:1]:
        desk.decide(case, walk.chance.choice(["withdraw", "dismiss"]))


def undo(walk: Walk) -> None:
    desk = walk.desk()
    for case in desk.cases(state="decided")[:1]:
        desk.undo(case)


KINDS: dict[Callable[[Walk], object], int] = {
    ask: 12,
    approve: 12,
    reject: 3,
    amend: 8,
    take_back: 5,
    wait: 4,
    keep_house: 3,
    set_policy: 3,
    withdraw: 3,
    undo: 2,
}

LEAVES = {"submitted": "held", "expired": "held", "taken_back": "held", "approved": "approved", "rejected": "rejected"}


def check(walk: Walk) -> None:
    news = walk.news
    rows = {row["id"]: row for row in listed(news)}
    for state in ("held", "approved", "rejected"):
        assert {one["id"] for one in listed(news, state=state)} == {
            n for n, one in rows.items() if one["state"] == state
        }
    told = Counter[str]()
    for number, row in rows.items():
        one = api(news, f"/{number}")
        history = one["history"]
        assert row == {name: one[name] for name in row}
        assert one["may_post"] == (one["state"] == "approved" and not one["withdrawn"])
        moves = [step for step in history if step["what"] in LEAVES]
        assert LEAVES[moves[-1]["what"]] == one["state"]
        assert [step["what"] for step in moves[:1]] == ["submitted"]
        if one["state"] == "approved":
            assert history[-1]["what"] == "approved", "what is approved is not amended afterwards"
            assert history[-1]["text_sha256"] == (one["approved_sha256"] or history[-1]["text_sha256"])
            decided = datetime.fromisoformat(one["decided_at"])
            assert walk.days is None or decided + timedelta(days=walk.days) > walk.clock()
        for step in moves:
            kind = {"submitted": "held", "taken_back": "held", "expired": "expired"}.get(step["what"], "decided")
            told[f"publication.{kind}"] += 1
        page = walk.desks[0].get(f"/admin/publications/{number}")
        assert page.status_code == 200
    with connection():
        owed = Counter(row.event for row in WebhookDelivery.select() if row.event.startswith("publication."))
    assert owed == told
    for source, form in walk.asked:
        check_text(walk, source, form)


def check_text(walk: Walk, source: str, form: str) -> None:
    news = walk.news
    answer = ask_for(news, source, form)
    shown = news.render(source, format=form, audience="public").json
    assert (shown["state"] == "shown") == answer["may_post"], (shown, answer)
    if answer["publication"]:
        one = api(news, f"/{answer['publication']}")
        assert (answer["may_post"], answer["state"]) == (one["may_post"], one["state"]), (answer, one)
        assert answer.get("detail") == one.get("detail") or one["withdrawn"]
    post = answer.get("post")
    assert (post is not None) == answer["may_post"]
    if post:
        assert post["text_sha256"] == one["approved_sha256"]
        assert html.unescape(shown["html"]).count(post["text"].split()[0]) == 1
        texts = [
            {"text_sha256": post["text_sha256"], "content": content} for content in (post["content"], shown["content"])
        ]
        page = {"site": news.key, "texts": texts}
        seen = news.client.post("/api/v1/approvals", json=page, headers={"Origin": news.origin}).json
        assert len(seen["approved"]) == 2, seen


@pytest.mark.parametrize("seed", SEEDS)
def test_every_door_tells_the_same_of_held_texts(
    app: Flask, news: Page, desk: Desk, other_desk: Desk, clock: Clock, settings: Settings, seed: int
) -> None:
    chance = random.Random(seed)
    with connection():
        wanted = [Event.PUBLICATION_HELD, Event.PUBLICATION_DECIDED, Event.PUBLICATION_EXPIRED]
        site = sites.find(news.key)
        webhooks.add(
            "https://hooks.example/a", kind=Kind.STANDARD, site=site, wanted=wanted, note="", moderator=1, at=clock()
        )
    walk = Walk(chance, clock, news, [desk, other_desk], settings)
    for _ in range(STEPS):
        walk.step()
        try:
            check(walk)
        except AssertionError:
            print(walk.steps)
            raise
