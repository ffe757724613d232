"""Many acknowledgements, one commit.

Request threads hand in what is to be stored and wait; one thread stores everything that has come in a single
transaction and lets all go on once it is committed. Nothing is acknowledged before it is durable.
"""

import asyncio
import atexit
import contextlib
import queue
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from typing import Generic, TypeVar

from peewee import PeeweeException

from widget_server.storage import faults, room
from widget_server.storage.tables import database

Item = TypeVar("Item")

MOST_WAITING = 10_000
MOST_IN_A_COMMIT = 5_000
PATIENCE_SECONDS = 10
COMPANY_SECONDS = 0.001
"""How long the first of a loop's items waits for others. A commit costs the same for one as for many, and the loop goes
on faster while the writer leaves it alone.
"""


class Busy(Exception):
    """Not stored; the sender may try again."""


Told = Callable[[Exception | None], None]
"""Hears once that an item is committed (None), or what went wrong: Busy, or PeeweeException."""


class _Ticket(Generic[Item]):
    """An item on its way: whoever takes it first, the writer or the sender's lost patience, has it."""

    __slots__ = ("_done", "_free", "failure", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.failure: PeeweeException | None = None
        self._free = threading.Lock()
        self._done = threading.Lock()  # an Event would cost several times as much
        self._done.acquire()

    def take(self) -> bool:
        return self._free.acquire(blocking=False)

    def wait(self, seconds: float) -> bool:
        return self._done.acquire(timeout=seconds)

    def done(self) -> None:
        self._done.release()


class _Promise(_Ticket[Item]):
    """An item that somebody in a loop hears of."""

    __slots__ = ("is_over", "loop", "since", "told")

    def __init__(self, item: Item, loop: asyncio.AbstractEventLoop, told: Told) -> None:
        self.item = item
        self.failure = None
        self._free = threading.Lock()
        self.loop, self.told = loop, told
        self.since = loop.time()
        self.is_over = False

    def settle(self) -> None:
        if not self.is_over:
            self.is_over = True
            self.told(self.failure)

    def give_up(self) -> None:
        if not self.is_over:
            self.is_over = True
            self.told(Busy())


class Writer(Generic[Item]):
    """One thread that stores items in batches.

    `keep` stores a batch inside a transaction; `committed` is told of the batch afterwards. A batch that a conflict or
    a lost connection undid is stored again; if one fails, its items are tried one by one, so that one of them cannot
    fail the others. Of a batch whose connection is lost for good, or was lost while it was committed, nothing is tried
    again here: it may be there already.
    """

    def __init__(
        self,
        keep: Callable[[Sequence[Item]], None],
        committed: Callable[[Sequence[Item]], None],
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._keep = keep
        self._committed = committed
        self._patience = patience
        self._gathered: list[_Promise[Item]] = []
        self._promised: deque[_Promise[Item]] = deque()
        self._looks = False
        self._waiting: queue.SimpleQueue[Sequence[_Ticket[Item]] | None] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()
        atexit.register(self.close)
        # Some servers end their workers without atexit.
        Finalize(self, self.close, exitpriority=100)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def store(self, item: Item) -> None:
        """Return once `item` is committed. Raises Busy, or PeeweeException if the database refused it."""
        ticket = _Ticket(item)
        self._hand_in(ticket)
        faults.kept()  # it may be in the database from here on: what this thread does is not done again
        if not ticket.wait(self._patience) and (ticket.take() or not ticket.wait(self._patience)):
            raise Busy
        if ticket.failure:
            raise ticket.failure

    def stored(self, item: Item, loop: asyncio.AbstractEventLoop, told: Told) -> None:
        """As `store`, for who runs in `loop` and may not wait. Raises Busy if there is no room."""
        if self._ended or len(self._promised) >= MOST_WAITING:
            raise Busy
        promise = _Promise(item, loop, told)
        self._gathered.append(promise)
        if len(self._gathered) == 1:
            loop.call_later(COMPANY_SECONDS, self._hand_in_all)
        self._promised.append(promise)
        if not self._looks:
            self._looks = True
            loop.call_later(self._patience, self._look, loop)

    def _hand_in_all(self) -> None:
        gathered, self._gathered = self._gathered, []
        self._waiting.put(gathered)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Whose patience is over gives up, as a thread does: what the writer has taken may take as long again."""
        promised, now = self._promised, loop.time()
        while promised and (promised[0].is_over or now - promised[0].since >= self._patience):
            promise = promised.popleft()
            if promise.is_over:
                continue
            if promise.take():
                promise.give_up()
            else:
                loop.call_later(self._patience, promise.give_up)
        self._looks = bool(promised)
        if promised:
            loop.call_later(promised[0].since + self._patience - now, self._look, loop)

    def _settle(self, promises: list[_Promise[Item]]) -> None:
        for promise in promises:
            promise.settle()
        promised = self._promised
        while promised and promised[0].is_over:
            promised.popleft()

    def _hand_in(self, ticket: _Ticket[Item]) -> None:
        if self._waiting.qsize() >= MOST_WAITING:
            raise Busy
        self._waiting.put((ticket,))
        if self._ended:
            raise Busy

    def close(self) -> None:
        """Store what has been handed in, then stop."""
        self._hand_in_all()
        if self.alive:
            self._waiting.put(None)
            self._thread.join(PATIENCE_SECONDS)

    def _work(self) -> None:
        try:
            ending = False
            while not ending:
                tickets, ending = self._take()
                if tickets:
                    self._store(tickets)
        finally:
            self._ended = True

    def _take(self) -> tuple[list[_Ticket[Item]], bool]:
        tickets: list[_Ticket[Item]] = []
        came = self._waiting.get()
        while came is not None:
            tickets += came
            if len(tickets) >= MOST_IN_A_COMMIT:
                break
            try:
                came = self._waiting.get_nowait()
            except queue.Empty:
                break
        return tickets, came is None

    def _store(self, tickets: list[_Ticket[Item]]) -> None:
        tickets = [ticket for ticket in tickets if ticket.take()]
        if not tickets:
            return
        failure = self._commit([ticket.item for ticket in tickets])
        promised: dict[asyncio.AbstractEventLoop, list[_Promise[Item]]] = defaultdict(list)
        for ticket in tickets:
            if failure:
                alone = len(tickets) == 1 or faults.lost(failure)
                ticket.failure = failure if alone else self._commit([ticket.item])
            if isinstance(ticket, _Promise):
                promised[ticket.loop].append(ticket)
            else:
                ticket.done()
        for loop, promises in promised.items():
            with contextlib.suppress(RuntimeError):  # it has ended: nobody waits any more
                loop.call_soon_threadsafe(self._settle, promises)

    def _commit(self, items: list[Item]) -> PeeweeException | None:
        try:
            database.connect(reuse_if_open=True)
            faults.repeated(lambda: self._transaction(items))
        except PeeweeException as error:
            database.close()
            room.note(error)
            return error
        self._committed(items)
        return None

    def _transaction(self, items: list[Item]) -> None:
        with database.atomic():
            self._keep(items)
