"""What another website can have the browser of somebody do who is signed in at the desk: look, and nothing more."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from tests.conftest import TEXT, Desk, Page
from widget_server.settings import Provider, Settings
from widget_server.storage.tables import LogEntry

HTTPS = "https://widget.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, provider=Provider("https://127.0.0.1:9", "us", "a secret", "Somewhere else"))


def led(desk: Desk, path: str, came: str) -> TestResponse:
    """Somebody comes to a page of the desk: what browsers tell of where they were."""
    return desk.client.get(path, base_url=HTTPS, headers={"Sec-Fetch-Site": came, "Sec-Fetch-Mode": "navigate"})


def logged(verb: str) -> int:
    return LogEntry.select().where(LogEntry.verb == verb).count()


@pytest.mark.parametrize(("came", "taken"), [("cross-site", 0), ("same-site", 0), ("same-origin", 1), ("none", 1)])
def test_files_are_taken_by_the_desks_own_pages_only(news: Page, desk: Desk, came: str, taken: int) -> None:
    for path, verb in (
        ("/admin/exports/reports.jsonl?since=2026-01-01", "export"),
        ("/admin/figures.csv?days=7", "export"),
        (f"/admin/compliance/{news.key}.html", "export report"),
    ):
        before = logged(verb)
        answer = led(desk, path, came)
        assert (answer.status_code, "Content-Disposition" in answer.headers) == ((200, True) if taken else (403, False))
        assert logged(verb) - before == taken


def test_who_takes_figures_or_a_file_by_the_secret_key_stands_in_the_sites_log(news: Page, desk: Desk) -> None:
    desk.get("/admin/figures.csv?days=7")
    for file in ("decisions.csv", "decisions.jsonl", "evaluation.jsonl"):
        assert news.client.get(f"/api/v1/{file}?since=2026-01-01", headers=news.bearer).status_code == 200
    found = [
        (entry.verb, entry.subject, entry.site, entry.particulars)
        for entry in LogEntry.select().where(LogEntry.verb.startswith("export")).order_by(LogEntry.id)
    ]
    asked = {"of_site": news.key, "since": "2026-01-01"}
    assert found == [
        ("export", "figures.csv", 1, {"of_site": news.key, "days": 7}),
        *[("export by key", f, 1, asked) for f in ("decisions.csv", "decisions.jsonl", "evaluation.jsonl")],
    ]
    assert "the site’s programs" in desk.get("/admin/log").text


def test_who_asks_for_the_head_of_a_file_or_a_case_takes_and_sees_nothing(news: Page, desk: Desk) -> None:
    receipt = news.report(TEXT).json["receipt"]
    before = LogEntry.select().count()
    for path in (
        "/admin/exports/cases.jsonl",
        "/admin/figures.csv",
        f"/admin/compliance/{news.key}.html",
        "/admin/reports/1",
    ):
        assert desk.client.head(path, base_url=HTTPS).status_code == 200
    for file in ("decisions.csv", "evaluation.jsonl"):
        assert news.client.head(f"/api/v1/{file}", headers=news.bearer).status_code == 200
    assert (LogEntry.select().count(), news.status(receipt)["state"]) == (before, "received")


def test_a_file_that_another_website_asks_for_is_not_taken_after_a_sign_in_either(desk: Desk) -> None:
    desk.client.delete_cookie("__Host-desk", domain="widget.example")
    assert led(desk, "/admin/exports/reports.jsonl", "cross-site").status_code == 403


def test_a_sign_in_elsewhere_is_begun_by_a_button_of_ours_only(desk: Desk) -> None:
    assert "asked for by another website" in led(desk, "/admin/login/elsewhere", "cross-site").text
    assert desk.get("/admin/account").status_code == 200


def test_a_link_elsewhere_opens_a_case_which_counts_as_seen_once_it_is_opened_at_the_desk(
    news: Page, desk: Desk
) -> None:
    receipt = news.report(TEXT).json["receipt"]
    assert TEXT in led(desk, "/admin/reports/1", "cross-site").text
    assert (logged("view case"), news.status(receipt)["state"]) == (0, "received")
    led(desk, "/admin/reports/1", "same-origin")
    assert (logged("view case"), news.status(receipt)["state"]) == (1, "in_review")
