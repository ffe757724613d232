"""Marks that are piled up are refused at every door, before anything sorts them."""

import json

import pytest

from tests.conftest import TEXT, Desk, Page, seen
from widget_server import host
from widget_server.rules import accounts
from widget_server.rules.stream_safe import MOST, REMEDY, TooManyMarks
from widget_server.storage.tables import Report

PILED = "a" + "\u0345" * MOST + "\u0334" * MOST
ENTITIES = "a" + "&#x345;&#x334;" * MOST


@pytest.mark.parametrize(
    "field", [{"text": PILED}, {"comment": PILED}, {"email": PILED}, {"page": f"https://{PILED}/"}, {"lang": PILED}]
)
def test_in_a_report(news: Page, field: dict) -> None:
    answer = news.report(**field)
    assert (answer.status_code, answer.json["errors"]) == (422, {name: [REMEDY] for name in field})


def test_in_what_a_reader_selected(news: Page) -> None:
    assert news.report(quote={"exact": "A", "prefix": PILED}).json["errors"] == {"quote.prefix": [REMEDY]}
    assert Report.select().count() == 0


def test_in_a_view(news: Page) -> None:
    answer = news.view(seen(TEXT), page=f"https://{PILED}/")
    assert (answer.status_code, answer.json["errors"]) == (422, {"page": [REMEDY]})


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (PILED, {}),
        ({"choices": [{"message": {"content": PILED}}]}, {}),
        ([{"choices": [{"delta": {"content": mark}}]} for mark in PILED], {}),
        (ENTITIES, {"format": "html"}),
        (ENTITIES, {"format": "markdown"}),
        ("a" + "<b>\u0345</b>" * 2 * MOST, {"format": "html"}),
        ("A text.", {"purpose": PILED[:100] + PILED[-100:] * 3}),
    ],
)
def test_in_a_text_to_render(news: Page, text: object, more: dict) -> None:
    answer = news.render(text, **more)
    assert (answer.status_code, "combining marks" in json.dumps(answer.json)) == (422, True)


@pytest.mark.parametrize("format", ["text", "html"])
def test_in_a_text_that_an_application_renders_itself(format: str) -> None:
    with pytest.raises(TooManyMarks, match="take them out"):
        host.render(
            PILED if format == "text" else ENTITIES, format=format, secret="wsk_a_b", host="https://widget.example"
        )


@pytest.mark.parametrize("path", ["/admin/login", "/report", "/r/x/appeal"])
def test_in_a_form_of_somebody_unknown(news: Page, path: str) -> None:
    answer = news.client.post(path, data={"site": news.key, "email": PILED, "text": PILED, "comment": PILED})
    assert answer.status_code == 422
    assert "is not accepted" in answer.text
    assert news.client.get("/report", query_string={"site": PILED}).status_code == 422


def test_in_what_is_pasted_or_amended_at_the_desk(news: Page, desk: Desk) -> None:
    news.report()
    waiting = news.render(audience="public").json["publication"]
    assert desk.post("/admin/reports/1/compare", "/admin/reports/1/compare", pasted=PILED).status_code == 422
    assert desk.amend(waiting, PILED).status_code == 422


def test_an_address_is_cut_before_it_is_compared() -> None:
    assert len(accounts.account(PILED * 100)) <= accounts.LONGEST_ADDRESS + 1


def test_an_address_of_a_page_is_measured_before_it_is_taken_apart(news: Page) -> None:
    start = "https://news.example/"
    assert news.report(page=start + "a" * (2000 - len(start))).status_code == 201
    assert "2000 bytes" in str(news.report(page=start + "a" * (2001 - len(start))).json["errors"]["page"])


@pytest.mark.parametrize("referrer", ["http://[", "https://news.example/story", "javascript:alert(1)"])
def test_only_a_page_is_taken_for_the_page(news: Page, referrer: str) -> None:
    answer = news.client.get("/report", query_string={"site": news.key}, headers={"Referer": referrer})
    assert (answer.status_code, "javascript:alert" in answer.text) == (200, False)
