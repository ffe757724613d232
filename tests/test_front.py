"""The server's own front door: a real process, asked over real connections."""

import http.client
import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from e2e.processes import WIDGET_SERVER, Program, run
from tests.servers import free_port, until
from widget_server.rules.marking import text_sha256
from widget_server.rules.viewers import following, month_name

ORIGIN = "https://news.example"
THROUGH_FLASK = "text/plain; charset=UTF-8"
OF_ITS_TIME = {"date", "content-length"}
A_MONTH_AHEAD = """
import sys
from datetime import UTC, datetime, timedelta
from widget_server import storage
from widget_server.storage import months
storage.connect(sys.argv[1])
months.close_months(at=datetime.now(UTC) + timedelta(days=31))
"""
MANY = 1_200
MANY_DECISIONS = """
import sys
from datetime import UTC, datetime
from tests.api.test_exports import decide_many
from widget_server import storage
storage.connect(sys.argv[1])
decide_many(int(sys.argv[2]), datetime.now(UTC))
"""


@dataclass
class House:
    port: int
    folder: Path
    environment: dict[str, str]
    site: str
    secret: str

    def ask(
        self, method: str, path: str, body: bytes | Iterable[bytes] | None = None, headers: Iterable = ()
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path)
        for name, value in headers:
            connection.putheader(name, value)
        pieces = isinstance(body, Iterable) and not isinstance(body, bytes)
        if pieces:
            connection.putheader("Transfer-Encoding", "chunked")
        elif body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body, encode_chunked=pieces)
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def view(
        self, *texts: str, viewer: str | None = None, kind: str = "text/plain;charset=UTF-8", more: Iterable = ()
    ) -> tuple[int, dict[str, str], bytes]:
        return self.ask("POST", "/api/v1/views", self.body(*texts, viewer=viewer), [*self.browser(kind), *more])

    def body(self, *texts: str, viewer: str | None = None) -> bytes:
        views = [{"text_sha256": text_sha256(text), "disclosed": True} for text in texts or ("A text.",)]
        said = {"site": self.site, "page": f"{ORIGIN}/story", "views": views}
        return json.dumps({**said, "viewer": viewer} if viewer else said).encode()

    @staticmethod
    def browser(kind: str = "text/plain;charset=UTF-8") -> list[tuple[str, str]]:
        return [("Origin", ORIGIN), ("User-Agent", "Mozilla/5.0 Firefox/150.0"), ("Content-Type", kind)]

    def usage(self, month: str = "") -> dict:
        month = month or time.strftime("%Y-%m", time.gmtime())
        bearer = [("Authorization", f"Bearer {self.secret}")]
        return json.loads(self.ask("GET", f"/api/v1/usage?month={month}", headers=bearer)[2])


Running = tuple[int, Path, dict[str, str]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("front")) as found:
        yield found


@contextmanager
def serving(folder: Path) -> Iterator[Running]:
    port = free_port()
    environment = {
        "WIDGET_LIMIT_VIEWS": "100000/minute",
        "WIDGET_LIMIT_RENDER": "6/day",
        "WIDGET_TRUSTED_PROXIES": "127.0.0.1",
    }
    address = f"http://127.0.0.1:{port}"
    program = Program(
        *WIDGET_SERVER, "run", "--port", str(port), folder=folder, environment=environment, alive=[f"{address}/readyz"]
    )
    program.start()
    yield port, folder, environment
    program.stop()


@pytest.fixture
def house(running: Running, request: pytest.FixtureRequest) -> House:
    return added(running, request.node.name)


def added(running: Running, name: str) -> House:
    port, folder, environment = running
    site = json.loads(run("site", "add", name, "--origin", ORIGIN, "--json", folder=folder, environment=environment))
    return House(port, folder, environment, site["site"], site["secret_key"])


def test_a_view_gets_the_same_answer_on_both_ways(house: House) -> None:
    for site in (house.site, "unknown"):
        house.site = site
        quick, through = house.view(), house.view(kind=THROUGH_FLASK)
        assert (quick[0], json.loads(quick[2])) == (through[0], json.loads(through[2]))
        assert {name: quick[1].get(name) for name in through[1].keys() - OF_ITS_TIME} == {
            name: value for name, value in through[1].items() if name not in OF_ITS_TIME
        }


def test_many_at_once_are_counted_exactly(house: House) -> None:
    def read(person: int) -> set[int]:
        return {house.view("One.", "Two.", viewer=f"person {person}")[0] for _ in range(5)}

    with ThreadPoolExecutor(32) as readers:
        assert set().union(*readers.map(read, range(64))) == {200}
    assert (house.usage()["unique_viewers"], house.usage()["impressions"]) == (64, 640)


def test_a_body_in_pieces_is_read(house: House) -> None:
    whole = house.body()
    assert house.ask("POST", "/api/v1/views", iter([whole[:20], whole[20:]]), house.browser())[0] == 200
    assert house.usage()["impressions"] == 1


@pytest.mark.parametrize("pieces", [False, True])
def test_a_body_that_is_too_long_is_refused(house: House, pieces: bool) -> None:
    body = b'{"site": "' + 70_000 * b"x"
    status, _, told = house.ask("POST", "/api/v1/views", iter([body]) if pieces else body, house.browser())
    assert (status, json.loads(told)["title"]) == (413, "Request Entity Too Large")


