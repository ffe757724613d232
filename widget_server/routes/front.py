"""The server's front door: one loop, and threads behind it.

What is answered from memory is answered in the loop, and a view waits there for its commit: handing each of them to a
thread and back costs more than all the rest. Everything else is the WSGI application's, in a thread of its own.
"""

import asyncio
import contextlib
import gc
import io
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from widget_server import crashes, storage
from widget_server.routes import incoming
from widget_server.routes.answers import Answer
from widget_server.routes.bodies import REFUSED, most
from widget_server.routes.connection import Connection
from widget_server.routes.current import Kept, asker, is_proxy
from widget_server.routes.environ import environ_of
from widget_server.routes.errors import Problem
from widget_server.routes.incoming import SHORT, Gone, Incoming, Receive
from widget_server.routes.lanes import Lanes
from widget_server.routes.shares import Share
from widget_server.routes.whole import Long, answer_of, failed
from widget_server.rules.viewers import seen_from
from widget_server.storage.apart import Apart
from widget_server.storage.months import Outdated
from widget_server.storage.viewers import Impressions
from widget_server.storage.writer import Busy

RARELY = 10_000, 20, 20
"""How often the interpreter looks for cycles: requests leave none, and what was loaded at the start stays."""

Told = Callable[[Answer | None], None]
log = logging.getLogger("widget_server")


class Front:
    """A WSGI application behind a loop. `threads`: how many requests may be with it at a time."""

    connection = Connection
    usual: frozenset[bytes] = frozenset()
    """Addresses of which the usual request is answered at once."""

    def __init__(self, application: WSGIApplication, *, threads: int) -> None:
        self._application = application
        self._incoming = Incoming()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def begin(self, connections: Collection[Connection], *, most: int) -> None:
        """In the loop, before the first request. `connections`: all that there are at a time, `most` that may be."""
        # To ask for it is a call to the system each time.
        self._loop = self._incoming.loop = asyncio.get_running_loop()
        self._connections, self.room = connections, Share(most)
        self._look()
        gc.freeze()
        gc.set_threshold(*RARELY)

    def end(self) -> None:
        self._threads.shutdown()

    def whose(self, peer: str) -> str | None:
        """Who shares what one may have of connections; None: a proxy, through which many come."""
        return peer or None

    def asker(self, environ: WSGIEnvironment) -> str:
        """Who sends a request, whoever hands it on."""
        return str(environ["REMOTE_ADDR"])

    def is_usual(self, environ: WSGIEnvironment) -> bool:
        """Whether a request to one of `usual` can be handed to `hurry` once its body is there."""
        return False

    def hurry(self, environ: WSGIEnvironment, body: bytes, told: Told) -> None:
        """Tell the answer as soon as there is one; None: all this takes a thread."""
        told(None)

    def late(self, environ: WSGIEnvironment) -> Answer | None:
        """What is told of a usual request whose body does not come."""
        return None

    def from_memory(self, environ: WSGIEnvironment) -> Answer | None:
        """The answer to what needs no body."""
        return None

    async def __call__(self, scope: Any, receive: Receive, send: Callable[[Any], Any]) -> None:
        """As ASGI calls an application."""
        try:
            await self._answered(environ_of(scope), receive, _Sender(scope, send))
        except Gone:
            pass
        except Exception as error:
            log.error("unexpected error\n%s", crashes.told(error))
            raise

    async def _answered(self, environ: WSGIEnvironment, receive: Receive, sender: "_Sender") -> None:
        body = b""
        try:
            answer = self.from_memory(environ)
            if answer is None:
                body = await self._body(environ, receive)
                if environ["PATH_INFO"].encode("latin-1") in self.usual and self.is_usual(environ):
                    answer = await self._at_once(environ, body)
            if answer is not None:
                await sender.send(answer)
                return
            environ["wsgi.input"] = io.BytesIO(body)
            await self._in_a_thread(environ, sender)
        except Problem as problem:  # in reading: whatever the application refuses, it answers
            await self._in_a_thread({**environ, "wsgi.input": io.BytesIO(), REFUSED: problem}, sender)
        finally:
            if body:
                self._incoming.let_go(body, self.asker(environ))

    def _look(self) -> None:
        now = self._loop.time()
        for connection in tuple(self._connections):
            connection.look(now)
        self._loop.call_later(incoming.SECONDS / incoming.LOOKS, self._look)

    async def _at_once(self, environ: WSGIEnvironment, body: bytes) -> Answer | None:
        answer: asyncio.Future[Answer | None] = self._loop.create_future()
        self.hurry(environ, body, lambda found: None if answer.done() else answer.set_result(found))
        return await answer

    def _thread(self, work: Callable[..., Any], *arguments: Any) -> "asyncio.Future[Any]":
        return self._loop.run_in_executor(self._threads, work, *arguments)

    async def _in_a_thread(self, environ: WSGIEnvironment, sender: "_Sender") -> None:
        found: Answer | Long = await self._thread(answer_of, self._application, environ)
        if isinstance(found, Answer):
            await sender.send(found)
            return
        try:
            while await self._thread(found.read):
                pass
            await sender.begin(found.status, found.headers)
            while piece := await self._thread(found.piece):
                await sender.piece(piece)
            await sender.end()
        except Exception as error:
            if found.is_whole:
                raise
            await sender.send(await self._thread(failed, self._application, environ, error))
        finally:
            await self._thread(found.close)

    async def _body(self, environ: WSGIEnvironment, receive: Receive) -> bytes:
        """As much of the body as anybody here takes, and a little more of one that is too long and does not say so."""
        said, longest = environ.get("CONTENT_LENGTH"), most(environ["PATH_INFO"])
        if said is not None:
            if not (said.isascii() and said.isdecimal() and 0 < int(said) <= longest):
                return b""
            incoming = self._incoming
            if int(said) <= SHORT:
                return await incoming.short(receive)
            return await incoming.long(receive, most=longest, who=self.asker(environ))
        if "HTTP_TRANSFER_ENCODING" not in environ:
            return b""
        body = await self._incoming.long(receive, most=longest, who=self.asker(environ))
        environ.pop("HTTP_TRANSFER_ENCODING", None)  # it is in one piece now, and its length is known
        environ["CONTENT_LENGTH"] = str(len(body))
        return body


