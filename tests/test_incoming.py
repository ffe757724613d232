"""Bodies that never end, or too many at once: a real process, asked over real connections."""

import http.client
import json
import re
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from e2e.processes import Program, run
from tests.hasty import CONNECTIONS, MOST_HELD
from tests.servers import ROOT, free_port
from tests.test_front import House
from widget_server.routes.connection import MOST_AHEAD

FORM = 256 * 1024
ELSEWHERE = ("127.0.0.2", 0)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, port = tmp_path_factory.mktemp("incoming"), free_port()
    environment = {"PYTHONPATH": str(ROOT), "WIDGET_SECRET_KEY": "a secret of some length for this test"}
    site = run(
        "site", "add", "News", "--origin", "https://news.example", "--json", folder=folder, environment=environment
    )
    program = Program(
        *(sys.executable, "-m", "tests.hasty", str(port)),
        folder=folder,
        environment=environment,
        alive=[f"http://127.0.0.1:{port}/readyz"],
    )
    program.start()
    added = json.loads(site)
    yield House(port, Path(folder), environment, added["site"], added["secret_key"])
    program.stop()


def begun(
    house: House,
    path: str,
    *,
    says: int | None,
    sends: int,
    kind: str = "text/plain",
    source: tuple[str, int] | None = None,
) -> socket.socket:
    """A connection over which so much of a body has been sent, and no more will."""
    length = "Transfer-Encoding: chunked" if says is None else f"Content-Length: {says}"
    head = [f"POST {path} HTTP/1.1", "Host: x", "Origin: https://news.example", f"Content-Type: {kind}", length, "", ""]
    connection = socket.create_connection(("127.0.0.1", house.port), timeout=60, source_address=source)
    body = b"a" * sends if says is not None else b"%x\r\n" % sends + b"a" * sends + b"\r\n"
    connection.sendall("\r\n".join(head).encode() + body)
    return connection


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPResponse(connection)) as found, connection:
        found.begin()
        return found.status, {name.lower(): value for name, value in found.getheaders()}, found.read()


@pytest.mark.parametrize(
    ("path", "says", "sends"),
    [
        ("/api/v1/views", 500, 499),
        ("/api/v1/views", 60_000, 59_000),
        ("/api/v1/views", None, 50),
        ("/api/v1/reports", 500, 1),
        ("/report", FORM, 1),
        ("/admin/login", 2000, 1999),
    ],
)
def test_a_body_that_does_not_end_is_not_waited_for(house: House, path: str, says: int | None, sends: int) -> None:
    connection = begun(house, path, says=says, sends=sends)
    status, _, body = answer(connection)
    assert status == 408
    assert b"did not come in time" in body
    assert house.view()[0] == 200


