"""An ordinary rendering does not pass through Flask: nobody can tell from the answer."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from tests.api.test_prompts import LONG
from tests.conftest import TEXT, Desk, Page
from widget_server.settings import Settings

THROUGH_FLASK = "application/json; charset=utf-8"


def ask(news: Page, body: dict, kind: str, **headers: str) -> TestResponse:
    return news.client.post("/api/v1/render", json=body, headers={**news.bearer, "Content-Type": kind, **headers})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"model": "jamba-large", "provider": "AI21", "lang": "ar", "layout": "chat"},
        {"text": "# 1 < 2\n\n\ud83d\ude00 [x](https://x.example)", "format": "markdown"},
        {"text": {"choices": [{"message": {"content": "hello"}}], "model": "jamba-mini"}},
        {"audience": "limited", "audience_size": 7, "reviewed_by": "Ada", "purpose": "translation"},
        {"audience": "public"},
        {"purpose": "credit_scoring"},
        {"prompt_template": "Short."},
        {"prompt": "unknown"},
        {"text": ""},
        {"text": " \n\u2003"},
        {"text": "\x00"},
        {"text": None},
        {"model": "x" * 201},
        {"lang": "not a language"},
        {"layout": "none", "format": "none"},
        {"surprise": "field"},
        {"audience": "limited"},
        {"audience_size": True},
    ],
)
def test_both_ways_give_the_same_answer(news: Page, clock, said: dict) -> None:
    body, at = {"text": TEXT, **said}, clock.moment
    usual = ask(news, body, "application/json")
    clock.moment = at
    through = ask(news, body, THROUGH_FLASK)
    assert (usual.status_code, usual.json) == (through.status_code, through.json)
    assert headers_of(usual) == headers_of(through)


def headers_of(answer: TestResponse) -> dict[str, str]:
    """All but the length: one of the two ways writes letters beyond ASCII as they are."""
    return {name: value for name, value in answer.headers.items() if name != "Content-Length"}


@pytest.mark.parametrize(
    ("said", "past"),
    [
        ({}, True),
        ({"format": "markdown"}, False),
        ({"format": "html"}, False),
        ({"prompt_template": LONG}, False),
        ({"text": {"choices": [{"message": {"content": "Gr\u00fc\u00dfe"}}]}}, False),
    ],
)
def test_only_plain_text_is_rendered_where_others_wait(news: Page, clock, said: dict, past: bool) -> None:
    """The two ways differ in how they write letters beyond ASCII."""
    body, at = {"text": "Gr\u00fc\u00dfe", **said}, clock.moment
    usual = ask(news, body, "application/json")
    clock.moment = at
    assert usual.status_code == 200
    assert (usual.data != ask(news, body, THROUGH_FLASK).data) == past


def test_without_a_body_a_key_or_json_it_is_told_what_is_wrong(news: Page) -> None:
    statuses = [
        news.client.post("/api/v1/render", data=data, headers={"Content-Type": kind, **headers}).status_code
        for data, kind, headers in (
            (b"{", "application/json", news.bearer),
            (b"[]", "application/json", news.bearer),
            (b'{"text": "a", "text": "b"}', "application/json", news.bearer),
            (b'{"text": "a"}', "text/plain", news.bearer),
            (b'{"text": "a"}', "application/json", {}),
            (b'{"text": "a"}', "application/json", {"Authorization": f"Basic {news.secret}"}),
        )
    ]
    assert statuses == [400, 400, 400, 415, 401, 401]


def test_who_takes_only_html_gets_it(news: Page) -> None:
    assert ask(news, {"text": TEXT}, "application/json", Accept="text/html").mimetype == "text/html"


def test_a_text_that_is_withdrawn_is_so_in_the_next_rendering(news: Page, desk: Desk) -> None:
    assert news.render().json["state"] == "shown"
    news.report()
    desk.decide(desk.cases()[0], "withdraw")
    assert news.render().json["state"] == "withdrawn"


class TestTwoAMinute:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, limit_render="2/minute")

    def test_both_ways_are_counted_together(self, news: Page) -> None:
        kinds = ("application/json", THROUGH_FLASK, "application/json", THROUGH_FLASK)
        assert [ask(news, {"text": TEXT}, kind).status_code for kind in kinds] == [200, 200, 429, 429]
