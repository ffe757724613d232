"""The server's front door, as granian opens it (RSGI): one loop, and threads behind it.

What is answered from memory is answered in the loop, and a view waits there for its commit: handing each of them to a
thread and back costs more than all the rest. Everything else is the WSGI application's, in a thread of its own.
"""

import asyncio
import contextlib
import gc
import io
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Protocol
from wsgiref.types import WSGIApplication, WSGIEnvironment

from widget_server import crashes, storage
from widget_server.routes.answers import Answer
from widget_server.routes.bodies import LONGEST, REFUSED, most
from widget_server.routes.current import Kept
from widget_server.routes.errors import Problem, problem
from widget_server.routes.incoming import SHORT, Incoming
from widget_server.routes.lanes import Lanes
from widget_server.storage.months import MonthClosed

AT_ONCE = 256 * 1024
"""Bytes of an answer that are put together in memory, and go out at once; a longer one is put together on the disk."""

RARELY = 10_000, 20, 20
"""How often the interpreter looks for cycles: requests leave none, and what was loaded at the start stays."""

log = logging.getLogger("widget_server")


class Scope(Protocol):
    """What granian tells of a request."""

    proto: str
    client: str
    server: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Any


class Front:
    """`threads`: how many requests may be with the application at a time."""

    def __init__(self, application: Lanes, *, threads: int) -> None:
        self._application, self._shelf, self._server = application, application.shelf, application.server
        self._incoming = Incoming()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        # Where limits are counted elsewhere, nothing is answered without waiting for it.
        self._hurries = self._server.settings.redis_url is None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = self._incoming.loop = loop  # to ask for it is a call to the system each time
        storage.keep_out()
        gc.freeze()
        gc.set_threshold(*RARELY)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        self._threads.shutdown()
        self._server.writer.close()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        body, incoming = None, self._incoming
        try:
            if self._hurries and scope.path in self._application:
                environ = _glance(scope)
                if self._application.is_usual(environ):
                    is_short = int(environ["CONTENT_LENGTH"]) <= SHORT
                    body = await (incoming.short(protocol) if is_short else incoming.long(protocol, most=LONGEST))
                    if (answer := await self._at_once(environ, body)) is not None:
                        _send(protocol, answer)
                        return
            environ = _environ(scope)
            if (answer := self._shelf.look(environ)) is not None:
                _send(protocol, answer)
                return
            if body is None:
                body = await _body(environ, protocol, incoming)
            environ["wsgi.input"] = io.BytesIO(body)
            await self._in_a_thread(environ, protocol)
        except Problem as problem:  # in reading: whatever the application refuses, it answers
            await self._in_a_thread({**_environ(scope), "wsgi.input": io.BytesIO(), REFUSED: problem}, protocol)
        finally:
            if body:
                incoming.let_go(body)

    async def _at_once(self, environ: WSGIEnvironment, body: bytes) -> Answer | None:
        try:
            found = self._application.look(environ, body)
        except storage.NotAtHand:
            return None
        if not isinstance(found, Kept):
            return found
        path = environ["PATH_INFO"]
        try:
            await self._server.writer.stored(found.item, self._loop)
        except MonthClosed:
            return None
        except Exception as error:  # noqa: BLE001 (as Flask would, which is not asked)
            return self._application.refused(path, error)
        try:
            return self._application.told(path, found.tell())
        except storage.NotAtHand:
            return await self._thread(self._tell, path, found)

    def _tell(self, path: str, kept: Kept) -> Answer:
        try:
            with contextlib.suppress(storage.DatabaseError):  # it is stored, and has to be answered so
                storage.begin()
            return self._application.told(path, kept.tell())
        except Exception as error:  # noqa: BLE001 (as Flask would, which is not asked)
            return self._application.refused(path, error)
        finally:
            storage.end()

    def _thread(self, work: Callable[..., Any], *arguments: Any) -> "asyncio.Future[Any]":
        return self._loop.run_in_executor(self._threads, work, *arguments)

    async def _in_a_thread(self, environ: WSGIEnvironment, protocol: Any) -> None:
        found: Answer | _Long = await self._thread(_call, self._application, environ)
        if isinstance(found, Answer):
            _send(protocol, found)
            return
        try:
            while await self._thread(found.read):
                pass
            transport = protocol.response_stream(found.status, found.headers)
            while piece := await self._thread(found.piece):
                await transport.send_bytes(piece)
        except Exception as error:
            if found.is_whole:
                raise
            _send(protocol, await self._thread(_failed, self._application, environ, error))
        finally:
            await self._thread(found.close)


class _Long:
    """An answer of any length. It goes out once all of it is there: of one that is cut nobody could see that it is.

    Read a part at a time, so that several that are read at once share the threads.
    """

    def __init__(
        self, status: int, headers: list[tuple[str, str]], begun: bytes, rest: Iterator[bytes], pieces: Iterable[bytes]
    ) -> None:
        self.status, self._headers, self._rest, self._pieces = status, headers, rest, pieces
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (close does)
        self._file.write(begun)
        self.is_whole = False

    @property
    def headers(self) -> list[tuple[str, str]]:
        kept = [(name, value) for name, value in self._headers if name.lower() != "content-length"]
        return [*kept, ("Content-Length", str(self._length))]

    def read(self) -> bool:
        """Whether there may be more to read."""
        ends = self._file.tell() + AT_ONCE
        for piece in self._rest:
            self._file.write(piece)
            if self._file.tell() > ends:
                return True
        self._length = self._file.tell()
        self._file.seek(0)
        self.is_whole = True
        return False

    def piece(self) -> bytes:
        return self._file.read(AT_ONCE)

    def close(self) -> None:
        self._file.close()
        _close(self._pieces)