def test_a_crowd_of_long_bodies_is_refused_and_keeps_no_short_one_out(house: House) -> None:
    with ExitStack() as crowd:
        held = [begun(house, "/report", says=FORM, sends=FORM - 100) for _ in range(MOST_HELD // FORM + 4)]
        for connection in held:
            crowd.enter_context(connection)
        assert house.view()[0] == 200
        answers = [answer(connection)[:2] for connection in held]
    assert {status for status, _ in answers} == {408, 503}
    assert {int(headers["retry-after"]) > 0 for status, headers in answers if status == 503} == {True}
    assert house.ask("POST", "/report", b"a" * FORM, [("Content-Type", "text/plain")])[0] == 404


def test_who_sends_very_much_at_a_time_leaves_room_for_others(house: House) -> None:
    with ExitStack() as crowd:
        for _ in range(MOST_HELD // FORM + 4):
            crowd.enter_context(begun(house, "/report", says=FORM, sends=FORM - 100))
        assert house.view()[0] == 200
        assert answer(begun(house, "/report", says=FORM, sends=FORM, source=ELSEWHERE))[0] == 404


def test_who_has_very_many_connections_leaves_some_for_others(house: House) -> None:
    with ExitStack() as crowd:
        for _ in range(CONNECTIONS):
            crowd.enter_context(socket.create_connection(("127.0.0.1", house.port), timeout=60))
        assert begins(house, asked("/healthz"), source=ELSEWHERE) == b"HTTP/1.1 200"


def test_what_was_held_is_let_go_with_the_answer(house: House) -> None:
    for _ in range(3 * MOST_HELD // 60_000):
        assert house.ask("POST", "/api/v1/views", b"a" * 60_000, house.browser())[0] == 400


@pytest.mark.parametrize(
    ("path", "most"), [("/r/x/delete", 64 * 1024), ("/api/v1/views", 64 * 1024), ("/report", FORM)]
)
@pytest.mark.parametrize("pieces", [False, True])
def test_how_long_a_body_may_be_is_told_by_its_address(house: House, path: str, most: int, pieces: bool) -> None:
    def sent(length: int) -> int:
        body, kind = b"a=" + b"a" * (length - 2), "application/x-www-form-urlencoded"
        return house.ask("POST", path, iter([body]) if pieces else body, [("Content-Type", kind)])[0]

    assert (sent(most) == 413, sent(most + 1) == 413) == (False, path != "/api/v1/views")


def test_more_is_announced_than_an_address_takes_and_none_of_it_is_waited_for(house: House) -> None:
    assert answer(begun(house, "/r/x/delete", says=100_000, sends=0))[0] == 413
    assert answer(begun(house, "/api/v1/reports", says=100_000, sends=0))[0] == 413


def begins(house: House, request: bytes, *, source: tuple[str, int] | None = None) -> bytes:
    """With what it is answered, also if not all of it is read."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=60, source_address=source) as connection:
        with suppress(OSError):
            connection.sendall(request)
        return connection.recv(12)


def test_http_2_in_which_a_byte_repeats_a_header_is_not_spoken(house: House) -> None:
    settings = b"\0\0\0\x04\0\0\0\0\0"
    assert begins(house, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings) == b"HTTP/1.1 400"


@pytest.mark.parametrize(("headers", "length"), [(1, 100_000), (90, 1000), (90_000, 1), (200, 1)])
def test_headers_that_nobody_needs_are_not_read(house: House, headers: int, length: int) -> None:
    head = "".join(f"X-{number}: {'a' * length}\r\n" for number in range(headers))
    assert begins(house, f"GET /healthz HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode()) == b"HTTP/1.1 431"


def test_a_long_head_is_not_read_behind_another_request_either(house: House) -> None:
    heard = talk(house, asked("/healthz") + asked("/healthz", f"Cookie: {'a' * 120_000}"), until_closed=True)
    assert heard.count(b"HTTP/1.1 200") <= 1


def test_headers_and_an_address_as_long_as_browsers_send_them_are_read(house: House) -> None:
    cookies = [("Cookie", f"{number}={'a' * 4000}") for number in range(5)]
    assert house.ask("GET", f"/?{'a' * 8000}", headers=cookies)[0] == 200


def talk(house: House, *said: bytes, until_closed: bool = False) -> bytes:
    """All that the other side answers: until it hangs up, or has answered as often as it was asked."""
    heard = b""
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as connection:
        for words in said:
            connection.sendall(words)
        while until_closed or heard.count(b"HTTP/1.1 ") < len(said) or not heard.endswith(LAST):
            if not (piece := connection.recv(65536)):
                break
            heard += piece
    return heard


LAST = b"}\n"


def asked(path: str, *more: str, method: str = "GET", body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if method == "POST" else []
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *more, *length, "", ""]).encode() + body


def viewed(house: House, *more: str) -> bytes:
    headers = [f"{name}: {value}" for name, value in house.browser()]
    return asked("/api/v1/views", *headers, *more, method="POST", body=house.body())


def test_who_does_not_end_a_request_or_keeps_quiet_after_an_answer_is_hung_up_on(house: House) -> None:
    assert talk(house, b"GET /healthz HTTP/1.1\r\nHost: x\r\n", until_closed=True) == b""
    assert talk(house, b"GET", until_closed=True) == b""
    assert talk(house, asked("/healthz"), until_closed=True).startswith(b"HTTP/1.1 200")
    assert talk(house, until_closed=True) == talk(house, b"\r\n", until_closed=True) == b""
    late = talk(house, viewed(house)[:-1], until_closed=True)
    assert (late[:12], b"connection: close" in late) == (b"HTTP/1.1 408", True)


def test_who_asks_ahead_is_answered_in_turn(house: House) -> None:
    said = [viewed(house), asked("/healthz"), viewed(house), asked("/api/v1/nothing"), viewed(house)]
    heard = talk(house, b"".join(said), until_closed=True)
    assert re.findall(rb"HTTP/1.1 (\d+)", heard) == [b"200", b"200", b"200", b"404", b"200"]
    assert re.findall(rb'"report"|"status"', heard) == [b'"report"', b'"status"', b'"report"', b'"status"', b'"report"']


def test_who_asks_on_and_on_without_an_answer_is_hung_up_on(house: House) -> None:
    heard = talk(house, viewed(house) + asked("/healthz") * 1000, until_closed=True)
    assert heard.count(b"HTTP/1.1 200") <= MOST_AHEAD + 1
    assert house.view()[0] == 200


def test_a_body_that_waits_to_be_asked_for_is_asked_for(house: House) -> None:
    head, _, body = viewed(house, "Expect: 100-continue").partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "more", [["Origin: https://news.example"], ["Content-Length: 5"], ["Transfer-Encoding: chunked"]]
)
def test_what_a_request_says_twice_is_read_with_care(house: House, more: list[str]) -> None:
    assert talk(house, viewed(house, *more), until_closed=True)[:12] in {b"HTTP/1.1 403", b"HTTP/1.1 400"}


@pytest.mark.parametrize(
    "line", ["GET * HTTP/1.1", "CONNECT x:443 HTTP/1.1", "GET x HTTP/1.1", "G\x01T / HTTP/1.1", "GET /"]
)
def test_what_is_no_request_is_refused(house: House, line: str) -> None:
    assert begins(house, f"{line}\r\nHost: x\r\n\r\n".encode()) in {b"HTTP/1.1 400", b""}
    assert house.view()[0] == 200


def test_an_address_without_a_path_is_that_of_the_whole(house: House) -> None:
    assert begins(house, asked("http://x")) == begins(house, asked("/"))


def in_pieces(house: House, *trailers: str) -> bytes:
    headers = [f"{name}: {value}" for name, value in house.browser()]
    head = ["POST /api/v1/views HTTP/1.1", "Host: x", *headers, "Transfer-Encoding: chunked", "", ""]
    body = house.body()
    return "\r\n".join(head).encode() + b"%x\r\n%s\r\n0\r\n" % (len(body), body) + "\r\n".join(trailers).encode()


def test_what_stands_after_a_body_is_no_header(house: House) -> None:
    heard = talk(house, in_pieces(house, "Origin: https://other.example", "", ""))
    assert (heard[:12], b'"report"' in heard) == (b"HTTP/1.1 200", True)


def test_what_stands_after_a_body_is_not_read_without_end(house: House) -> None:
    for trailers in ([f"X-{at}: {'a' * 1000}" for at in range(1000)], ["X: " + "a" * 1_000_000]):
        with suppress(ConnectionResetError):
            assert begins(house, in_pieces(house, *trailers)) == b""
    assert house.view()[0] == 200


def test_who_speaks_http_1_0_is_answered_and_hung_up_on(house: House) -> None:
    heard = talk(house, viewed(house).replace(b"HTTP/1.1", b"HTTP/1.0"), until_closed=True)
    assert (heard[:12], b'"report"' in heard) == (b"HTTP/1.1 200", True)


def test_an_answer_that_nobody_waits_for_harms_nobody(house: House) -> None:
    for words in (viewed(house), asked("/api/openapi.json"), viewed(house)[:-1]):
        with socket.create_connection(("127.0.0.1", house.port), timeout=60) as connection:
            connection.sendall(words)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert house.view()[0] == 200


def test_who_offers_another_protocol_is_answered_in_this_one(house: House) -> None:
    offer = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"]
    both = viewed(house, *offer) * 2 + asked("/healthz")
    assert talk(house, both, until_closed=True).count(b"HTTP/1.1 200") == 3
    for words in (viewed(house, *offer), asked("/healthz", *offer), viewed(house, *offer) + asked("/healthz")):
        assert set(re.findall(rb"HTTP/1.1 (\d+)", talk(house, words, until_closed=True))) == {b"200"}


def test_what_follows_a_request_and_is_none_passes_for_no_answer_to_it(house: House) -> None:
    heard = talk(house, asked("/api/openapi.json") + b"\0\0\0", until_closed=True)
    assert b"400" not in heard[:20]
