"""The address that a reporter left: without a mail server, whoever decides may look it up, and the log keeps that."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page, signed_in
from widget_server.rules.access import Role, Standing
from widget_server.settings import Settings
from widget_server.storage import connection, sites
from widget_server.storage.tables import LogEntry

ADDRESS = "reader@news.example"
LOOK = r'action="(/admin/reports/\d+/addresses/\d+)"'


def auditor(app: Flask, clock: Clock, page: Page) -> Desk:
    with connection():
        site = sites.find(page.key)
    return signed_in(app, clock, "eve@news.example", Standing(on={site.id: Role.AUDITOR}))


def test_whoever_decides_looks_an_address_up_and_the_log_keeps_that_but_not_the_address(news: Page, desk: Desk) -> None:
    news.report(email=ADDRESS, good_faith=True)
    news.report(category="spam")
    case = desk.get("/admin/reports/1").text
    assert ADDRESS not in case
    (look,) = re.findall(LOOK, case)
    assert LogEntry.select().where(LogEntry.verb == "see address").count() == 0
    assert re.findall(LOOK, desk.get("/admin/reports/1/said/misinformation").text) == [look]
    answer = desk.post(look, "/admin/reports/1")
    assert answer.status_code == 200
    assert ADDRESS in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    entry = LogEntry.select().where(LogEntry.verb == "see address").get()
    assert (entry.subject, entry.moderator.email) == ("case 1", desk.email)
    assert "reader" not in str(entry.particulars)


def test_who_may_only_read_sees_that_there_is_an_address_and_not_which(
    news: Page, app: Flask, clock: Clock, desk: Desk
) -> None:
    news.report(email=ADDRESS)
    look = re.search(LOOK, desk.get("/admin/reports/1").text)[1]
    reading = auditor(app, clock, news)
    page = reading.get("/admin/reports/1").text
    assert "Left an address" in page
    assert not re.search(LOOK, page)
    assert reading.post(look, "/admin/reports/1").status_code == 403


def test_an_address_is_found_on_its_own_case_only_and_as_long_as_its_reporter_leaves_it_there(
    news: Page, desk: Desk
) -> None:
    receipt = news.report("one", email=ADDRESS).json["receipt"]
    news.report("quite another text")
    look = re.search(LOOK, desk.get("/admin/reports/1").text)[1]
    assert desk.post(look.replace("/1/", "/2/"), "/admin/reports/2").status_code == 404
    assert news.client.delete(f"/api/v1/reports/{receipt}/email").status_code == 204
    assert desk.post(look, "/admin/reports/1").status_code == 404
    assert not re.search(LOOK, desk.get("/admin/reports/1").text)
    assert LogEntry.select().where(LogEntry.verb == "see address").count() == 0


def test_without_a_mail_server_no_page_says_that_somebody_is_written_to(news: Page, desk: Desk) -> None:
    news.report(email=ADDRESS)
    preview = desk.decide(1, "dismiss", preview="1").text
    assert "1 reporter reads" in preview
    assert "by mail" not in preview
    assert "get a mail" not in desk.get("/admin/clocks").text
    assert 'name="email"' not in desk.get(f"/admin/sites/{news.key}/purpose").text
    mails = desk.get("/admin/deliveries").text
    assert "not asked for an address" not in mails
    assert "only if they say that the text is against the law" in mails


class TestWithMail:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, mail_url="smtp://127.0.0.1:9")

    def test_the_server_writes_to_reporters_and_nobody_sees_their_addresses(self, news: Page, desk: Desk) -> None:
        news.report(email=ADDRESS, good_faith=True)
        page = desk.get("/admin/reports/1").text
        assert "Left an address" in page
        assert not re.search(LOOK, page)
        assert desk.post("/admin/reports/1/addresses/1", "/admin/reports/1").status_code == 404
        assert "1 also by mail" in desk.decide(1, "dismiss", preview="1").text
        assert "get a mail" in desk.get("/admin/clocks").text
        assert "we ask there" in desk.get(f"/admin/sites/{news.key}/purpose").text
        assert "No mail server is set" not in desk.get("/admin/deliveries").text
