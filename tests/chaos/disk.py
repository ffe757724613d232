"""The disk has no more room for the database: what is refused, what is acknowledged, and when it goes on.

SQLite: no disk can be filled for one program alone without a right on the machine; but the kernel can be told how long
its files may become (RLIMIT_FSIZE), and refuses each write beyond, in the middle of whatever the database is doing.
PostgreSQL: a small disk of its own (a tmpfs in a mount namespace) is filled to the last byte. It refuses what needs
more room; in every second round its log of writes has to go on as well: then it falls and starts again, by itself or
by whoever watches over it, and meanwhile nothing that it holds can be read either.
"""

import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

from benchmarks.node import family
from tests.chaos.kills import outcome
from tests.chaos.lone import Lone, Readers, on_sqlite, standing
from tests.chaos.small import Confined
from tests.chaos.visitors import Seen, Visitor
from tests.nodes.machines import until
from tests.servers import _folder

ROUNDS, READERS = 5, 4
FULL_SECONDS = 8
ROOM = 32 * 1024
"""Bytes that are left when the trouble begins."""
REFUSED = " 503"


def sqlite(rounds: int = ROUNDS, full_seconds: float = FULL_SECONDS) -> dict:
    with on_sqlite() as lone:
        file = lone.folder / "widget-server.sqlite3"
        return _run(
            lone,
            lambda: _leave(lone, file.stat().st_size + ROOM),
            lambda: _leave(lone, resource.RLIM_INFINITY),
            rounds,
            full_seconds,
        )


def postgresql(rounds: int = ROUNDS, full_seconds: float = FULL_SECONDS) -> dict:
    with on_small_disk() as (lone, database):
        ways = cycle((database.fill, database.exhaust))
        figures = _run(lone, lambda: next(ways)(), database.free, rounds, full_seconds, again=database.fill)
        refused = {what: count for what, count in figures["pages_harmed"].items() if what.endswith(REFUSED)}
        harmed = {what: count for what, count in figures["pages_harmed"].items() if what not in refused}
        return {
            **figures,
            "pages_harmed": harmed,
            "pages_refused": refused,
            "panics": database.logged("PANIC"),
            "database_starts": database.logged("ready to accept connections"),
        }


@contextmanager
def on_small_disk() -> Iterator[tuple[Lone, Confined]]:
    with _folder() as folder:
        database = Confined(folder)
        database.start()
        try:
            with standing(folder, database.ask, {"WIDGET_DATABASE_URL": database.url}) as lone:
                yield lone, database
        finally:
            database.stop()


def _run(
    lone: Lone,
    fill: Callable[[], None],
    free: Callable[[], None],
    rounds: int,
    full_seconds: float,
    *,
    again: Callable[[], None] = lambda: None,
) -> dict:
    """`again`: what keeps it full."""
    assert lone.node.process
    pages, processes = Seen(), [*family(lone.node.process.pid)]
    visitor = Visitor(lone, pages)
    visitor.sign_in()
    visitor.report()
    visitor.static()
    readers, before, recovered, full = Readers(lone, [lone.node.port]), lone.stored(), list[float](), 0.0
    told = Counter[str]()
    with readers.running(READERS):
        for _ in range(rounds):
            readers.more()
            began = time.monotonic()
            fill()
            refused = len(readers.refused)
            until(lambda refused=refused: len(readers.refused) > refused)
            while time.monotonic() < began + full_seconds:
                again()
                for look in (visitor.static, visitor.receipt, visitor.render, visitor.desk):
                    look()
                status, answer = lone.node.readiness()
                told[f"{status} {answer.get('database')}"] += 1
            recovered.append(_given_room(free, readers))
            until(lambda: lone.node.ready)
            full += time.monotonic() - began
        readers.more()
    return {
        "rounds": rounds,
        "seconds_full": full,
        "kinds": {f"{noun} {status or 'broken'}": count for (noun, status), count in sorted(readers.kinds.items())},
        "without_retry_after": readers.without_retry_after,
        "pages": len(pages.waits),
        "pages_harmed": pages.errors,
        "readiness_told": told,
        "recovered_after_most": max(recovered),
        **outcome(readers, before=before),
        "whole": lone.whole(),
        "same_processes": processes == [*family(lone.node.process.pid)],
        "errors_logged": lone.log().count("unexpected error"),
        "refusals_logged": sorted({_nowhere(line) for line in lone.log().splitlines() if "refused" in line}),
    }


def _nowhere(line: str) -> str:
    """Without the address, which is another one each time."""
    return re.sub(r'connection to server at "[^"]+", port \d+ failed: ', "", line)


def _given_room(free: Callable[[], None], readers: Readers) -> float:
    """Seconds from then until something is acknowledged."""
    began = time.monotonic()
    free()
    until(lambda: readers.answered and readers.answered[-1] > began)
    return min(at for at in readers.answered if at > began) - began


def _leave(lone: Lone, size: int) -> None:
    """No file of the server may become longer from now on."""
    assert lone.node.process
    for number in family(lone.node.process.pid):
        hard = resource.prlimit(number, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(number, resource.RLIMIT_FSIZE, (size, hard))
