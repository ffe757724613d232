"""What operators, owners' programs and widgets read."""

import contextlib
import csv
import hashlib
import io
import json
import re
import time
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock, Desk, Page
from widget_server.rendering import files
from widget_server.routes import tags
from widget_server.rules.harms import for_widget
from widget_server.storage.tables import database


def test_the_server_says_that_it_is_alive_and_ready(client: FlaskClient, settings) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    cache, limits = ("ok", "redis") if settings.redis_url else ("none", "memory")
    assert client.get("/readyz").json == {"database": "ok", "cache": cache, "limits": limits}


def test_a_database_that_is_gone_shows_as_not_ready_and_the_process_as_alive(client: FlaskClient, settings) -> None:
    from widget_server import storage

    database.close()
    with contextlib.suppress(storage.StorageUnusable):
        storage.connect("postgresql://127.0.0.1:9/none")
    try:
        assert client.get("/healthz").status_code == 200
        assert (client.get("/readyz").status_code, client.get("/readyz").json["database"]) == (503, "unreachable")
    finally:
        storage.connect(settings.database_url)


def test_a_dead_writer_shows(app: Flask, news: Page) -> None:
    app.extensions["widget_server"].writer.close()
    assert news.client.get("/healthz").status_code == 503
    refused = news.view()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")


def test_the_figures_for_monitoring_are_there(news: Page) -> None:
    news.view()
    news.report()
    figures = news.client.get("/metrics").text
    assert "widget_cases_waiting 1.0" in figures
    assert f'widget_unique_viewers{{site="{news.key}"}} 1.0' in figures


def test_the_widget_is_served_under_a_short_and_an_unchanging_address(client: FlaskClient) -> None:
    short = client.get("/widget.js")
    fixed = client.get(f"/widget/{files.widget_version()}/widget.js")
    assert short.data == fixed.data
    assert "immutable" in fixed.headers["Cache-Control"]
    assert "immutable" not in short.headers["Cache-Control"]
    for answer in (short, fixed):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Cookie": "a=b"}, {"Accept-Language": "de"}],
)
def test_everybody_gets_the_same_widget(client: FlaskClient, headers: dict) -> None:
    expected = hashlib.sha256((files.WIDGET / "widget.js").read_bytes()).hexdigest()
    assert hashlib.sha256(client.get("/widget.js?x=1", headers=headers).data).hexdigest() == expected


def test_the_integrity_in_the_tag_is_the_files(client: FlaskClient) -> None:
    import base64

    tag = tags.integrity_tag("https://widget.example", "abc")
    path = re.search(r'src="https://widget.example([^"]+)"', tag)[1]
    digest = base64.b64encode(hashlib.sha384(client.get(path).data).digest()).decode()
    assert f'integrity="sha384-{digest}"' in tag


def test_the_dialog_gets_the_categories_from_the_one_table(client: FlaskClient) -> None:
    assert client.get("/widget/current/harms.json").json == for_widget(mail=False)
    assert client.get("/widget/0.0.0/harms.json").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pyproject.toml",
        "/static/admin/..%2f..%2fpyproject.toml",
        "/widget.js%00.html",
        "/.git/config",
        "/console",
        "/widget/current/../../README.md",
    ],
)
def test_no_other_file_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_document_of_the_api_knows_every_route(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert document["openapi"] == "3.1.0"
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    routed = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            paths = (
                [rule.rule.replace("<any(csv, jsonl):kind>", kind) for kind in ("csv", "jsonl")]
                if "any(" in rule.rule
                else [rule.rule]
            )
            for path in paths:
                routed |= {
                    (re.sub(r"<(\w+)>", r"{\1}", path), method.lower()) for method in rule.methods - {"HEAD", "OPTIONS"}
                }
    assert described == routed
    assert "Problem" in document["components"]["schemas"]


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs"])
def test_what_describes_the_api_is_made_once_and_sent_once(app: Flask, client: FlaskClient, path: str) -> None:
    server, before = app.extensions["widget_server"], client.get(path).headers["ETag"]
    elsewhere = replace(server.settings, public_url=f"https://{path[5:]}.example")
    app.extensions["widget_server"] = replace(server, settings=elsewhere)

    def seconds() -> float:
        began = time.perf_counter()
        client.get(path)
        return time.perf_counter() - began

    first = seconds()
    assert min(seconds() for _ in range(5)) < first / 3
    etag = client.get("/api/openapi.json").headers["ETag"]
    assert client.get("/api/openapi.json", headers={"If-None-Match": etag}).status_code == 304
    assert client.get("/api/openapi.json", headers={"If-None-Match": before}).status_code == 200


def test_the_documentation_page_lists_every_operation(client: FlaskClient) -> None:
    page = client.get("/api/docs").text
    for path in client.get("/api/openapi.json").json["paths"]:
        assert path in page


def test_decisions_are_exported_in_the_transparency_databases_names(news: Page, desk: Desk, clock: Clock) -> None:
    for number, category in enumerate(["fraud", "hate", "violence"], start=1):
        news.report(f"text {number}", category=category)
        desk.decide(number, "withdraw", f"=Decision {number}", category=category)
        clock.move(hours=7)
    rows = list(csv.DictReader(io.StringIO(news.client.get("/api/v1/decisions.csv", headers=news.bearer).text)))
    assert [row["category"] for row in rows] == [
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        "STATEMENT_CATEGORY_VIOLENCE",
    ]
    assert rows[0]["decision_facts"] == "'=Decision 1"
    lines = news.client.get(
        "/api/v1/decisions.jsonl?since=2026-11-24&until=2026-11-24T12:00:00Z", headers=news.bearer
    ).text
    assert [json.loads(line)["decision_facts"] for line in lines.splitlines()] == ["=Decision 3"]


def test_an_export_is_a_file_for_its_own_site_only(news: Page, shop: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw")
    answer = news.client.get("/api/v1/decisions.csv", headers=shop.bearer)
    assert len(answer.text.splitlines()) == 1
    assert answer.headers["Content-Disposition"] == "attachment; filename=decisions.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    assert news.client.get("/api/v1/decisions.csv").status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        "usage?month=2026-13",
        "usage?month=now",
        "usage?surprise=1",
        "decisions.csv?since=yesterday",
        "publications?state=all",
        "usage?month=2026-1",
    ],
)
def test_a_bad_query_is_refused_by_field(news: Page, query: str) -> None:
    answer = news.client.get(f"/api/v1/{query}", headers=news.bearer)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [query.split("?")[1].split("=")[0]])


def test_every_clause_has_its_evidence(news: Page, desk: Desk) -> None:
    news.view()
    news.report(category="violence")
    told = {
        clause["clause"]: clause
        for clause in news.client.get("/api/v1/compliance", headers=news.bearer).json["clauses"]
    }
    assert (told["1.iii"]["state"], told["2.ii"]["state"], told["2.iii"]["state"]) == ("attention", "met", "attention")
    desk.decide(1, "withdraw", category="violence")
    told = {
        clause["clause"]: clause
        for clause in news.client.get("/api/v1/compliance", headers=news.bearer).json["clauses"]
    }
    assert (told["1.iii"]["state"], told["2.iii"]["state"]) == ("met", "met")
    assert told["1.iii"]["evidence"]["decided_by_category"] == {"violence": 1}