def test_of_several_lines_of_proxies_the_last_one_counts_and_none_with_another_name(house: House) -> None:
    for kind in ("text/plain;charset=UTF-8", THROUGH_FLASK):
        for spoofed in range(3):
            lines = [("X-Forwarded-For", f"198.51.100.{spoofed}"), ("X-Forwarded-For", "203.0.113.7")]
            assert house.view(kind=kind, more=[*lines, ("X_Forwarded_For", f"192.0.2.{spoofed}")])[0] == 200
    assert house.usage()["unique_viewers"] == 1


@pytest.mark.parametrize("path", ["/widget.js", "/api/openapi.json", "/", "/theming"])
def test_head_tells_what_get_would_without_a_body(house: House, path: str) -> None:
    got, told = house.ask("GET", path), house.ask("HEAD", path)
    assert (told[0], told[2]) == (got[0], b"") == (200, b"")
    assert told[1].get("content-length") == str(len(got[2]))


def test_a_long_answer_comes_whole(house: House) -> None:
    status, headers, body = house.ask("GET", "/api/openapi.json")
    assert status == 200
    assert json.loads(body)["openapi"].startswith("3.1")
    assert headers["content-type"] == "application/json"


def test_a_long_file_comes_with_its_length_and_what_fails_in_its_middle_is_answered_so(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        house = added(running, "News")
        ada = "moderator", "add", "ada@news.example", "--password-stdin"
        run(*ada, folder=tmp_path, environment={}, typed="the lamps burn all night\n")
        file = tmp_path / "widget-server.sqlite3"
        subprocess.run([sys.executable, "-c", MANY_DECISIONS, f"sqlite:///{file}", str(MANY)], check=True)
        bearer = [("Authorization", f"Bearer {house.secret}")]
        for kind in ("csv", "jsonl"):
            status, headers, found = house.ask("GET", f"/api/v1/decisions.{kind}", headers=bearer)
            assert (status, headers["content-length"], found.count(b"\n")) == (
                200,
                str(len(found)),
                MANY + (kind == "csv"),
            )
        for bad in (MANY, 1):  # in the middle of an answer, and before it is a long one
            with closing(sqlite3.connect(file)) as database, database:
                database.execute("UPDATE ruling SET category = 'nothing known' WHERE id = ?", [bad])
            status, headers, told = house.ask("GET", "/api/v1/decisions.csv", headers=bearer)
            assert (status, headers["content-type"]) == (500, "application/problem+json")
            assert json.loads(told)["status"] == status


def test_what_nobody_serves_is_told_as_ever(house: House) -> None:
    assert house.ask("GET", "/nothing/%C3%A9%FF")[0] == 404
    assert house.ask("POST", "/widget.js", b"")[0] == 405
    assert house.ask("GET", "/api/v1/views")[0] == 405
    assert house.ask("POST", "/api/v1/views?a=b", house.body(), house.browser())[0] == 200


def test_what_another_process_changes_is_known_here(house: House) -> None:
    other = [("Origin", "https://other.example"), *house.browser()[1:]]
    assert house.view()[0] == 200
    assert house.ask("POST", "/api/v1/views", house.body(), other)[0] == 403
    origins = ["--origin", ORIGIN, "--origin", "https://other.example"]
    name = "test_what_another_process_changes_is_known_here"
    run("site", "add", name, *origins, folder=house.folder, environment=house.environment)
    until(lambda: house.ask("POST", "/api/v1/views", house.body(), other)[0] != 403)


def test_texts_that_nobody_has_asked_about_spend_a_limit_once(house: House) -> None:
    bearer = [("Authorization", f"Bearer {house.secret}"), ("Content-Type", "application/json")]
    for number in range(6):
        body = json.dumps({"text": f"A fresh text {number}."}).encode()
        assert house.ask("POST", "/api/v1/render", body, bearer)[0] == 200
    assert house.ask("POST", "/api/v1/render", b'{"text": "One too many."}', bearer)[0] == 429


def test_who_comes_while_a_site_joins_others_counts_together_with_them(running: Running) -> None:
    house, other = added(running, "joins"), added(running, "is there")
    join = ["--application", "The paper"]
    run("site", "policy", other.site, *join, folder=house.folder, environment=house.environment)
    came = count()

    def read_until(joined: threading.Event) -> set[int]:
        return {house.view(viewer=f"person {next(came)}")[0] for _ in iter(joined.is_set, True)}

    assert {other.view(viewer=f"reader {reader}")[0] for reader in range(500)} == {200}
    joined = threading.Event()
    with ThreadPoolExecutor(4) as readers:
        answers = [readers.submit(read_until, joined) for _ in range(4)]
        time.sleep(1)
        run("site", "policy", house.site, *join, folder=house.folder, environment=house.environment)
        time.sleep(1)
        joined.set()
    assert {status for one in answers for status in one.result()} == {200}
    number = next(came)
    assert house.usage()["application"]["unique_viewers"] == 500 + number


def test_views_under_the_key_of_a_month_that_another_process_has_closed_count_in_the_next(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        house = added(running, "closed")
        assert {house.view(viewer=f"person {person}")[0] for person in range(3)} == {200}
        file = next(tmp_path.glob("*.sqlite3"))
        subprocess.run([sys.executable, "-c", A_MONTH_AHEAD, f"sqlite:///{file}"], check=True)
        with ThreadPoolExecutor(8) as readers:
            answers = readers.map(lambda person: house.view(viewer=f"person {person}"), range(3, 43))
            assert {status for status, *_ in answers} == {200}
        usage = house.usage()
        later = month_name(following(int(usage["month"].replace("-", ""))))
        assert (usage["unique_viewers"], house.usage(later)["unique_viewers"]) == (3, 40)
