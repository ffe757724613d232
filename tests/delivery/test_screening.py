"""Held texts before a real screen on this machine that answers well, badly, slowly or not at all: a hint, no more."""

import json
import logging
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from flask import Flask

from tests.admin.test_publications import choose
from tests.conftest import Clock, Desk, Page
from tests.receivers import Behaviour, receiving, saying
from tests.screens import KEY, MODEL, ScreenServer, refusal, screening
from widget_server import serving
from widget_server.delivery.screening import screener
from widget_server.settings import Screen, Settings
from widget_server.storage import connection, screenings
from widget_server.storage.screenings import Looked
from widget_server.storage.tables import PublicationRow
from widget_server.storage.tables import Screening as Row

HERE = (ip_network("127.0.0.1/32"),)
KINDS = ("moderations", "guard")


@pytest.fixture
def screen() -> Iterator[ScreenServer]:
    with screening() as found:
        found.sees["hateful"] = {"scores": {"hate": 0.91}, "said": "\n\nunsafe\nS10"}
        found.sees["strange"] = {"scores": {"new/kind": 0.5}, "said": "unsafe\nS99"}
        yield found


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def screened(settings: Settings, screen: ScreenServer, kind: str) -> Settings:
    return replace(settings, screen=Screen(screen.url, kind, MODEL, KEY), private_targets=HERE)


@pytest.fixture
def house(app: object, screened: Settings, clock: Clock):
    """One round of the server's work beside the requests."""
    return lambda: serving.keep_house(screened, at=clock())["texts_screened"]


def publication(text: str) -> str:
    return PublicationRow.get(PublicationRow.text == text).id


def row(text: str) -> Row:
    return Row.get_by_id(publication(text))


def found(text: str) -> list[str] | None:
    kept = row(text).found
    return None if kept is None else [one["code"] for one in kept]


def test_each_held_text_is_looked_at_once(news: Page, screen: ScreenServer, house, kind: str) -> None:
    for text in ("a hateful text", "a friendly text", "a strange text"):
        news.render(text, audience="public")
    assert screen.asked == []
    assert house() == 3
    codes = {"moderations": ("hate", "new/kind"), "guard": ("S10", "S99")}[kind]
    assert [found(f"a {how} text") for how in ("hateful", "friendly", "strange")] == [[codes[0]], [], [codes[1]]]
    assert row("a hateful text").found[0]["score"] == {"moderations": 0.91, "guard": None}[kind]
    assert (row("a friendly text").model, row("a friendly text").screened_at is not None) == (MODEL, True)
    assert house() == 0
    news.render("a hateful text", audience="public")
    assert (house(), len(screen.asked)) == (0, 3)


def test_nothing_is_decided_by_it(news: Page, house) -> None:
    for text in ("a hateful text", "a friendly text"):
        assert news.render(text, audience="public").json["state"] == "held"
    house()
    assert [row.state for row in PublicationRow.select()] == ["held", "held"]
    for text in ("a hateful text", "a friendly text"):
        assert news.render(text, audience="public").json["state"] == "held"


def test_nothing_is_looked_at_that_is_not_held(news: Page, desk: Desk, screen: ScreenServer, house) -> None:
    news.render("for one person")
    news.render("for a few", audience="limited", audience_size=5)
    news.report("a reported text")
    news.render("an approved text", audience="public")
    number = publication("an approved text")
    desk.review(number)
    assert (house(), screen.asked, Row.select().count()) == (0, [], 0)


def test_a_text_that_a_clock_ahead_has_put_off_is_looked_at_as_soon_as_the_screen_is_back(
    news: Page, screened: Settings, clock: Clock, house
) -> None:
    news.render("a friendly text", audience="public")
    down = replace(screened, screen=replace(screened.screen, url="http://127.0.0.1:9"))
    serving.keep_house(down, at=clock() + timedelta(days=9))
    assert house() == 1


def test_a_person_who_is_faster_than_the_screen_spares_it_the_text(
    news: Page, desk: Desk, screened: Settings, clock: Clock, screen: ScreenServer, house
) -> None:
    news.render("a friendly text", audience="public")
    down = replace(screened, screen=replace(screened.screen, url="http://127.0.0.1:9"))
    serving.keep_house(down, at=clock())
    desk.review(publication("a friendly text"), "rejected", note="Not now.")
    clock.move(days=1)
    assert (house(), screen.asked) == (0, [])
    assert Row.select().count() == 0


