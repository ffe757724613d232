"""Many acknowledgements, one commit.

Request threads hand in what is to be stored and wait; one thread stores everything that has come in a single
transaction and lets all go on once it is committed. Nothing is acknowledged before it is durable.
"""

import atexit
import queue
import threading
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from typing import Any, Generic, TypeVar

from peewee import PeeweeException

from widget_server.storage import faults, room
from widget_server.storage.tables import database

Item = TypeVar("Item")
Keep = Callable[[Sequence[Any]], None]

MOST_WAITING = 10_000
MOST_IN_A_COMMIT = 5_000
PATIENCE_SECONDS = 10


class Busy(Exception):
    """Not stored; the sender may try again."""


def commit(items: Sequence[Any], keep: Keep, committed: Keep) -> dict[int, PeeweeException]:
    """Store `items` in one transaction by `keep`, and tell `committed` afterwards. Returns why those failed that did.

    What a conflict or a lost connection undid is stored again; if all fail, they are tried one by one, so that one of
    them cannot fail the others. Of those whose connection is lost for good, or was lost while they were committed,
    nothing is tried again here: they may be there already.
    """
    failure = _committed(items, keep, committed)
    if failure is None:
        return {}
    if len(items) == 1 or faults.lost(failure):
        return dict.fromkeys(range(len(items)), failure)
    alone = ((place, _committed([item], keep, committed)) for place, item in enumerate(items))
    return {place: failure for place, failure in alone if failure}


def _committed(items: Sequence[Any], keep: Keep, committed: Keep) -> PeeweeException | None:
    def transaction() -> None:
        with database.atomic():
            keep(items)

    try:
        database.connect(reuse_if_open=True)
        faults.repeated(transaction)
    except PeeweeException as error:
        database.close()
        room.note(error)
        return error
    committed(items)
    return None


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


class Writer(Generic[Item]):
    """One thread that stores items in batches: see `commit`."""

    def __init__(
        self,
        keep: Keep,
        committed: Keep,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._keep = keep
        self._committed = committed
        self._patience = patience
        self._waiting: queue.SimpleQueue[_Ticket[Item] | None] = queue.SimpleQueue()
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

    def _hand_in(self, ticket: _Ticket[Item]) -> None:
        if self._waiting.qsize() >= MOST_WAITING:
            raise Busy
        self._waiting.put(ticket)
        if self._ended:
            raise Busy

    def close(self) -> None:
        """Store what has been handed in, then stop."""
        if self.alive:
            self._waiting.put(None)
            self._thread.join(PATIENCE_SECONDS)

    def _work(self) -> None:
        try:
            ending = False
            while not ending:
                tickets, ending = self._take()
                self._store(tickets)
        finally:
            self._ended = True

    def _take(self) -> tuple[list[_Ticket[Item]], bool]:
        tickets: list[_Ticket[Item]] = []
        ticket = self._waiting.get()
        while ticket is not None:
            tickets.append(ticket)
            if len(tickets) >= MOST_IN_A_COMMIT:
                break
            try:
                ticket = self._waiting.get_nowait()
            except queue.Empty:
                break
        return tickets, ticket is None

    def _store(self, tickets: list[_Ticket[Item]]) -> None:
        tickets = [ticket for ticket in tickets if ticket.take()]
        if not tickets:
            return
        failures = commit([ticket.item for ticket in tickets], self._keep, self._committed)
        for place, ticket in enumerate(tickets):
            ticket.failure = failures.get(place)
            ticket.done()