class _Start:
    """The application's start_response."""

    def __init__(self) -> None:
        self.status, self.headers = 500, list[tuple[str, str]]()

    def __call__(self, status: str, headers: list[tuple[str, str]], _error: Any = None, /) -> Callable[[bytes], object]:
        self.status, self.headers = int(status.split(" ", 1)[0]), headers
        return _no_writing


def _no_writing(_data: bytes) -> object:
    raise NotImplementedError("Give what is answered back, do not write it.")


def _call(application: WSGIApplication, environ: WSGIEnvironment) -> "Answer | _Long":
    """The application's answer: put together if it is short."""
    started = _Start()
    pieces: Iterable[bytes] = ()
    try:
        pieces = application(environ, started)
        begun, rest = b"", iter(pieces)
        for piece in rest:
            begun += piece
            if len(begun) > AT_ONCE:
                return _Long(started.status, started.headers, begun, rest, pieces)
        _close(pieces)
    except Exception as error:  # noqa: BLE001 (it is told, and answered)
        _close(pieces)
        if started.headers:
            return _failed(application, environ, error)
        log.error("unexpected error\n%s", crashes.told(error))
        return Answer(500, [], HTTPStatus(500).phrase.encode())
    return Answer(started.status, started.headers, begun)


def _failed(application: WSGIApplication, environ: WSGIEnvironment, error: Exception) -> Answer:
    """What failed after its beginning, as the application answers what it refuses."""
    started = _Start()
    pieces = application({**environ, REFUSED: problem(error, at=environ["PATH_INFO"])}, started)
    return Answer(started.status, started.headers, b"".join(pieces))


def _close(pieces: Any) -> None:
    if close := getattr(pieces, "close", None):
        close()


def _send(protocol: Any, answer: Answer) -> None:
    if answer.content:
        protocol.response_bytes(answer.status, answer.headers, answer.content)
    else:
        protocol.response_empty(answer.status, answer.headers)


async def _body(environ: WSGIEnvironment, protocol: Any, incoming: Incoming) -> bytes:
    """As much of the body as anybody here takes, and a little more of one that is too long and does not say so."""
    said, longest = environ.get("CONTENT_LENGTH"), most(environ["PATH_INFO"])
    if said is not None:
        if not (said.isascii() and said.isdecimal() and 0 < int(said) <= longest):
            return b""
        return await (incoming.short(protocol) if int(said) <= SHORT else incoming.long(protocol, most=longest))
    if "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    body = await incoming.long(protocol, most=longest)
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # it is in one piece now, and its length is known
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


_EVERY = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def _glance(scope: Scope) -> WSGIEnvironment:
    """As much of the request as what is usual needs."""
    header = scope.headers.get
    environ: WSGIEnvironment = {key: value for name, key in _GLANCED if (value := header(name)) is not None}
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = scope.path
    environ["QUERY_STRING"] = scope.query_string
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    if "HTTP_X_FORWARDED_FOR" in environ:  # a proxy may have added a line of its own
        lines = [value for name, value in scope.headers.items() if name == "x-forwarded-for"]
        environ["HTTP_X_FORWARDED_FOR"] = ",".join(lines)
    return environ


def _environ(scope: Scope) -> WSGIEnvironment:
    """The request as WSGI tells it."""
    environ: WSGIEnvironment = _EVERY.copy()
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # it would pass for another one's
        key = _KEYS.get(name) or _key(name)
        if key in environ:
            value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
        environ[key] = value
    host, _, port = scope.server.rpartition(":")
    path = scope.path
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = path if path.isascii() else path.encode().decode("latin-1")
    environ["QUERY_STRING"] = scope.query_string
    environ["SERVER_NAME"], environ["SERVER_PORT"] = host.strip("[]"), port
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    environ["wsgi.url_scheme"] = scope.scheme
    if scope.authority and "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority
    return environ


_GLANCED = [
    ("content-type", "CONTENT_TYPE"),
    ("content-length", "CONTENT_LENGTH"),
    ("content-encoding", "HTTP_CONTENT_ENCODING"),
    ("origin", "HTTP_ORIGIN"),
    ("user-agent", "HTTP_USER_AGENT"),
    ("x-forwarded-for", "HTTP_X_FORWARDED_FOR"),
    ("sec-purpose", "HTTP_SEC_PURPOSE"),
    ("purpose", "HTTP_PURPOSE"),
    ("authorization", "HTTP_AUTHORIZATION"),
    ("accept", "HTTP_ACCEPT"),
]
"""Headers that the lanes of routes/api look at."""

_KEYS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def _key(name: str) -> str:
    key = "HTTP_" + name.upper().replace("-", "_")
    if len(_KEYS) < 1000 and len(name) <= 64:
        _KEYS[name] = key
    return key