def test_a_text_that_is_held_again_is_looked_at_if_a_person_was_faster_before(
    news: Page, desk: Desk, screened: Settings, clock: Clock, screen: ScreenServer, house
) -> None:
    news.render("a hateful text", audience="public")
    serving.keep_house(replace(screened, screen=replace(screened.screen, url="http://127.0.0.1:9")), at=clock())
    desk.review(publication("a hateful text"))
    choose(news, clock, review_days=1)
    assert (house(), screen.asked) == (0, [])
    clock.move(days=1)
    house()
    clock.move(minutes=5)
    assert house() == 1
    assert found("a hateful text")
    clock.move(days=1)
    assert house() == 0


def test_without_the_setting_no_text_leaves_the_server(
    news: Page, settings: Settings, clock: Clock, screen: ScreenServer
) -> None:
    news.render("a hateful text", audience="public")
    assert serving.keep_house(settings, at=clock())["texts_screened"] == 0
    assert (screen.asked, Row.select().count()) == ([], 0)


def test_rendering_never_waits_for_a_screen_that_hangs(news: Page, screened: Settings) -> None:
    with receiving(lambda line, _: line.recv(1)) as hung:
        hanging = replace(screened, screen=replace(screened.screen, url=hung.url.rstrip("/")))
        began = time.monotonic()
        assert news.render("a text", audience="public").status_code == 200
        assert time.monotonic() - began < 10  # it would be asked for twenty seconds
        look = screener(hanging.screen, private_allowed=HERE, seconds=0.3)
        assert look("a text").failure == "127.0.0.1 did not answer within 0.3 seconds."
        assert time.monotonic() - began < 10


def as_json(status: str, told: object) -> Behaviour:
    return saying(status, json.dumps(told).encode(), "Content-Type: application/json")


ELSEWHERE = "Location: http://169.254.169.254/latest"
FAILURES = {
    "wrong key": (as_json("401 Unauthorized", refusal(f"Incorrect key: {KEY}")), "look at WIDGET_SCREEN_KEY"),
    "forbidden": (as_json("403 Forbidden", refusal("No.")), "look at WIDGET_SCREEN_KEY"),
    "no such model": (as_json("404 Not Found", refusal("No model.")), "look at WIDGET_SCREEN_URL, _KIND and _MODEL"),
    "too many": (as_json("429 Too Many Requests", refusal("Slow down.")), "429 Too Many Requests"),
    "broken": (as_json("500 Internal Server Error", refusal("Oops.")), "It answered 500 Internal Server Error."),
    "no content": (saying("204 No Content"), "It answered 204 No Content."),
    "a code of its own": (saying("799 Odd"), "It answered 799."),
    "a page": (saying("200 OK", b"<html>safe</html>", "Content-Type: text/html"), "It did not answer with JSON."),
    "nothing": (saying("200 OK"), "It did not answer with JSON."),
    "no text": (saying("200 OK", b"\xff\xfe\x00"), "It did not answer with JSON."),
    "deep": (saying("200 OK", b"[" * 100_000), "It did not answer with JSON."),
    "a number without end": (saying("200 OK", b"9" * 100_000), "It did not answer with JSON."),
    "another shape": (as_json("200 OK", {"ok": True}), "and so is none that can be read"),
    "huge": (saying("200 OK", b'{"a":"' + b"x" * 300_000 + b'"}'), "more than 200,000 bytes"),
    "elsewhere": (saying("302 Found", b"", ELSEWHERE), "it leads elsewhere, which is not followed"),
    "elsewhere with the question": (saying("307 Temporary Redirect", b"", ELSEWHERE), "which is not followed"),
    "no HTTP": (lambda line, _: line.sendall(b"safe\r\n\r\n"), "did not give a whole HTTP answer"),
    "cut off": (lambda line, _: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "HTTP answer"),
}


