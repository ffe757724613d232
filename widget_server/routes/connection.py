"""A reader's connection: uvicorn's, bounded, and with a short way for what is usual.

uvicorn starts a task for each request and hands what comes and goes from one to the other. What the front answers from
memory needs none of it: the whole request is here, and so is its answer a moment later.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from wsgiref.types import WSGIEnvironment

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from widget_server.routes import incoming
from widget_server.routes.answers import Answer
from widget_server.routes.environ import Headers, glance

Header = tuple[bytes, bytes]

HEADER_BYTES, HEADERS = 32 * 1024, 100
"""How long a request's line and headers may be, by and large, and how many headers it may have."""
MOST_AHEAD = 16
"""Requests that may be sent before the one before them is answered. Browsers and proxies send none."""
QUIET_SECONDS = 30
"""How long a connection stays that asks for nothing."""


class TooMuch(Exception):
    """More than anybody sends who wants an answer."""


class Request(NamedTuple):
    method: bytes
    url: bytes
    headers: Headers
    keep_alive: bool

    @property
    def expects(self) -> bool:
        """Whether its body is sent once it is asked for."""
        return any(name == b"expect" and value.lower() == b"100-continue" for name, value in self.headers)


class _Nobody:
    """Waits for no message."""

    def set(self) -> None: ...


class _Usual:
    """A usual request, in the place of uvicorn's cycle."""

    message_event = _Nobody()

    def __init__(self, request: Request, environ: WSGIEnvironment) -> None:
        self.request, self.environ, self.body = request, environ, bytearray()
        self.keep_alive, self.more_body = True, True
        self.response_complete = self.disconnected = False


