"""The server's front door, as granian opens it (RSGI): one loop, and threads behind it.

What is answered from memory is answered in the loop, and a view waits there for its commit: handing each of them to a
thread and back costs more than all the rest. Everything else is the WSGI application's, in a thread of its own.
"""

import asyncio
import contextlib
import gc
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.types import WSGIEnvironment

from widget_server import storage
from widget_server.routes.answers import Answer
from widget_server.routes.bodies import LONGEST, REFUSED, most
from widget_server.routes.current import Kept
from widget_server.routes.environ import Scope, environ_of, glance
from widget_server.routes.errors import Problem
from widget_server.routes.incoming import SHORT, Incoming
from widget_server.routes.lanes import Lanes
from widget_server.routes.whole import Long, answer_of, failed
from widget_server.storage.months import Outdated

RARELY = 10_000, 20, 20
"""How often the interpreter looks for cycles: requests leave none, and what was loaded at the start stays."""


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
                environ = glance(scope)
                if self._application.is_usual(environ):
                    is_short = int(environ["CONTENT_LENGTH"]) <= SHORT
                    body = await (incoming.short(protocol) if is_short else incoming.long(protocol, most=LONGEST))
                    if (answer := await self._at_once(environ, body)) is not None:
                        _send(protocol, answer)
                        return
            environ = environ_of(scope)
            if (answer := self._shelf.look(environ)) is not None:
                _send(protocol, answer)
                return
            if body is None:
                body = await _body(environ, protocol, incoming)
            environ["wsgi.input"] = io.BytesIO(body)
            await self._in_a_thread(environ, protocol)
        except Problem as problem:  # in reading: whatever the application refuses, it answers
            await self._in_a_thread({**environ_of(scope), "wsgi.input": io.BytesIO(), REFUSED: problem}, protocol)
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
        except Outdated:
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
        found: Answer | Long = await self._thread(answer_of, self._application, environ)
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
            _send(protocol, await self._thread(failed, self._application, environ, error))
        finally:
            await self._thread(found.close)


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