@pytest.mark.parametrize("what", FAILURES)
def test_a_screen_that_fails_is_told_in_one_line_and_tried_again(
    news: Page, desk: Desk, screened: Settings, clock: Clock, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    behave, told = FAILURES[what]
    news.render("a hateful text", audience="public")
    with caplog.at_level(logging.DEBUG), receiving(behave) as failing:
        broken = replace(screened, screen=replace(screened.screen, url=failing.url.rstrip("/")))
        assert serving.keep_house(broken, at=clock())["texts_screened"] == 0
        assert serving.keep_house(broken, at=clock())["texts_screened"] == 0
        assert len(failing.requests) == 1
    kept = row("a hateful text")
    assert told in kept.failure
    assert (kept.found, kept.attempts, "\n" in kept.failure) == (None, 1, False)
    assert KEY not in kept.failure + caplog.text + desk.get("/admin/publications").text + repr(screened)
    assert PublicationRow.get().state == "held"
    clock.move(minutes=2)  # a round that took seconds has put it off for as many more
    assert serving.keep_house(screened, at=clock())["texts_screened"] == 1
    assert found("a hateful text") != []
    assert row("a hateful text").failure == ""


def test_a_screen_that_never_works_is_given_up(news: Page, screened: Settings, clock: Clock) -> None:
    news.render("a text", audience="public")
    down = replace(screened, screen=replace(screened.screen, url="http://127.0.0.1:9"))
    for _ in range(13):
        serving.keep_house(down, at=clock())
        clock.move(days=2)
    assert (row("a text").attempts, row("a text").due_at) == (12, None)


def test_after_a_failure_the_others_wait_for_the_next_round_and_come_first_then(
    news: Page, screened: Settings, clock: Clock, screen: ScreenServer
) -> None:
    news.render("first", audience="public")
    news.render("second", audience="public")
    with receiving(saying("500 Internal Server Error")) as failing:
        broken = replace(screened, screen=replace(screened.screen, url=failing.url.rstrip("/")))
        serving.keep_house(broken, at=clock())
        assert len(failing.requests) == 1
    clock.move(minutes=2)
    assert serving.keep_house(screened, at=clock())["texts_screened"] == 2
    assert screen.texts == ["second", "first"]


def test_what_is_asked_is_what_the_protocols_ask_for(news: Page, screen: ScreenServer, house, kind: str) -> None:
    news.render("a friendly “text”", audience="public")
    house()
    ((path, body),) = screen.asked
    if kind == "moderations":
        assert (path, body) == ("/v1/moderations", {"model": MODEL, "input": "a friendly “text”"})
    else:
        assert (path, body["messages"]) == (
            "/v1/chat/completions",
            [{"role": "user", "content": "a friendly “text”"}],
        )
        assert (body["model"], body["temperature"]) == (MODEL, 0)


def test_a_screen_in_a_network_that_is_not_allowed_is_not_asked(screen: ScreenServer, kind: str) -> None:
    look = screener(Screen(screen.url, kind, MODEL, KEY), private_allowed=(ip_network("10.0.0.0/8"),))
    assert "https only" in look("a text").failure
    secure = Screen(screen.url.replace("http:", "https:"), kind, MODEL, KEY)
    assert "WIDGET_PRIVATE_TARGETS" in screener(secure, private_allowed=())("a text").failure
    assert screen.asked == []


def test_a_wrong_key_is_named_but_not_shown(screen: ScreenServer, kind: str) -> None:
    look = screener(Screen(screen.url, kind, MODEL, "sk-another"), private_allowed=HERE)
    assert look("a text").failure == "It answered 401 Unauthorized: look at WIDGET_SCREEN_KEY."
    assert "sk-another" not in repr(Screen(screen.url, kind, MODEL, "sk-another"))


def test_the_longest_text_that_is_held_is_asked_about_whole(news: Page, screen: ScreenServer, house) -> None:
    news.render("x" * 50_000, audience="public")
    assert house() == 1
    assert screen.texts == ["x" * 50_000]


class TestAtTheDesk:
    """What people read."""

    @pytest.fixture
    def set_up(self, app: Flask, screened: Settings) -> None:
        """The pages know of the screen, too."""
        app.extensions["widget_server"] = replace(app.extensions["widget_server"], settings=screened)

    def lines(self, desk: Desk, path: str = "/admin/publications") -> list[str]:
        """What the page says of screens, in its order."""
        page = desk.get(path).text
        return [
            re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", one)).strip()
            for one in re.findall(r'<p class="screened">.*?</p>', page, flags=re.DOTALL)
        ]

    def test_a_hint_stands_beside_the_text_and_says_that_a_person_decides(
        self, news: Page, desk: Desk, house, kind: str
    ) -> None:
        news.render("a friendly text", audience="public")
        news.render("a hateful text", audience="public")
        house()
        clear, hateful = self.lines(desk)
        assert clear.startswith("A screen (screen-1) found nothing in this text.")
        code = {
            "moderations": "Hate against a group of people (“hate”, score 0.91).",
            "guard": "Hate against a group of people / Unfair to a group of people (“S10”).",
        }[kind]
        assert hateful.startswith(f"A screen (screen-1) found: {code}")
        for line in (clear, hateful):
            assert "This is a machine’s hint and decides nothing: a person does." in line

    def test_what_was_not_looked_at_yet_or_could_not_be_is_said_as_plainly(
        self, news: Page, desk: Desk, clock: Clock, screened: Settings, app: object
    ) -> None:
        app.extensions["widget_server"] = replace(app.extensions["widget_server"], settings=screened)
        news.render("a text", audience="public")
        assert "A screen (screen-1) has not looked at this text yet." in self.lines(desk)[0]
        down = replace(screened, screen=replace(screened.screen, url="http://127.0.0.1:9"))
        serving.keep_house(down, at=clock())
        (line,) = self.lines(desk)
        assert line.startswith("A screen (screen-1) could not look at this text: 127.0.0.1 cannot be reached")
        assert "It is tried again." in line

    def test_without_a_screen_nothing_is_said_of_one(self, news: Page, desk: Desk) -> None:
        news.render("a text", audience="public")
        assert self.lines(desk) == []

    def test_the_list_is_in_the_order_in_which_texts_came_whatever_a_screen_says(
        self, news: Page, desk: Desk, house
    ) -> None:
        texts = [f"a {how} text {number}" for number in range(3) for how in ("friendly", "hateful")]
        for text in texts:
            news.render(text, audience="public")
        house()
        page = desk.get("/admin/publications").text
        assert sorted(texts, key=page.index) == texts

    def test_a_text_that_is_reported_later_has_its_hint_on_its_case_too(
        self, news: Page, shop: Page, desk: Desk, house, set_up: None
    ) -> None:
        news.render("a hateful text", audience="public")
        house()
        news.report("a hateful text")
        shop.report("a hateful text")
        assert "found: Hate" in self.lines(desk, "/admin/reports/1")[0]
        assert self.lines(desk, "/admin/reports/2") == []

    @pytest.mark.parametrize("page", ["/admin/publications", "/admin/publications/{}"])
    def test_what_was_found_in_a_text_is_not_said_of_what_a_person_made_of_it(
        self, news: Page, desk: Desk, screen: ScreenServer, house, set_up: None, page: str
    ) -> None:
        news.render("a friendly text", audience="public")
        house()
        number = publication("a friendly text")
        desk.amend(number, "a hateful text")
        [line] = self.lines(desk, page.format(number))
        assert "has not looked at this text yet" in line
        assert house() == 1
        assert screen.texts == ["a friendly text", "a hateful text"]
        assert "found: Hate" in self.lines(desk, page.format(number))[0]
        desk.amend(number, "a friendly text")
        assert "has not looked at this text yet" in self.lines(desk, page.format(number))[0]
        assert house() == 1
        assert "found nothing" in self.lines(desk, page.format(number))[0]

    def test_it_is_not_said_on_a_case_of_the_text_that_was_sent_either(
        self, news: Page, desk: Desk, house, set_up: None
    ) -> None:
        news.render("a hateful text", audience="public")
        desk.amend(publication("a hateful text"), "a friendly text")
        house()
        news.report("a hateful text")
        assert self.lines(desk, "/admin/reports/1") == []

    def test_it_stays_beside_the_text_when_a_person_has_decided(self, news: Page, desk: Desk, house) -> None:
        news.render("a hateful text", audience="public")
        house()
        desk.review(publication("a hateful text"))
        assert "found: Hate" in self.lines(desk, "/admin/publications?show=approved")[0]


@pytest.mark.parametrize("begun_again", [False, True])
def test_a_look_at_a_text_that_is_amended_meanwhile_is_forgotten(
    news: Page, desk: Desk, screen: ScreenServer, screened: Settings, house, clock: Clock, begun_again: bool
) -> None:
    news.render("a friendly text", audience="public")
    number = publication("a friendly text")

    def amend() -> None:
        desk.amend(number, "a hateful text")
        if begun_again:
            down = replace(screened, screen=replace(screened.screen, url="http://127.0.0.1:9"))
            serving.keep_house(down, at=clock())

    def look(text: str) -> Looked:
        with ThreadPoolExecutor(1) as somebody:
            somebody.submit(amend).result()
        return Looked([])

    with connection():
        screenings.send(look, model=MODEL, at=clock())
    assert found("a friendly text") is None if begun_again else Row.select().count() == 0
    clock.move(days=1)
    assert house() == 1
    assert screen.texts == ["a hateful text"]


def test_what_a_person_made_of_a_text_is_asked_about_as_readers_will_see_it(
    news: Page, desk: Desk, screen: ScreenServer, house
) -> None:
    number = news.render("a **friendly** text", audience="public", format="markdown").json["publication"]
    desk.amend(number, "a **very** hateful text")
    assert house() == 1
    assert [text.strip() for text in screen.texts] == ["a very hateful text"]


def test_two_processes_have_each_text_looked_at_once(
    news: Page, screened: Settings, clock: Clock, screen: ScreenServer
) -> None:
    for number in range(8):
        news.render(f"text {number}", audience="public")
    moment = clock()

    def work(_: int) -> int:
        return serving.keep_house(screened, at=moment)["texts_screened"]

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 8
    assert sorted(screen.texts) == [f"text {number}" for number in range(8)]
