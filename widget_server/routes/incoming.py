"""Bodies as they come in over a connection: none for ever, and not all of the memory full of them.

A short body is only timed: as many of them as there may be connections take little. Of longer ones it is counted what
has come, so that who only announces much keeps nobody out; and from whom, so that no single asker does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from widget_server.routes.errors import Problem
from widget_server.routes.shares import Share

SHORT = 4 * 1024
"""Bytes up to which a body is not counted."""
MOST_HELD = 64 * 1024 * 1024
"""Bytes of longer bodies that one process holds at a time, from the first that comes to the end of the answer."""
SECONDS, LOOKS = 30, 6
"""How long a body may take, and in how many parts of this time it is looked who takes longer."""
RETRY_SECONDS = 10

LATE = "The body did not come in time. Send it again."
FULL = "Very many long requests come in at the moment. Send it again soon."


Receive = Callable[[], Awaitable[Any]]
"""The other side of a request, as ASGI has it."""


class Gone(Exception):
    """The other side has hung up."""


async def pieces(receive: Receive) -> AsyncIterator[bytes]:
    """A body as it comes. Raises Gone."""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        yield message["body"]
        more = message["more_body"]


class Incoming:
    """All bodies that come in at a time, in one loop."""

    loop: asyncio.AbstractEventLoop | None = None
    """None: the running one."""

    def __init__(self) -> None:
        self._held, self._looks = Share(MOST_HELD), 0
        self._reading: dict[Any, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def short(self, receive: Receive) -> bytes:
        """A body that is said to be SHORT. Raises Problem: 408 if it does not come in time."""
        return await self._timed(self._whole(receive))

    async def long(self, receive: Receive, *, most: int, who: str) -> bytes:
        """A body of any length, up to a little more than `most`. Raises Problem: 408, or 503 if too much comes in.

        If it turns out longer than SHORT, it counts until it is let go.
        """
        return await self._timed(self._counted(receive, most, who))

    def let_go(self, body: bytes, who: str) -> None:
        """Nobody needs this body any more, which came from there."""
        if len(body) > SHORT:
            self._held.give_back(len(body), who)

    async def _timed(self, reading: Awaitable[bytes]) -> bytes:
        task = asyncio.current_task(self.loop)
        self._reading[task] = self._looks
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECONDS / LOOKS, self._look)
        try:
            return await reading
        except asyncio.CancelledError:
            if task is None or task in self._reading:
                raise
            task.uncancel()
            raise Problem(408, LATE) from None
        finally:
            self._reading.pop(task, None)

    @staticmethod
    async def _whole(receive: Receive) -> bytes:
        return b"".join([piece async for piece in pieces(receive)])

    async def _counted(self, receive: Receive, most: int, who: str) -> bytes:
        body, counted = bytearray(), 0
        try:
            async for piece in pieces(receive):
                if len(body) + len(piece) > SHORT and not self._held.has(len(piece), who):
                    raise Problem(503, FULL, retry_after=RETRY_SECONDS)
                body += piece
                self._held.take(len(piece), who)
                counted = len(body)
                if counted > most:
                    break
            if counted > SHORT:
                counted = 0  # until it is let go
            return bytes(body)
        finally:
            self._held.give_back(counted, who)

    def _look(self) -> None:
        self._looks += 1
        for task in [task for task, since in self._reading.items() if self._looks - since > LOOKS]:
            del self._reading[task]
            task.cancel()
        again = asyncio.get_running_loop().call_later
        self._timer = again(SECONDS / LOOKS, self._look) if self._reading else None
