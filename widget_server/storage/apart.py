"""The writer in a process of its own, beside a worker that serves from a loop.

In one process the two would hold each other up: only one thread of an interpreter works at a time. The worker hands in
what has gathered as soon as the writer has answered what it had before, so that batches grow with what comes, and
nobody waits for company. Worker and writer live and die together.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from widget_server import crashes, storage
from widget_server.storage import changes, faults, months
from widget_server.storage.months import Outdated
from widget_server.storage.tables import base, database
from widget_server.storage.writer import MOST_WAITING, PATIENCE_SECONDS, Busy, Keep, commit

Item = TypeVar("Item")

MOST_IN_A_COMMIT = 500
"""Mostly fewer bytes than a connection holds. Of more, the loop waits until the writer has read, who waits for it."""
LOOK_SECONDS = 1
"""How often it is looked whose patience is over."""
FORGET = b""
"""Sent in place of items: what is over is over in the writer's memory, too."""

GONE = EOFError, BrokenPipeError, ConnectionResetError
"""What tells that the other side is no more."""

Told = Callable[[Exception | None], None]
"""Hears once that an item is committed (None), or what went wrong: Busy, or PeeweeException."""
log = logging.getLogger("widget_server")


class _Promise(NamedTuple):
    item: Any
    told: Told
    until: float


