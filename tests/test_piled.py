"""Marks that are piled up: no text escapes its readers' reports by them, and what a person fills in holds none."""

import re
import uuid

import pytest

from tests.conftest import Desk, Page, seen
from widget_server import host
from widget_server.rules import accounts
from widget_server.rules.marking import text_sha256
from widget_server.rules.stream_safe import MOST, REMEDY
from widget_server.storage.tables import Case

PILED = "a" + "\u0345\u0334" * MOST
ENTITIES = "a" + "&#x345;&#x334;" * MOST


MANY = "Evil words e" + "\u0345\u0334" * 4_500 + " with many marks."


@pytest.mark.parametrize("field", [{"comment": PILED}, {"email": PILED}, {"lang": PILED}])
def test_in_what_goes_with_a_report_they_are_refused(news: Page, field: dict) -> None:
    answer = news.report(**field)
    assert (answer.status_code, answer.json["errors"]) == (422, {name: [REMEDY] for name in field})


def test_no_page_has_them_in_its_address(news: Page) -> None:
    assert list(news.report(page=f"https://news.example/{PILED}").json["errors"]) == ["page"]


def test_a_text_full_of_them_is_reported_and_withdrawn_where_it_stands(news: Page, desk: Desk) -> None:
    assert news.report(MANY).status_code == 201
    assert news.report(MANY, quote={"exact": MANY[:900], "suffix": MANY[900:960]}).status_code == 201
    assert [(case.text, case.text_sha256) for case in Case.select()] == [(MANY, text_sha256(MANY))]
    desk.decide(1, "withdraw")
    assert news.view(seen(MANY)).json["withdrawn"] == [text_sha256(MANY)]
    assert news.render(MANY).json["state"] == "withdrawn"


def test_the_form_without_a_script_takes_it_too(news: Page) -> None:
    form = {"site": news.key, "id": str(uuid.uuid4()), "category": "hate", "page": f"{news.origin}/story", "text": MANY}
    assert news.client.post("/report", data=form).status_code == 303
    assert Case.get().text_sha256 == text_sha256(MANY)


def test_the_desk_shows_as_many_of_them_as_can_be_read(news: Page, desk: Desk) -> None:
    news.report(MANY, quote={"exact": MANY[:900]})
    waiting = news.render(MANY, audience="public").json["publication"]
    for path in ("reports", "reports/1", "publications", f"publications/{waiting}"):
        opened = desk.get(f"/admin/{path}").text
        assert "Evil words" in opened
        assert max(map(len, re.findall("[\u0345\u0334]+", opened))) == MOST
    assert "<mark>Evil words e" in desk.get("/admin/reports/1").text
    desk.review(waiting)
    assert news.render(MANY, audience="public").json["state"] == "shown"


def test_a_text_full_of_them_is_searched_for_by_its_words(news: Page, desk: Desk) -> None:
    news.report(MANY)
    news.report("Another text altogether.")
    assert desk.cases(search="evil marks") == [1]


def test_a_text_full_of_them_is_found_on_its_page(news: Page, desk: Desk) -> None:
    news.report(MANY)
    answer = desk.post("/admin/reports/1/compare", "/admin/reports/1/compare", pasted=MANY)
    assert (answer.status_code, "The same text stands there" in answer.text) == (200, True)
    assert answer.text.split('class="evidence')[1].split("</div>")[0].count("\u0334") == MOST // 2
    other = desk.post("/admin/reports/1/compare", "/admin/reports/1/compare", pasted=MANY.replace("Evil", "Good"))
    assert re.findall("<(del|ins)>([^<]*)</", other.text)[:2] == [("del", "Evil"), ("ins", "Good")]


def test_of_a_long_text_full_of_them_the_whole_is_pasted_at_the_desk(news: Page, desk: Desk) -> None:
    whole = MANY * 3
    news.report(whole[:9_000], text_sha256=text_sha256(whole))
    answer = desk.post("/admin/reports/1/compare", "/admin/reports/1/compare", pasted=whole)
    assert "The same text stands there" in answer.text
    assert Case.get().text == whole


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (PILED, {}),
        ({"choices": [{"message": {"content": PILED}}]}, {}),
        ([{"choices": [{"delta": {"content": mark}}]} for mark in PILED], {}),
        (ENTITIES, {"format": "html"}),
        (ENTITIES, {"format": "markdown"}),
        ("a" + "<b>\u0345</b>" * 2 * MOST, {"format": "html"}),
    ],
)
def test_a_text_full_of_them_is_labelled(news: Page, text: object, more: dict) -> None:
    answer = news.render(text, **more)
    assert answer.status_code == 200
    assert answer.json["text_sha256"] in {text_sha256(PILED), text_sha256("a" + "\u0345" * 2 * MOST)}


def test_a_purpose_has_none(news: Page) -> None:
    assert news.render("A text.", purpose=PILED[:100] + PILED[-100:] * 3).json["errors"] == {"purpose": [REMEDY]}


@pytest.mark.parametrize("format", ["text", "html"])
def test_an_application_renders_such_a_text_itself(format: str) -> None:
    text = PILED if format == "text" else ENTITIES
    assert PILED in host.render(text, format=format, secret="wsk_a_b", host="https://widget.example")


@pytest.mark.parametrize("path", ["/admin/login", "/report", "/r/x/appeal"])
def test_in_a_form_of_somebody_unknown(news: Page, path: str) -> None:
    answer = news.client.post(path, data={"site": news.key, "email": PILED, "comment": PILED})
    assert answer.status_code == 422
    assert "is not accepted" in answer.text
    assert news.client.get("/report", query_string={"site": PILED}).status_code == 422


def test_in_what_is_amended_at_the_desk(news: Page, desk: Desk) -> None:
    waiting = news.render(audience="public").json["publication"]
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
