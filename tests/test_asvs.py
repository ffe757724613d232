"""What docs/asvs.md says is there, and what it says about every answer holds."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import Desk, Page

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "asvs.md").read_text()
# How many requirements of level 1 and 2 each section has: they are the first of it.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip


def numbers(cell: str) -> list[str]:
    """`1.2.6–1.2.8, 1.3.1` → each of them."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        section, _, low = first.rpartition(".")
        found += [f"{section}.{one}" for one in range(int(low), int(last.rpartition(".")[2] if last else low) + 1)]
    return found


def test_every_requirement_of_level_1_and_2_stands_there_once():
    chapters = DOCUMENT.split("## V1 ")[1]
    cells = re.findall(r"^\| (\d[\d., –]*) \|", chapters, re.MULTILINE)
    stated = [number for cell in cells for number in numbers(cell)]
    assert sorted(stated) == sorted(f"{section}.{one + 1}" for section, most in SECTIONS.items() for one in range(most))


def test_every_test_that_it_names_exists():
    named = set(re.findall(r"`((?:e2e/)?[\w/]*test_\w+\.py)(?:::(\w+))?`", DOCUMENT))
    assert len(named) > 100
    for file, test in named:
        path = ROOT / file if file.startswith("e2e/") else ROOT / "tests" / file
        assert path.is_file(), file
        assert not test or f"def {test}(" in path.read_text(), f"{file}::{test}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/report", 404),
        ("/r/", 200),
        ("/admin/login", 200),
        ("/admin/reports", 302),
        ("/widget.js", 200),
        ("/widget/current/words/en.json", 200),
        ("/static/admin/pages.css", 200),
        ("/api/openapi.json", 200),
        ("/api/v1/usage", 401),
        ("/api/v1/nothing", 404),
        ("/nothing", 404),
        ("/healthz", 200),
    ],
)
def test_every_kind_of_answer_carries_what_browsers_need(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path, base_url="https://widget.example")
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert answer.mimetype.startswith("application/") or answer.mimetype_params["charset"] == "utf-8"


@pytest.mark.parametrize("way", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_or_field_changes_the_method(news: Page, desk: Desk, way: str) -> None:
    receipt = news.report().json["receipt"]
    for answer in (
        news.client.get(f"/api/v1/reports/{receipt}", headers={way: "DELETE"}),
        news.client.get(f"/api/v1/reports/{receipt}?_method=DELETE"),
    ):
        assert answer.json["state"] == "received"
    desk.client.get("/admin/reports/1/decision?_method=POST", headers={way: "POST"}, base_url="https://widget.example")
    assert news.status(receipt)["state"] == "received"


@pytest.mark.parametrize("path", ["/", "/admin/login", "/report", "/r/AAAA", "/r", "/api/openapi.json", "/widget.js"])
def test_a_forged_host_is_repeated_in_no_page(client: FlaskClient, path: str) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        answer = client.get(path, headers=headers)
        assert "evil.example" not in answer.text
        assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize(
    "path", ["/console", "/?__debugger__=yes&cmd=resource&f=style.css", "/.git/config", "/static/", "/widget/", "/.env"]
)
def test_there_is_no_console_and_no_list_of_files(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 or path.startswith("/?")
    assert "debugger" not in answer.text.lower()
