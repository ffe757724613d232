"""What benchmarks/ makes of what it measured: ratios, promises, the page and the plot."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, repeat
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as ET

import pytest

from benchmarks import bars, pages, peers, promises, run, stored
from benchmarks.load import CONNECTIONS, load, whole
from benchmarks.promises import Promise
from benchmarks.rounds import rows
from benchmarks.traffic import FLASK_STATIC, HELLO, NEW, REFERENCE, RENDER, REPORTS, SEEN, STATIC, STATIC_BROTLI

SETUP = "SQLite, 1 worker"
CASES = [REFERENCE, HELLO, FLASK_STATIC, SEEN, NEW, RENDER, REPORTS, STATIC, STATIC_BROTLI]
SIZES = {stored.VIEWER: 20.0, stored.AGAIN: 0.0}


def a_round(**per_second: float) -> dict:
    """Everything as fast as bare Flask, but for what is named."""
    figures = {
        "count": 10,
        "accepted": 9,
        "p50_ms": 1.0,
        "p99_ms": 2.0,
        "cpu_us": 100.0,
        "database_cpu_us": None,
        "texts": 0,
    }
    by_name = {**dict.fromkeys(CASES, 1000.0), **{globals()[name]: rate for name, rate in per_second.items()}}
    http = {SETUP: {name: {**figures, "per_second": rate} for name, rate in by_name.items()}}
    return {"http": http, "render": {"text": {"render": 20.0}}}


def test_a_ratio_is_the_median_of_the_rounds_own_ratios():
    rounds = [a_round(SEEN=800, HELLO=400), a_round(SEEN=300, HELLO=300), a_round(SEEN=1000, HELLO=200)]
    row = rows(rounds, SETUP)[SEEN]
    assert (row.against(HELLO), row.middle("per_second"), row.refused) == (2.0, 800, 3)


def test_what_a_system_does_not_tell_has_no_ratio():
    first = a_round()
    first["http"][SETUP][SEEN]["cpu_us"] = None
    row = rows([first, a_round()], SETUP)[SEEN]
    assert (row.middle("cpu_us"), row.against(HELLO, "cpu_us")) == (None, None)


def test_five_texts_a_request_count_as_five():
    found = a_round(SEEN=100)
    found["http"][SETUP][SEEN]["texts"] = 5
    assert (rows([found], SETUP)[SEEN].texts, rows([found], SETUP)[HELLO].texts) == (500, None)


@pytest.mark.parametrize(
    ("promise", "holds"),
    [
        (Promise("", 1.1, least=1.1), True),
        (Promise("", 1.09, least=1.1), False),
        (Promise("", 25, most=25), True),
        (Promise("", 25.1, most=25), False),
    ],
)
def test_a_promise_holds_up_to_its_bound(promise: Promise, holds: bool):
    assert promise.holds is holds


def test_views_as_fast_as_bare_flask_are_too_slow_and_three_times_gunicorns_is_enough():
    found = promises.promises([a_round(SEEN=3000, NEW=3000, HELLO=3000)], SIZES)
    kept = {one.what.removeprefix(f"{SETUP}: views, "): one.holds for one in found if "viewer already seen" in one.what}
    assert kept == {
        "viewer already seen, × hello": False,
        "viewer already seen, × hello under gunicorn": True,
        "viewer already seen, p99 × that of hello under gunicorn": True,
        "viewer already seen, × hello under gunicorn; the goal": False,
    }


def test_the_page_has_a_place_for_every_table_of_a_run(tmp_path: Path):
    page = tmp_path / "benchmarks.md"
    page.write_text(run.PAGE.read_text())
    names = ["machine", "promises", "peers", *map(str, run.SETUPS), "render", "stored", "labels", "weights"]
    pages.write(page, {name: f"{name}: new \\1" for name in names})
    assert [name for name in names if f"<!-- {name} -->\n{name}: new \\1\n<!-- end -->\n" not in page.read_text()] == []
    assert "<!-- tried -->" in page.read_text()


def test_a_table_without_a_place_is_not_lost_in_silence(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# Measured\n")
    with pytest.raises(LookupError, match="speed"):
        pages.write(page, {"speed": "fast"})


def test_the_plot_tells_in_words_what_it_draws():
    standings = peers.standings([a_round(SEEN=4000, NEW=2500)])
    drawn = ET.fromstring(bars.svg(standings))
    told = drawn.find("{*}desc").text
    assert [one.name for one in standings if one.name not in told] == []
    widths = [float(bar.get("width")) for bar in drawn.iterfind("{*}rect[@height='12']")]
    assert (len(widths), widths) == (len(standings), sorted(widths, reverse=True))
    assert standings[0].name == f"widget-server, {SETUP}: views of a viewer already seen"


@pytest.mark.parametrize(
    ("answer", "is_whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello", True),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", True),
    ],
)
def test_an_answer_is_whole_when_its_body_has_come(answer: bytes, is_whole: bool):
    assert whole(answer) is is_whole


def test_an_answer_of_unknown_length_is_an_error():
    with pytest.raises(RuntimeError, match="not an answer"):
        whole(b"HTTP/1.1 200 OK\r\n\r\nhello")


@contextmanager
def a_server(*, refuses_every: int) -> Iterator[int]:
    numbers = count()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200 if next(numbers) % refuses_every else 503)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        request_queue_size = CONNECTIONS

    server = Server(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_refusal_is_no_request_a_second():
    with a_server(refuses_every=4) as port:
        found = load(port, repeat(REQUEST), seconds=0.2)
    assert found.count * 0.7 < found.accepted < found.count
    assert found.p50_ms <= found.p99_ms


def test_a_server_that_mostly_refuses_is_not_measured():
    with a_server(refuses_every=1) as port, pytest.raises(RuntimeError, match=r"most are refused.*503"):
        load(port, repeat(REQUEST), seconds=0.2)
