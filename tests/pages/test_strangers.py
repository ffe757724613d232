"""What a request claims about its host, its method and where to go next is not believed."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Desk, Page

HTTPS = "https://widget.example"
ELSEWHERE = "evil.example"
CLAIMS = {
    "Host": ELSEWHERE,
    "X-Forwarded-Host": ELSEWHERE,
    "X-Host": ELSEWHERE,
    "X-Original-Host": ELSEWHERE,
    "Forwarded": f"host={ELSEWHERE};proto=http",
    "X-Original-URL": f"https://{ELSEWHERE}/admin/people",
    "X-Rewrite-URL": f"https://{ELSEWHERE}/admin/people",
}


@pytest.mark.parametrize(
    "path",
    ["/", "/demo", "/api/docs", "/api/openapi.json", "/admin/login", "/admin/reports", "/admin", "/report", "/r", "/x"],
)
def test_another_host_in_the_request_shows_in_no_answer(client: FlaskClient, path: str) -> None:
    for name, value in CLAIMS.items():
        answer = client.get(path, headers={name: value})
        assert ELSEWHERE not in answer.text + str(answer.headers), (path, name)


def test_another_host_in_a_report_changes_neither_receipt_nor_link(news: Page) -> None:
    for name, value in CLAIMS.items():
        told = news.report(headers={name: value}).json
        assert told["status_url"].startswith(f"{HTTPS}/r/"), name


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_the_requests_own(news: Page, desk: Desk, header: str) -> None:
    receipt = news.report().json["receipt"]
    for method in ("DELETE", "PUT", "POST"):
        claim = {header: method}
        assert news.client.get(f"/api/v1/reports/{receipt}", headers=claim).json["state"] == "received"
        assert news.client.get(f"/api/v1/reports/{receipt}?_method={method}").json["state"] == "received"
        assert desk.client.get("/admin/logout", headers=claim, base_url=HTTPS).status_code == 405
    answer = news.client.post(f"/r/{receipt}", data={"_method": "DELETE"}, headers={header: "DELETE"})
    assert answer.status_code in (400, 403, 405)
    assert news.status(receipt)["state"] == "received"
    assert desk.get("/admin/reports").status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PATCH"])
def test_a_method_that_nobody_answers_is_refused(client: FlaskClient, method: str) -> None:
    for path in ("/", "/api/v1/reports", "/admin/login", "/healthz"):
        assert client.open(path, method=method).status_code in (400, 403, 405), path


TARGETS = [
    "//evil.example/admin",
    "https://evil.example/admin",
    "https:/evil.example/admin",
    "/\\evil.example/admin",
    "\\/evil.example/admin",
    "/admin\\@evil.example",
    "javascript:alert(1)//admin",
    "/admin/../..//evil.example",
    "\t//evil.example/admin",
    " https://evil.example/admin",
    "/%2f%2fevil.example/admin",
    "http:admin@evil.example",
]


@pytest.mark.parametrize("target", TARGETS)
def test_no_sign_in_leads_out_of_the_desk(app: Flask, desk: Desk, target: str) -> None:
    again = Desk(app.test_client(), desk.email)
    answer = again.client.post(
        "/admin/login",
        query_string={"next": target},
        data={"csrf_token": _token(again), "email": desk.email, "password": "correct horse battery"},
        base_url=HTTPS,
        headers={"Referer": f"{HTTPS}/"},
    )
    assert answer.status_code == 302
    where = answer.headers["Location"]
    assert where.startswith("/admin"), where
    assert "\\" not in where


def _token(desk: Desk) -> str:
    page = desk.get("/admin/login").text
    return page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
