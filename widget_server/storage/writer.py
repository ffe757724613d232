"""Many acknowledgements, one commit.

Request threads hand in what is to be stored and wait; one thread stores everything that has come in a single
transaction and lets all go on once it is committed. Nothing is acknowledged before it is durable.
"""

import atexit
import queue
import threading
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from typing import Generic, TypeVar

from peewee import PeeweeException

from widget_server.storage.tables import database

Item = TypeVar("Item")

MOST_WAITING = 10_000
MOST_IN_A_COMMIT = 5_000
PATIENCE_SECONDS = 10


class Busy(Exception):
    """Not stored; the sender may try again."""


class _Ticket(Generic[Item]):
    """An item on its way: whoever takes it first, the writer or the sender's lost patience, has it."""

    __slots__ = ("_free", "done", "failure", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.done = threading.Event()
        self.failure: PeeweeException | None = None
        self._free = threading.Lock()

    def take(self) -> bool:
        return self._free.acquire(blocking=False)


class Writer(Generic[Item]):
    """One thread that stores items in batches.

    `keep` stores a batch inside a transaction; `committed` is told of the batch afterwards. If a batch fails, its
    items are tried one by one, so that one of them cannot fail the others.
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
        self._waiting: queue.Queue[_Ticket[Item] | None] = queue.Queue(MOST_WAITING)
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
        try:
            self._waiting.put_nowait(ticket)
        except queue.Full:
            raise Busy from None
        if not self.alive or (not ticket.done.wait(self._patience) and ticket.take()):
            raise Busy
        if not ticket.done.wait(self._patience):
            raise Busy
        if ticket.failure:
            raise ticket.failure

    def close(self) -> None:
        """Store what has been handed in, then stop."""
        if self.alive:
            self._waiting.put(None)
            self._thread.join(PATIENCE_SECONDS)

    def _work(self) -> None:
        while True:
            tickets, ending = self._take()
            if tickets:
                self._store(tickets)
            if ending:
                return

    def _take(self) -> tuple[list[_Ticket[Item]], bool]:
        tickets: list[_Ticket[Item]] = []
        ticket = self._waiting.get()
        while ticket is not None:
            tickets.append(ticket)
            if len(tickets) == MOST_IN_A_COMMIT:
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
        failure = self._commit([ticket.item for ticket in tickets])
        for ticket in tickets:
            if failure:
                ticket.failure = failure if len(tickets) == 1 else self._commit([ticket.item])
            ticket.done.set()

    def _commit(self, items: list[Item]) -> PeeweeException | None:
        try:
            database.connect(reuse_if_open=True)
            with database.atomic():
                self._keep(items)
        except PeeweeException as error:
            database.close()
            return error
        self._committed(items)
        return None