class Hasty(Front):
    """The front of our own application, which answers what is usual from memory."""

    def __init__(self, lanes: Lanes, *, threads: int) -> None:
        super().__init__(lanes, threads=threads)
        self._lanes, self._writer = lanes, lanes.server.writer
        # Where limits are counted elsewhere, nothing is answered without waiting for it.
        if lanes.server.settings.redis_url is None:
            self.usual = frozenset(path.encode() for path in lanes)

    def begin(self, connections: Collection[Connection], *, most: int) -> None:
        super().begin(connections, most=most)
        if isinstance(self._writer, Apart):
            self._writer.begin(self._loop)
        storage.keep_out()

    def end(self) -> None:
        self._writer.close()  # threads wait for it
        super().end()

    def whose(self, peer: str) -> str | None:
        return None if not peer or is_proxy(peer, self._lanes.server.settings) else seen_from(peer)

    def asker(self, environ: WSGIEnvironment) -> str:
        return asker(environ, self._lanes.server.settings)

    def is_usual(self, environ: WSGIEnvironment) -> bool:
        return self._lanes.is_usual(environ)

    def hurry(self, environ: WSGIEnvironment, body: bytes, told: Told) -> None:
        try:
            found = self._lanes.look(environ, body)
        except storage.NotAtHand:
            found = None
        if isinstance(found, Kept):
            self._keep(environ["PATH_INFO"], found, told)
        else:
            told(found)

    def late(self, environ: WSGIEnvironment) -> Answer | None:
        return self._lanes.refused(environ["PATH_INFO"], Problem(408, incoming.LATE))

    def from_memory(self, environ: WSGIEnvironment) -> Answer | None:
        return self._lanes.shelf.look(environ)

    def _keep(self, path: str, kept: Kept, told: Told) -> None:
        """Tell the answer once it is true."""

        def committed(failure: Exception | None) -> None:
            if isinstance(failure, Outdated):
                told(None)
            elif failure:
                told(self._lanes.refused(path, failure))
            else:
                try:
                    answer = self._lanes.told(path, kept.tell())
                except storage.NotAtHand:
                    later = self._thread(self._tell, path, kept)
                    later.add_done_callback(lambda done: told(done.result()))
                else:
                    told(answer)

        if isinstance(self._writer, Apart):
            self._writer.stored(kept.item, committed)
        else:
            stored = self._thread(self._stored, kept.item)
            stored.add_done_callback(lambda done: committed(done.result()))

    def _stored(self, item: Impressions) -> Exception | None:
        try:
            self._writer.store(item)
        except (Busy, storage.DatabaseError) as error:
            return error
        return None

    def _tell(self, path: str, kept: Kept) -> Answer:
        try:
            with contextlib.suppress(storage.DatabaseError):  # it is stored, and has to be answered so
                storage.begin()
            return self._lanes.told(path, kept.tell())
        except Exception as error:  # noqa: BLE001 (as Flask would, which is not asked)
            return self._lanes.refused(path, error)
        finally:
            storage.end()


class _Sender:
    """The way back. Raises Gone once nobody is there any more."""

    def __init__(self, scope: Any, send: Callable[[Any], Any]) -> None:
        self._connection: Connection = scope["connection"]
        self._cycle = scope["cycle"]
        self._is_head = scope["method"] == "HEAD"
        self._send = send

    async def send(self, answer: Answer) -> None:
        await self._connection.flow.drain()
        if not self._cycle.disconnected and not self._connection.transport.is_closing():
            self._connection.write(self._cycle, answer, bare=self._is_head)

    async def begin(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        told = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": told})

    async def piece(self, piece: bytes) -> None:
        if self._connection.transport.is_closing():
            raise Gone
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})
