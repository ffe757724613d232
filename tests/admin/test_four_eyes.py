"""With four eyes nobody approves what they amended or asked for: at no moment, and under no spelling of their name."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import count

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.admin.test_publications import choose, held, told
from tests.conftest import TEXT, Clock, Desk, Page, signed_in
from widget_server.rules.publishing import CHECKS
from widget_server.storage import connection, people
from widget_server.storage.tables import LogEntry

OWN = "Words that nobody else has read."


@dataclass
class Interrupted(Clock):
    """Time in which something else happens: at some later look at the clock."""

    meanwhile: Callable[[], object] | None = None
    looks: int = 0

    def __call__(self) -> datetime:
        if self.meanwhile and self.looks == 0:
            work, self.meanwhile = self.meanwhile, None
            with ThreadPoolExecutor() as elsewhere:
                elsewhere.submit(work).result()
        self.looks -= 1
        return super().__call__()


@pytest.fixture
def clock() -> Interrupted:
    return Interrupted()


def approving(desk: Desk) -> Callable[[str, str], TestResponse]:
    """To approve a publication unseen, as the text that it may become."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', desk.get("/admin/publications").text)[1]
    form = {"csrf_token": token, "verdict": "approved", "checks": [*CHECKS]}

    def approve(number: str, text: str) -> TestResponse:
        return desk.client.post(
            f"/admin/publications/{number}",
            data={**form, "seen": sha256(text.encode()).hexdigest()},
            base_url="https://widget.example",
            headers={"Referer": "https://widget.example/"},
        )

    return approve


@pytest.mark.parametrize("by", ["amending", "asking"])
def test_nobody_approves_what_becomes_their_own_at_whatever_moment(
    news: Page, desk: Desk, clock: Interrupted, by: str
) -> None:
    choose(news, clock, four_eyes=True)
    approve = approving(desk)
    for looks in count():
        text = f"{TEXT} {looks}"
        number = held(news, text)
        becomes, clock.meanwhile = {
            "amending": (OWN, partial(desk.amend, number, OWN)),
            "asking": (text, partial(held, news, text, author=desk.email)),
        }[by]
        clock.looks = looks
        approve(number, becomes)
        if clock.meanwhile:
            break
        assert told(news, number)["state"] == "held"
    assert looks > 1


NAMES = [
    "Lovelace, Ada <ada@news.example>",
    "Ada @ News <ada@news.example>",
    "Ada [bot] <ada@news.example>",
    "Ada; Lovelace <ada@news.example>",
    "Ada <3 <ada@news.example>",
    "ada@news.example (Ada)",
    "Bob <bob@news.example>, Ada <ada@news.example>",
    "Ａｄａ　＜ａｄａ＠ｎｅｗｓ．ｅｘａｍｐｌｅ＞",
]
GUEST = "ada_contoso.com#ext#@desk.example"


@pytest.mark.parametrize("author", NAMES)
def test_an_author_is_known_by_their_address_wherever_it_stands_in_their_name(
    news: Page, desk: Desk, clock: Clock, author: str
) -> None:
    choose(news, clock, four_eyes=True)
    number = held(news, author=author)
    assert "You asked for this text" in desk.review(number).text
    assert told(news, number)["state"] == "held"
    own = {"audience": "public", "author": author, "reviewed_by": "ada@news.example"}
    assert news.render(OWN, **own).status_code == 422


@pytest.mark.parametrize("author", NAMES)
def test_among_very_many_authors_somebody_of_the_desk_is_kept_whatever_else_is_in_their_name(
    news: Page, desk: Desk, clock: Clock, author: str
) -> None:
    for number in range(20):
        held(news, author=f"reader {number}")
    assert told(news, held(news, author=author))["authors"][20:] == [author]


def test_of_very_many_authors_each_of_the_desk_is_kept_once_however_they_are_written(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    for number in range(20):
        held(news, author=f"reader {number}")
    both = f"{desk.email}, {other_desk.email}"
    for author in (desk.email, f"Ada <{desk.email}>", both, f"{both} again", other_desk.email):
        number = held(news, author=author)
    assert told(news, number)["authors"][20:] == [desk.email, both]


@pytest.mark.parametrize("author", [GUEST, f"Ada <{GUEST}>", f"Ada ({GUEST})", f"{GUEST}, bot", f"bot for {GUEST}."])
def test_so_is_who_has_an_address_with_odd_signs(news: Page, app: Flask, clock: Clock, author: str) -> None:
    choose(news, clock, four_eyes=True)
    guest, number = signed_in(app, clock, GUEST), held(news, author=author)
    assert "You asked for this text" in guest.review(number).text
    own = {"audience": "public", "author": author, "reviewed_by": f"The desk: {GUEST}"}
    assert news.render(OWN, **own).status_code == 422
    for reader in range(20):
        held(news, OWN, author=f"reader {reader}")
    assert told(news, held(news, OWN, author=f"Ada [{GUEST}]"))["authors"][20:] == [f"Ada [{GUEST}]"]


def ask(news: Page, **body: str) -> dict:
    return news.client.post("/api/v1/publications", json={"text": TEXT, **body}, headers=news.bearer).json


@pytest.mark.parametrize("author", NAMES)
def test_who_is_named_as_author_after_their_approval_has_not_approved_it(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock, author: str
) -> None:
    choose(news, clock, four_eyes=True)
    number = held(news)
    desk.review(number)
    assert ask(news, author=other_desk.email)["may_post"]
    assert not ask(news, author=author)["may_post"]
    assert told(news, number)["history"][-1] == {
        **told(news, number)["history"][-1],
        "what": "taken_back",
        "by": None,
        "note": "Whoever approved it has been named as its author since (guideline 2.i, four eyes).",
    }
    assert LogEntry.select().where(LogEntry.verb == "publication taken back").get().moderator_id is None
    assert "You asked for this text" in desk.review(number).text
    assert "You asked for this text" in other_desk.review(number).text


def test_without_four_eyes_an_author_may_have_approved_it(news: Page, desk: Desk, clock: Clock) -> None:
    desk.review(held(news))
    assert ask(news, author=desk.email)["may_post"]


def test_who_is_named_after_very_many_authors_and_was_removed_has_not_approved_it(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    choose(news, clock, four_eyes=True)
    for number in range(20):
        held(news, author=f"reader {number}")
    desk.review(held(news))
    with connection():
        people.remove(people.find(desk.email), by=2, at=clock())
    assert not ask(news, author=desk.email)["may_post"]


@pytest.mark.parametrize("author", ["Ada", "bada@news.example", "Ada <ada@news.example.org>", "Ada @ News"])
def test_who_has_another_address_is_somebody_else(news: Page, desk: Desk, clock: Clock, author: str) -> None:
    choose(news, clock, four_eyes=True)
    assert desk.review(held(news, author=author)).status_code == 302