class Connection(HttpToolsProtocol):
    """`self.app` is a routes.front.Front."""

    cycle: Any

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.url, self._began, self._quiet, self._in_head = b"", 0.0, self.loop.time(), False
        # Bytes since a head, a piece of a body or a request was over; those of the longest read of this head.
        self._fed = self._read = 0
        self._whole: _Usual | None = None
        self._client = self.client[0] if self.client else ""
        self._who = self.app.whose(self._client)
        if not self.app.room.has(1, self._who):
            transport.close()
        self.app.room.take(1, self._who)

    def connection_lost(self, exc: Exception | None) -> None:
        self.app.room.give_back(1, self._who)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        size = len(data)
        self._read = max(self._read, size) if self._in_head else size
        self._fed += size
        try:
            while data:
                try:
                    self.parser.feed_data(data)
                    break
                except httptools.HttpParserUpgrade as offer:
                    data = self._declined(data[offer.args[0] :])
        except httptools.HttpParserError as error:
            self._refuse(431 if isinstance(error.__context__, TooMuch) else 400)
            return
        if self._fed > HEADER_BYTES:
            self._refuse(431)  # a head, or what stands between pieces of a body, after it, or between requests
        if usual := self._whole:
            self._whole = None
            self.app.hurry(usual.environ, bytes(usual.body), lambda answer: self._answer(usual, answer))

    def _declined(self, rest: bytes) -> bytes:
        """Another protocol was offered with a request, whose body the parser leaves alone: what to read as if it was
        not.
        """
        head = [self.parser.get_method() + b" " + self.url + b" HTTP/1.1"]
        head += [name + b": " + value for name, value in self.headers if name not in (b"upgrade", b"http2-settings")]
        self.parser = httptools.HttpRequestParser(self)
        return b"\r\n".join((*head, b"", b"")) + rest

    def _refuse(self, status: int) -> None:
        """Hang up, with the reason unless another answer is still to come: it would pass for that one."""
        if not self.transport.is_closing() and self._is_free:
            self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()

    @property
    def _is_free(self) -> bool:
        """Whether all is answered that was asked before."""
        return self.cycle is None or self.cycle.response_complete

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_AHEAD:
            raise TooMuch
        self.url, self.headers = b"", []
        self._in_head, self._began, self._quiet = True, self.loop.time(), 0.0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # what stands after a body is whose word it is: no proxy's
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        headers, parser = self.headers, self.parser
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                raise ValueError
            return
        fed, self._fed, self._in_head = self._fed + self._read, 0, False
        if len(headers) > HEADERS or (
            fed > HEADER_BYTES
            and len(self.url) + sum(len(name) + len(value) + 4 for name, value in headers) > HEADER_BYTES
        ):
            raise TooMuch
        keeps, is_free = parser.should_keep_alive(), self._is_free
        request = Request(parser.get_method(), self.url, headers, keeps)
        if is_free and keeps and request.url in self.app.usual and request.method == b"POST":
            environ = glance(request.url, headers, self._client)
            if environ and self.app.is_usual(environ) and self._is_short(environ):
                self.cycle = _Usual(request, environ)
                return
        if parser.get_http_version() not in ("1.0", "1.1") or request.url.startswith(b"*"):
            raise ValueError
        self.cycle = self._cycle(request)
        if is_free:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _is_short(self, environ: WSGIEnvironment) -> bool:
        return int(environ["CONTENT_LENGTH"]) <= incoming.SHORT and not self.flow.write_paused

    def _cycle(self, request: Request) -> RequestResponseCycle:
        target = httptools.parse_url(request.url)
        scope: Any = {
            "type": "http",
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": request.method.decode("ascii"),
            "raw_path": target.path or b"/",
            "query_string": target.query or b"",
            "headers": request.headers,
            "connection": self,
        }
        scope["cycle"] = cycle = RequestResponseCycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=request.expects,
            keep_alive=request.keep_alive,
            on_response=self.on_response_complete,
        )
        return cycle

    def on_body(self, body: bytes) -> None:
        self._fed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._in_head:
            return  # see _declined
        self._began, self._fed = 0.0, 0
        self._rest()
        cycle = self.cycle
        if type(cycle) is not _Usual:
            super().on_message_complete()
        elif not cycle.response_complete:
            self._whole = cycle

    def _answer(self, usual: _Usual, answer: Answer | None) -> None:
        """None: it is not answered from memory, and takes the usual way with all that has come."""
        if self.transport.is_closing():
            return
        if answer is None:
            cycle = self._cycle(usual.request)
            cycle.keep_alive, cycle.more_body = usual.keep_alive, False
            cycle.body += usual.body
            cycle.message_event.set()
            if self.cycle is usual:
                self.cycle = cycle
            self._start_asgi_task(cycle, self.app)
            return
        self.write(usual, answer)

    def write(self, cycle: Any, answer: Answer, *, bare: bool = False) -> None:
        """The whole answer at once. `bare`: to a HEAD, which is told what it would be."""
        head = _head(answer, self.server_state.default_headers, closes=not cycle.keep_alive)
        cycle.response_started = cycle.response_complete = True
        self.transport.write(head if bare else head + answer.content)
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._rest()

    def _rest(self) -> None:
        """If nothing is being asked or answered, it is quiet from now on."""
        if not self._began and self._is_free and not self.pipeline:
            self._quiet = self.loop.time()

    def look(self, now: float) -> None:
        """Hang up on who takes too long to say something, or has said nothing for long since an answer."""
        if self._quiet:
            if now - self._quiet > QUIET_SECONDS:
                self.transport.close()
        elif self._began and now - self._began > incoming.SECONDS:
            if type(self.cycle) is _Usual and not self._in_head and not self.cycle.response_complete:
                self.cycle.keep_alive = False
                self._answer(self.cycle, self.app.late(self.cycle.environ))
            elif self._in_head or self.cycle.response_complete:
                self.transport.close()


def _head(answer: Answer, more: Sequence[Header], *, closes: bool) -> bytes:
    """All but the content, as it goes out. `more`: headers of the server's own."""
    headers = answer.headers
    lines, has_length = _remembered(headers) if isinstance(headers, tuple) else _encoded(headers)
    length = b"" if has_length or answer.status in (204, 304) else b"content-length: %d\r\n" % len(answer.content)
    end = b"connection: close\r\n\r\n" if closes else b"\r\n"
    return b"".join((STATUS_LINE[answer.status], _own(tuple(more)), lines, length, end))


def _encoded(headers: Iterable[tuple[str, str]]) -> tuple[bytes, bool]:
    """Headers as they go out, and whether one of them tells the length."""
    lines = [f"{name}: {value}" for name, value in headers]
    if any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a header of an answer has a second line")
    has_length = any(line[:15].lower() == "content-length:" for line in lines)
    return "".join([line + "\r\n" for line in lines]).encode("latin-1"), has_length


_remembered = lru_cache(100)(_encoded)
"""Those of answers that are all alike: a tuple."""


@lru_cache(10)
def _own(headers: tuple[Header, ...]) -> bytes:
    return b"".join([b"%s: %s\r\n" % header for header in headers])
