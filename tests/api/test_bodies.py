"""What no request body may be, on every address that takes one."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from tests.conftest import TEXT, Page, seen
from widget_server.routes.bodies import MOST_FIELDS
from widget_server.storage.tables import Report

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
POSTS = ["/api/v1/views", "/api/v1/reports", "/api/v1/render", "/api/v1/prompts/check"]


def post(news: Page, path: str, body: bytes, content_type: str = "application/json", **headers: str):
    return news.client.post(
        path, data=body, content_type=content_type, headers={"Origin": news.origin, **news.bearer, **headers}
    )


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"1", 400),
        (b"true", 400),
        (b"{}x", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"a": "\xff\xfe"}', 400),
        (b'{"a": "\xc0\xaf"}', 400),
        ('{"site": "x"}'.encode("utf-16"), 400),
        (b"[" * 1000 + b"]" * 1000, 400),
        (b"[" * 60_000, 400),
        (b'{"a":' * 30 + b"1" + b"}" * 30, 400),
        (b'{"a": ' + b"9" * 5000 + b"}", 400),
        (b'{"a": 1e999}', 400),
        (b'{"a": NaN}', 400),
        (b'{"a": -Infinity}', 400),
        (b'{"site": "a", "site": "b"}', 400),
        (b'{"\\ud800": 1}', 400),
        (b'{"surprise": 1}', 422),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
        (b'{"a": "' + b"x" * 10_000_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_not_good_json_is_refused(news: Page, path: str, body: bytes, status: int) -> None:
    answer = post(news, path, body)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/json; charset=bogus",
    ],
)
def test_another_content_type_is_refused(news: Page, path: str, content_type: str) -> None:
    assert post(news, path, b"{}", content_type).status_code == 415


@pytest.mark.parametrize("path", [*POSTS, "/report", "/r/x/delete", "/admin/login", "/nothing"])
def test_a_content_type_is_not_read_at_any_length(news: Page, path: str) -> None:
    kind = "multipart/form-data; boundary="
    statuses = [post(news, path, b"{}", f"{kind:b<{length}}").status_code for length in (256, 257)]
    assert (statuses[0] == 415, statuses[1]) == (path in POSTS, 415)


@pytest.mark.parametrize("path", POSTS[2:])
def test_plain_text_is_only_for_what_browsers_send_without_preflight(news: Page, path: str) -> None:
    assert post(news, path, b"{}", "text/plain").status_code == 415


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "identity, gzip"])
def test_compressed_bodies_are_refused_unread(news: Page, encoding: str) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    assert post(news, "/api/v1/reports", bomb, **{"Content-Encoding": encoding}).status_code == 415


def test_ten_thousand_bad_elements_are_one_refusal(news: Page) -> None:
    body = json.dumps({"site": news.key, "views": [1] * 10_000}).encode()
    assert post(news, "/api/v1/views", body).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/views", 405),
        ("POST", "/api/v1/usage", 405),
        ("PUT", "/api/v1/reports", 405),
        ("TRACE", "/api/v1/reports", 405),
        ("GET", "/api/v1/usage", 401),
    ],
)
def test_every_error_of_the_api_is_a_problem_document(news: Page, method: str, path: str, status: int) -> None:
    answer = news.client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail"}


@pytest.mark.parametrize(
    ("path", "field", "wrong", "told"),
    [
        ("/api/v1/views", "views", [{}] * 15_000, {"views"}),
        ("/api/v1/approvals", "texts", [{}] * 15_000, {"texts"}),
        ("/api/v1/render", "prompt_template", [{}] * 15_000, {"prompt_template"}),
        ("/api/v1/prompts/check", "variables", [1] * 20_000, {"variables"}),
        ("/api/v1/render", "k" * 20_000, ["\0"] * 3_000, {f"{'k' * 100}.{place}" for place in range(100)}),
        ("/api/v1/render", "k" * 30_000, "x", {"k" * 100}),
    ],
)
def test_a_refusal_is_never_longer_than_who_mends_it_can_read(
    news: Page, path: str, field: str, wrong: object, told: set[str]
) -> None:
    answer = post(news, path, json.dumps({"site": news.key, "text": "x", "template": "x", field: wrong}).encode())
    assert answer.status_code == 422
    assert told <= set(answer.json["errors"])
    assert len(answer.data) < 20_000


def test_no_more_than_a_hundred_fields_are_told_at_once(news: Page) -> None:
    surprises = {f"surprise_{number}": 1 for number in range(1_000)}
    answer = post(news, "/api/v1/render", json.dumps({"text": "x", **surprises}).encode())
    assert (answer.status_code, len(answer.json["errors"])) == (422, 100)


def test_too_many_requests_are_told_when_to_come_back(news: Page) -> None:
    from widget_server.routes.limits import limiter

    limiter.reset()
    answers = [news.view() for _ in range(601)]
    assert {answer.status_code for answer in answers[:600]} == {200}
    assert answers[600].status_code == 429
    assert int(answers[600].headers["Retry-After"]) >= 1
    assert answers[600].headers["Access-Control-Allow-Origin"] == "*"


def test_a_forged_forwarding_header_does_not_change_who_is_limited(news: Page) -> None:
    answers = [news.view(headers={"X-Forwarded-For": f"198.51.100.{number % 250}"}) for number in range(601)]
    assert answers[600].status_code == 429


def test_no_shared_body_ever_breaks_the_server(news: Page) -> None:
    """The shared corpus is read where it is; elsewhere our own cases above stand alone."""
    file = CASES / "json-bodies.json"
    bodies = json.loads(file.read_text()) if file.exists() else {"y_own.json": base64.b64encode(b"{}").decode()}
    answers = {name: post(news, "/api/v1/render", base64.b64decode(body)).status_code for name, body in bodies.items()}
    assert {name: status for name, status in answers.items() if not 400 <= status < 500} == {}
    assert {
        name: status for name, status in answers.items() if name.startswith("n_") and status not in (400, 413)
    } == {}


def test_naughty_strings_are_kept_exactly(news: Page) -> None:
    file = CASES / "naughty-strings.json"
    naughty = json.loads(file.read_text()) if file.exists() else ["'; DROP TABLE report; --", "Ω≈ç√", "ﷺ", "<script>"]
    accepted = 0
    for text in naughty:
        answer = news.report(comment=text)
        if "\x00" in text:
            assert answer.status_code == 422
        else:
            assert answer.status_code == 201
            accepted += 1
            assert Report.select().order_by(Report.id.desc()).first().comment == text
    assert accepted == Report.select().count()


def test_preflight_is_answered_for_the_public_doors_only(news: Page) -> None:
    asked = {"Origin": news.origin, "Access-Control-Request-Method": "POST"}
    public = news.client.options("/api/v1/reports", headers=asked)
    assert public.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in public.headers
    assert "Access-Control-Allow-Origin" not in news.client.options("/api/v1/render", headers=asked).headers
    assert "Access-Control-Allow-Origin" not in news.client.get("/admin/login", headers=asked).headers


def test_a_view_and_a_report_need_their_own_fields(news: Page) -> None:
    assert (
        post(news, "/api/v1/views", json.dumps({"site": news.key, "views": [seen(TEXT)], "id": 1}).encode()).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (b"comment=%FF", "not valid UTF-8"),
        (b"comment=\xff", "not valid UTF-8"),
        (b"%C3&%A9", "not valid UTF-8"),
        (b"&" * MOST_FIELDS, f"{MOST_FIELDS} fields at most"),
    ],
)
@pytest.mark.parametrize("path", ["/report", "/admin/login"])
def test_fields_that_would_take_long_to_read_are_refused_before(news: Page, path: str, fields: bytes, why: str) -> None:
    kind = "application/x-www-form-urlencoded"
    asked = "".join(f"%{byte:02X}" if byte > 127 else chr(byte) for byte in fields)
    for answer in (news.client.post(path, data=fields, content_type=kind), news.client.get(path, query_string=asked)):
        assert (answer.status_code, why in answer.text) == (400, True)


def test_a_form_to_an_address_that_takes_none_is_not_read(news: Page) -> None:
    fields = "a=" + "\0" * 3
    answer = news.client.post("/nowhere", data=fields, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 404
