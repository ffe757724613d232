"""The widget's files and the desk's: how they are sent, kept, and asked for again."""

import gzip
import sys
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from widget_server.rendering import files

WIDGET = (files.WIDGET / "widget.js").read_bytes()
FIXED = f"/widget/{files.widget_version()}"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=1.0, gzip;q=0.8", "br"),
        ("GZIP", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("gzip;q=0.000, br ; q=0.0", None),
        ("identity", None),
        ("zebra", None),
        ("", None),
    ],
)
def test_a_file_is_sent_as_small_as_the_reader_takes_it(client: FlaskClient, accepted: str, coding: str | None) -> None:
    answer = client.get("/widget.js", headers={"Accept-Encoding": accepted})
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, coding)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding](answer.data) == WIDGET


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (f"{FIXED}/widget.js", "public, max-age=31536000, immutable"),
        (f"{FIXED}/words/dialog/de.json", "public, max-age=31536000, immutable"),
        ("/widget.js", "public, max-age=300, stale-while-revalidate=86400"),
        ("/widget/current/report.js", "public, max-age=300, stale-while-revalidate=86400"),
    ],
)
def test_any_page_may_load_the_widgets_files_and_keep_them(client: FlaskClient, address: str, kept: str) -> None:
    headers = client.get(address).headers
    assert headers["Cache-Control"] == kept
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_desks_files_are_for_our_own_pages(client: FlaskClient) -> None:
    headers = client.get("/static/admin/pages.css").headers
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=300"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Cross-Origin-Resource-Policy" not in headers


@pytest.mark.parametrize("coding", ["br", "gzip", ""])
@pytest.mark.parametrize("known", ["{}", '"old", {}', '"old",{} , "older"', "*"])
def test_an_unchanged_file_is_not_sent_again(client: FlaskClient, known: str, coding: str) -> None:
    headers = {"Accept-Encoding": coding}
    first = client.get("/widget.js", headers=headers)
    again = client.get("/widget.js", headers={**headers, "If-None-Match": known.format(first.headers["ETag"])})
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Length" not in again.headers
    for name in ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy"):
        assert again.headers[name] == first.headers[name]


def test_another_state_of_the_file_is_sent(client: FlaskClient) -> None:
    other = client.get("/widget/current/report.js").headers["ETag"]
    assert client.get("/widget.js", headers={"If-None-Match": other}).data == WIDGET


def test_every_server_names_the_same_file_alike(client: FlaskClient) -> None:
    """The tag comes from what is in the file: behind one address, all nodes agree on it."""
    tags = {client.get(address).headers["ETag"] for address in ("/widget.js", f"{FIXED}/widget.js")}
    assert len(tags) == 1


def test_a_head_tells_what_a_get_would(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "br"}
    asked, told = client.get("/widget.js", headers=headers), client.head("/widget.js", headers=headers)
    assert (told.status_code, told.data, dict(told.headers)) == (200, b"", dict(asked.headers))


@pytest.mark.parametrize("part", ["bytes=0-9", "bytes=-5", "bytes=999999-", "lines=1-2"])
def test_who_asks_for_a_part_gets_the_whole(client: FlaskClient, part: str) -> None:
    answer = client.get("/widget.js", headers={"Range": part})
    assert (answer.status_code, answer.data) == (200, WIDGET)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_file_is_only_read(client: FlaskClient, method: str) -> None:
    answer = client.open("/widget.js", method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("address", ["/widget.js.br", "/widget/current/widget.js.gz", f"{FIXED}/", "/static/admin"])
def test_nothing_else_has_an_address(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_every_file_of_the_widget_is_there_in_both_codings() -> None:
    made = [path for path in files.WIDGET.rglob("*") if path.suffix in (".js", ".json") and path.stat().st_size > 1000]
    assert len(made) > 50
    for path in made:
        assert gzip.decompress(Path(f"{path}.gz").read_bytes()) == path.read_bytes()
        assert brotli.decompress(Path(f"{path}.br").read_bytes()) == path.read_bytes()


def test_no_file_is_opened_when_one_is_asked_for(app: Flask) -> None:
    """Whatever Python tells its auditors: files, sockets, databases, modules."""
    environ = EnvironBuilder("/widget.js", headers={"Accept-Encoding": "br"}).get_environ()
    heard: list[str] = []
    listening = True
    sys.addaudithook(lambda event, _: heard.append(event) if listening else None)
    sent = b"".join(app.wsgi_app(environ, lambda *_: bytes))
    listening = False
    assert brotli.decompress(sent) == WIDGET
    assert heard == []
