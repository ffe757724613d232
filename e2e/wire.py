"""The wire between the browsers and our server: carries everything, remembers what pages sent, breaks when told to."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers import free_port

VIEWS, REPORTS = "/api/v1/views", "/api/v1/reports"
PATIENCE = 30


@dataclass
class Sent:
    """What a page sent; `status` is there once the page has its answer."""

    path: str
    bytes: bytes
    status: int | None = None

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.bytes)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def saying(self, body: bytes, kind: str) -> "Answer":
        """The same answer with another body."""
        own = {"content-type", "content-encoding", "content-length", "etag"}
        kept = tuple((name, value) for name, value in self.headers if name.lower() not in own)
        return replace(
            self, status=200, body=body, headers=(*kept, ("Content-Type", kind), ("Content-Length", str(len(body))))
        )


Spoil = Callable[[Answer], Answer]


def login_page(answer: Answer) -> Answer:
    """What a café's network says in place of everybody."""
    return answer.saying(b"<!doctype html><title>Welcome</title><p>Please sign in.", "text/html")


def other_json(answer: Answer) -> Answer:
    return answer.saying(b'{"withdrawn": 7, "decided": [null], "done": true}', "application/json")


def cut_off(answer: Answer) -> Answer:
    """The connection ends in the middle."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


class Record:
    """What pages sent, over every wire, in order."""

    def __init__(self) -> None:
        self.all: list[Sent] = []
        self.changed = threading.Condition()

    def add(self, sent: Sent) -> None:
        with self.changed:
            self.all.append(sent)
            self.changed.notify_all()

    def answered(self, sent: Sent, status: int) -> None:
        with self.changed:
            sent.status = status
            self.changed.notify_all()

    def until(self, found: Callable[[list[Sent]], Any], since: int = 0) -> Any:
        """What `found` finds among all that was sent after `since`; waits until there is something."""
        end = time.monotonic() + PATIENCE
        with self.changed:
            while not (result := found(self.all[since:])):
                if not self.changed.wait(max(0, end - time.monotonic())) and time.monotonic() > end:
                    raise AssertionError(f"not sent yet, only {self.all[since:]}")
            return result


record = Record()


class Wire:
    """Listens at `url`, carries to a port of ours, and back."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.open: set[socket.socket] = set()
        self.up = False
        self.spoils: list[tuple[str, Spoil]] = []
        self.cuts: list[tuple[str, Callable[[], bool]]] = []
        self.port = free_port()  # it is given up and taken again
        self.start()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        wire = self

        class Carry(Carrier):
            of = wire

        self.http, self.up = Listener(("127.0.0.1", self.port), Carry), True
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """From now on connections are refused, and those that stand are cut."""
        self.up = False  # cuts those that were taken just now, and have no thread yet
        self.http.shutdown()
        self.http.server_close()
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def down(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def spoiled(self, spoil: Spoil, *, on: str = "/") -> Iterator[None]:
        """What the server answers below this path is spoiled on its way."""
        self.spoils.append((on, spoil))
        try:
            yield
        finally:
            self.spoils.remove((on, spoil))

    @contextmanager
    def cut(self, when: Callable[[], bool], *, on: str = "/") -> Iterator[None]:
        """What pages ask for below this path does not come to the server, when `when` says so: the connection ends."""
        self.cuts.append((on, when))
        try:
            yield
        finally:
            self.cuts.remove((on, when))

    @contextmanager
    def slow(self, *, on: str = "/") -> Iterator[None]:
        """Answers below this path are held until the block ends."""
        released = threading.Event()

        def hold(answer: Answer) -> Answer:
            released.wait()
            return answer

        try:
            with self.spoiled(hold, on=on):
                yield
        finally:
            released.set()


class Listener(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A browser may hang up whenever it likes."""


class Carrier(BaseHTTPRequestHandler):
    of: Wire
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.of.open.add(self.connection)
        if not self.of.up:
            self.connection.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        self.of.open.discard(self.connection)
        super().finish()

    def carry(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        sent = Sent(path, body)
        if noted := self.command == "POST" and path in (VIEWS, REPORTS):
            record.add(sent)
        if any(path.startswith(on) and when() for on, when in self.of.cuts):
            self.close_connection = True
            return
        try:
            answer = self.ask(body)
        except (OSError, HTTPException):
            self.close_connection = True
            return
        for on, spoil in self.of.spoils:
            if path.startswith(on):
                answer = spoil(answer)
        self.tell(answer)
        if noted:
            record.answered(sent, answer.status)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = carry

    def ask(self, body: bytes) -> Answer:
        server = HTTPConnection("127.0.0.1", self.of.to, timeout=60)
        try:
            server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() != "connection":
                    server.putheader(name, value)
            server.endheaders(body)
            answer = server.getresponse()
            whole = answer.read()
        finally:
            server.close()
        hops = ("connection", "keep-alive", "transfer-encoding", "content-length")
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in hops]
        length = answer.getheader("Content-Length") or (None if answer.status in (204, 304) else str(len(whole)))
        return Answer(answer.status, (*headers, *([("Content-Length", length)] if length else [])), whole)

    def tell(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
            if name == "Content-Length" and self.command != "HEAD" and int(value) > len(answer.body):
                self.close_connection = True
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        pass
