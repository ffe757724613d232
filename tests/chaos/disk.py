"""The disk has no more room for the database: what is refused, what is acknowledged, and when it goes on.

No disk can be filled for one program alone without a right on the machine; but the kernel can be told how long its
files may become (RLIMIT_FSIZE), and refuses each write beyond, in the middle of whatever the database is doing.
On SQLite only: how the server takes what PostgreSQL says of a full disk is tried in `tests/storage/test_pool.py`.
"""

import resource
import time

from benchmarks.node import family
from tests.chaos.kills import outcome
from tests.chaos.lone import Lone, Readers, on_sqlite
from tests.chaos.visitors import Seen, Visitor
from tests.nodes.machines import until

ROUNDS, READERS = 5, 4
FULL_SECONDS = 8
ROOM = 32 * 1024
"""Bytes that are left when the trouble begins."""


def run(rounds: int = ROUNDS, full_seconds: float = FULL_SECONDS) -> dict:
    with on_sqlite() as lone:
        pages = Seen()
        visitor = Visitor(lone, pages)
        visitor.sign_in()
        visitor.report()
        visitor.static()
        readers, before, recovered, full = Readers(lone, [lone.node.port]), lone.stored(), list[float](), 0.0
        with readers.running(READERS):
            for _ in range(rounds):
                readers.more()
                began = time.monotonic()
                _leave(lone, (lone.folder / "widget-server.sqlite3").stat().st_size + ROOM)
                refused = len(readers.refused)
                until(lambda refused=refused: len(readers.refused) > refused)
                while time.monotonic() < began + full_seconds:
                    for look in (visitor.static, visitor.receipt, visitor.render, visitor.desk):
                        look()
                recovered.append(_given_room(lone, readers))
                full += time.monotonic() - began
            readers.more()
        return {
            "rounds": rounds,
            "seconds_full": full,
            "kinds": {f"{noun} {status or 'broken'}": count for (noun, status), count in sorted(readers.kinds.items())},
            "without_retry_after": readers.without_retry_after,
            "pages": len(pages.waits),
            "pages_harmed": pages.errors,
            "recovered_after_most": max(recovered),
            **outcome(readers, before=before),
            "whole": lone.whole(),
            "refusals_logged": sorted({line for line in lone.log().splitlines() if "refused" in line}),
        }


def _given_room(lone: Lone, readers: Readers) -> float:
    """Seconds from then until something is acknowledged."""
    began = time.monotonic()
    _leave(lone, resource.RLIM_INFINITY)
    until(lambda: readers.answered and readers.answered[-1] > began)
    return min(at for at in readers.answered if at > began) - began


def _leave(lone: Lone, size: int) -> None:
    """No file of the server may become longer from now on."""
    assert lone.node.process
    for number in family(lone.node.process.pid):
        hard = resource.prlimit(number, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(number, resource.RLIMIT_FSIZE, (size, hard))
