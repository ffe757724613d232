"""A case's text beside what stands on its page now."""

import re
import socket
from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask import Flask

from tests.conftest import TEXT, Clock, Desk, Page, signed_in
from tests.receivers import Receiver, receiving, saying
from widget_server.rules.marking import text_sha256
from widget_server.settings import Settings
from widget_server.storage import connection, sites
from widget_server.storage.tables import LogEntry

HTML = "Content-Type: text/html; charset=utf-8"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, private_targets=(ip_network("127.0.0.1/32"),))


def shown(body: str, status: str = "200 OK") -> Receiver:
    return receiving(saying(status, body.encode(), HTML))


def report_from(page: Page, receiver: Receiver, **report: str) -> None:
    """A report that names a page of the receiver, which is the site's."""
    with connection():
        sites.set_origins(page.key, [receiver.url.rstrip("/")])
    page.origin = receiver.url.rstrip("/")
    page.report(**report)


def compared(desk: Desk, **form: str):
    return desk.post("/admin/reports/1/compare", "/admin/reports/1/compare", **form)


def test_the_page_is_fetched_and_the_differences_are_marked(news: Page, desk: Desk) -> None:
    now = TEXT.replace("Rome", "Paris")
    with shown(f"<h1>Towers</h1><machine-generated>{now}</machine-generated><p>{TEXT}</p>") as receiver:
        report_from(news, receiver)
        answer = compared(desk, page=f"{news.origin}/story")
        assert receiver.requests[0].startswith(b"GET /story HTTP/1.1")
        assert b"cookie" not in receiver.requests[0].lower()
    assert answer.status_code == 200
    assert re.findall("<(del|ins)>([^<]*)</", answer.text)[:2] == [("del", "Rome"), ("ins", "Paris")]
    assert "1 word differs" in answer.text
    told = LogEntry.select().where(LogEntry.verb == "fetch page", LogEntry.subject == "case 1").get()
    assert told.site == sites.find(news.key).id


def test_the_same_text_is_said_to_stand_there(news: Page, desk: Desk) -> None:
    with shown(f"<p>Before</p><div data-machine-generated>\n {TEXT}\n</div>") as receiver:
        report_from(news, receiver)
        assert "The same text stands there" in compared(desk, page=f"{news.origin}/story").text


def test_a_text_of_which_only_the_beginning_was_reported_is_known_by_its_fingerprint(news: Page, desk: Desk) -> None:
    whole = " ".join(f"In {year} the tower was painted again." for year in range(200))
    news.report(whole[:5_000], text_sha256=text_sha256(whole))
    assert "It begins with the same words" in compared(desk, pasted=f"Home {whole} Imprint").text
    assert (
        "words differ" in compared(desk, pasted=whole.replace("In 50 the", "In 50, in spring, the") + " Imprint").text
    )
    with shown(f"<div data-machine-generated>{whole}</div>") as receiver:
        report_from(news, receiver, text=whole[:5_000], text_sha256=text_sha256(whole))
        answer = compared(desk, page=f"{news.origin}/story")
    assert "The same text stands there" in answer.text
    assert "only its beginning" in answer.text
    assert "<del>" not in answer.text


def test_a_text_that_is_gone_is_said_to_be(news: Page, desk: Desk) -> None:
    with shown("<p>Nothing of the kind.</p>") as receiver:
        report_from(news, receiver)
        assert "The text does not stand there" in compared(desk, page=f"{news.origin}/story").text


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh"])
def test_a_page_that_does_not_come_is_told_with_the_way_out(news: Page, desk: Desk, status: str) -> None:
    with shown("gone", status) as receiver:
        report_from(news, receiver)
        answer = compared(desk, page=f"{news.origin}/story")
    assert answer.status_code == 502
    assert f"The page answers {status[:3]}." in answer.text
    assert "paste its words" in answer.text


def test_a_redirect_into_a_private_network_is_not_followed(news: Page, desk: Desk) -> None:
    with receiving(saying("302 Found", b"", "Location: http://10.0.0.1/secret")) as receiver:
        report_from(news, receiver)
        answer = compared(desk, page=f"{news.origin}/story")
    assert answer.status_code == 502
    assert "10.0.0.1" in answer.text


@pytest.mark.parametrize("page", ["", "http://127.0.0.1:1/", "file:///etc/passwd", "https://news.example/other"])
def test_only_pages_that_reporters_named_are_fetched(news: Page, desk: Desk, page: str) -> None:
    news.report()
    answer = compared(desk, page=page)
    assert answer.status_code == 422
    assert "Choose one of the pages" in answer.text


def test_a_page_of_another_site_is_not_offered(news: Page, desk: Desk) -> None:
    news.report(page="https://elsewhere.example/story")
    assert "No reporter named a page of News" in desk.get("/admin/reports/1/compare").text


def test_pasted_words_are_compared_too(news: Page, desk: Desk) -> None:
    news.report()
    answer = compared(desk, pasted=f"Home\n{TEXT.replace('six', 'seven')}\nImprint")
    assert re.findall("<(del|ins)>([^<]*)</", answer.text)[:2] == [("del", "six"), ("ins", "seven")]
    assert "<script>" not in compared(desk, pasted=f"<script>alert(1)</script> {TEXT}").text


def test_more_than_a_page_is_not_taken_and_nothing_is_lost(news: Page, desk: Desk) -> None:
    news.report()
    answer = compared(desk, pasted="word " * 40_001)
    assert answer.status_code == 422
    assert "200,000 characters at most" in answer.text
    assert "word word" in answer.text


def test_without_a_text_there_is_nothing_to_compare(news: Page, desk: Desk) -> None:
    assert desk.get("/admin/reports/7/compare").status_code == 404


def test_few_wait_for_pages_at_a_time_and_nobody_for_two(app: Flask, clock: Clock, news: Page, desk: Desk) -> None:
    second_tab = Desk(app.test_client(), desk.email)
    second_tab.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")
    others = {name: signed_in(app, clock, f"{name}@news.example") for name in ("bob", "eve", "kim", "sam")}
    waiting, answers = {"ada": second_tab, **others}, {}

    def ask_while_this_is_waited_for(line: socket.socket, asked: bytes) -> None:
        while waiting:
            name, one = next(iter(waiting.items()))
            del waiting[name]
            answers[name] = compared(one, page=f"{news.origin}/story")
        saying("200 OK", TEXT.encode(), HTML)(line, asked)

    with receiving(ask_while_this_is_waited_for) as receiver:
        report_from(news, receiver)
        assert compared(desk, page=f"{news.origin}/story").status_code == 200
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "ada": 502,
        "sam": 502,
        "bob": 200,
        "eve": 200,
        "kim": 200,
    }
    assert "Try again in a moment. Open it yourself and paste its words." in answers["sam"].text
