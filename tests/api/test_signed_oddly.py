"""Whoever holds a site's secret key signs what they like: what no rendering says is refused, and nothing is kept."""

import hashlib
import json
import uuid
import zlib

import pytest
from itsdangerous import Signer
from itsdangerous.encoding import base64_encode

from tests.conftest import ORIGIN, TEXT, Clock, Page, seen
from widget_server.rendering import tokens
from widget_server.rules.marking import text_sha256
from widget_server.storage.tables import Case, Report

DIGEST = text_sha256(TEXT)
NOON = int(Clock()().timestamp())
AS_SIGNED = {"h": DIGEST, "t": NOON}
ODD = {
    "a list": [],
    "a number": 7,
    "no digest": {"t": NOON},
    "a digest that is a number": {**AS_SIGNED, "h": 5},
    "no digest of ours": {**AS_SIGNED, "h": "zz" * 32},
    "no moment": {"h": DIGEST},
    "a moment in words": {**AS_SIGNED, "t": "noon"},
    "a moment beyond the calendar": {**AS_SIGNED, "t": 10**20},
    "a moment before it": {**AS_SIGNED, "t": -(10**14)},
    "a moment to come": {**AS_SIGNED, "t": NOON + 90_000},
    "a list of models": {**AS_SIGNED, "m": [["x"]]},
    "NUL in a model": {**AS_SIGNED, "m": "a\x00"},
    "half a surrogate pair": {**AS_SIGNED, "p": "\ud800"},
    "NUL in a publication": {**AS_SIGNED, "u": "\x00"},
    "no review of ours": {**AS_SIGNED, "r": "x" * 3000},
    "a prompt of any length": {**AS_SIGNED, "q": "<b>" * 900},
}


def signed(page: Page, said: object) -> str:
    return of_bytes(page, base64_encode(json.dumps(said)))


def of_bytes(page: Page, payload: bytes) -> str:
    """As the first version signed, and any host can."""
    return Signer(page.secret, tokens.SALT, digest_method=hashlib.sha256).sign(payload).decode()


def packed(said: object, *, followed_by: bytes = b"") -> bytes:
    return b"." + base64_encode(zlib.compress(json.dumps(said).encode() + followed_by, 9))


def approved(page: Page, token: str) -> list:
    body = {"site": page.key, "texts": [{"text_sha256": DIGEST, "content": token}]}
    answer = page.client.post("/api/v1/approvals", json=body, headers={"Origin": ORIGIN})
    assert answer.status_code == 200, answer.text
    return answer.json["approved"]


def refused_by_every_door(news: Page, token: str) -> None:
    form = {"site": news.key, "id": str(uuid.uuid4()), "category": "spam", "page": f"{ORIGIN}/x", "content": token}
    assert news.view({**seen(TEXT), "content": token}).status_code == 422
    assert news.report(content=token).status_code == 422
    assert news.client.post("/report", data=form).status_code == 422
    assert approved(news, token) == []
    assert Report.select().count() == Case.select().count() == 0


@pytest.mark.parametrize("said", ODD.values(), ids=list(ODD))
def test_what_no_rendering_says_is_refused_by_every_door(news: Page, said: object) -> None:
    refused_by_every_door(news, signed(news, said))


def test_a_short_token_that_stands_for_millions_of_bytes_is_refused_by_every_door(news: Page) -> None:
    token = of_bytes(news, packed(AS_SIGNED, followed_by=b" " * 5_000_000))
    assert len(token) < tokens.LONGEST
    refused_by_every_door(news, token)
    assert news.report(content=of_bytes(news, packed(AS_SIGNED, followed_by=b" " * 5_000))).status_code == 201


@pytest.mark.parametrize(("characters", "status"), [(8000, 200), (8001, 422)])
def test_a_token_has_8000_characters_at_most(news: Page, characters: int, status: int) -> None:
    body = {"site": news.key, "texts": [{"text_sha256": DIGEST, "content": "x" * characters}]}
    assert news.client.post("/api/v1/approvals", json=body, headers={"Origin": ORIGIN}).status_code == status


def test_what_is_signed_but_cannot_be_read_is_refused(news: Page) -> None:
    for payload in (
        b"eA",
        b".eA",
        b"!",
        b"." + packed({}),
        packed(AS_SIGNED)[:-9],
        base64_encode("[" * 5000),
        base64_encode(b"\xff"),
    ):
        assert news.report(content=of_bytes(news, payload)).status_code == 422


def test_a_host_whose_clock_is_fast_is_believed_for_a_day(news: Page) -> None:
    assert news.report(content=signed(news, {**AS_SIGNED, "t": NOON + 86_400})).status_code == 201


def test_a_vouched_review_runs_out_whatever_moment_was_signed(news: Page, clock: Clock) -> None:
    token = signed(news, {**AS_SIGNED, "t": NOON + 10**9, "r": "human", "b": "Ada"})
    assert approved(news, token) == []
    clock.move(days=2_000)
    assert approved(news, token) == []


def test_what_render_signs_is_taken_by_every_door(news: Page, clock: Clock) -> None:
    long = "a model of our own " * 10
    token = news.render(model=long, provider="ours", reviewed_by="Ada").json["content"]
    clock.move(hours=-1)
    assert news.view({**seen(TEXT), "content": token}).status_code == 200
    assert news.report(content=token).status_code == 201
    assert len(approved(news, token)) == 1