class Apart(Generic[Item]):
    """As writer.Writer, for who runs in a loop: the loop has things `stored`, and threads beside it `store` them.

    `kind`: what the items are, a NamedTuple of plain values. To be made where nothing else is at work yet: the process
    is copied. Raises OSError where it cannot be, or where there is no memory to share a lock.
    """

    alive = True
    """A worker whose writer has died is no more."""

    def __init__(self, kind: type[Item], keep: Keep, committed: Keep) -> None:
        self._gathered: deque[_Promise] = deque()
        self._under_way: list[_Promise] | None = None
        self._encode = msgspec.msgpack.Encoder().encode
        self._looks = self._closed = False
        copying = multiprocessing.get_context("fork")
        storage.leave()
        if not database.for_update:
            base.take_turns(copying.Lock())
        self._writer, worker = copying.Pipe()
        self._process = copying.Process(
            target=_write, args=(worker, self._writer, kind, keep, committed), name="writer"
        )
        self._process.start()
        worker.close()
        Finalize(self, self.close, exitpriority=100)  # a process waits for its copies at its end

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the loop, before the first item."""
        self._loop = loop
        loop.add_reader(self._writer.fileno(), self._hear)
        os.set_blocking(self._writer.fileno(), True)  # which the loop has changed: pieces of a message are waited for
        months.when_closed.append(self._forget)

    def store(self, item: Item) -> None:
        """In a thread: return once `item` is committed. Raises Busy, or PeeweeException if the database refused it."""
        done = threading.Event()
        failures: list[Exception | None] = []

        def told(failure: Exception | None) -> None:
            failures.append(failure)
            done.set()

        try:
            self._loop.call_soon_threadsafe(self.stored, item, told)
        except RuntimeError:  # the loop is over
            raise Busy from None
        faults.kept()  # it may be in the database from here on: what this thread does is not done again
        if not done.wait(3 * PATIENCE_SECONDS):  # the loop was over before it could
            raise Busy
        if failures[0]:
            raise failures[0]

    def stored(self, item: Item, told: Told) -> None:
        """In the loop: tell once `item` is committed, or why not."""
        if self._closed or len(self._gathered) >= MOST_WAITING:
            told(Busy())
            return
        self._gathered.append(_Promise(item, told, self._loop.time() + PATIENCE_SECONDS))
        if self._under_way is None and len(self._gathered) == 1:
            self._loop.call_soon(self._hand_in)
        if not self._looks:
            self._looks = True
            self._loop.call_later(LOOK_SECONDS, self._look)

    def close(self) -> None:
        """Once the loop is over: store what has been handed in, then stop."""
        if self._closed:
            return
        self._closed = True
        if self._forget in months.when_closed:
            months.when_closed.remove(self._forget)
        self._hand_in()
        while self._under_way is not None:
            self._hear()
        self._writer.close()
        self._process.join(PATIENCE_SECONDS)

    def _hand_in(self) -> None:
        if self._under_way is not None or not self._gathered:
            return
        self._under_way = [self._gathered.popleft() for _ in range(min(len(self._gathered), MOST_IN_A_COMMIT))]
        self._say(self._encode([promise.item for promise in self._under_way]))

    def _hear(self) -> None:
        """The writer has answered: what came meanwhile goes to it first, then those who waited are told."""
        try:
            said = self._writer.recv_bytes()
        except GONE:
            log.error("the writer has died, and its worker with it: another begins")
            os._exit(1)
        told, self._under_way = self._under_way or [], None
        self._hand_in()
        failures = self._learned(said) if said else {}
        for place, promise in enumerate(told):
            try:
                promise.told(failures.get(place))
            except Exception as error:  # noqa: BLE001 (the others are told all the same)
                if not self._closed:
                    log.error("what is stored could not be answered\n%s", crashes.told(error))

    @staticmethod
    def _learned(said: bytes) -> dict[int, Exception]:
        """What failed, once this process knows of the rest what the writer knows."""
        failures, sites, lost = pickle.loads(said)  # noqa: S301 (from our own copy)
        for site in sites:
            changes.missed(site)
        if lost:
            faults.tell_lost()
        if any(isinstance(failure, Outdated) for failure in failures.values()):
            months.forget_everywhere()
        return failures

    def _look(self) -> None:
        """Whose patience is over gives up. What the writer has may take as long again, and may be kept after all."""
        now = self._loop.time()
        while self._gathered and self._gathered[0].until <= now:
            self._gathered.popleft().told(Busy())
        if self._under_way and self._under_way[0].until + PATIENCE_SECONDS <= now:
            over, self._under_way = self._under_way, []
            for promise in over:
                promise.told(Busy())
        self._looks = bool(self._gathered or self._under_way)
        if self._looks:
            self._loop.call_later(LOOK_SECONDS, self._look)

    def _forget(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is over, and the writer soon
            self._loop.call_soon_threadsafe(self._say, FORGET)

    def _say(self, what: bytes) -> None:
        with contextlib.suppress(*GONE):  # which is heard
            self._writer.send_bytes(what)


def _write(worker: Connection, own: Connection, kind: type[Any], keep: Keep, committed: Keep) -> None:
    """The writer's life, until its worker hangs up, or has died."""
    own.close()
    for asked_to_stop in (signal.SIGINT, signal.SIGTERM):  # which the worker is, too
        signal.signal(asked_to_stop, signal.SIG_IGN)
    threading.Thread(target=_end_with_worker, name="worker", daemon=True).start()
    with contextlib.suppress(*GONE):
        try:
            _serve(worker, msgspec.msgpack.Decoder(list[kind]).decode, keep, committed)  # type: ignore[valid-type]
        except GONE:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, worker and writer begin anew)
            log.critical("the writer\n%s", crashes.told(error))
            os._exit(1)


def _serve(worker: Connection, decode: Callable[[bytes], Sequence[Any]], keep: Keep, committed: Keep) -> None:
    storage.stay()
    changed: set[int] = set()
    lost: list[bool] = []
    changes.when_missed.append(changed.add)
    faults.when_lost.append(lambda: lost.append(True))
    while True:
        said = worker.recv_bytes()
        if said == FORGET:
            months.forget_everywhere()
            continue
        failures = commit(decode(said), keep, committed)
        news = failures or changed or lost
        worker.send_bytes(pickle.dumps((failures, changed, bool(lost))) if news else b"")
        changed.clear()
        lost.clear()


def _end_with_worker() -> None:
    """At once, in whatever it is: the worker may have died with the turn, and whoever follows it waits for this end."""
    if worker := multiprocessing.parent_process():
        worker.join()
        os._exit(1)
