"""The server's memory and the bytes of its database after a million impressions of 300,000 viewers.

    python -m benchmarks.memory [--viewers 300000] [--impressions 1000000]

First everybody comes once, with one text in sight; then they come again, with ten texts on a page, until there are as
many impressions: what the second part adds to the database are bytes that nobody should need.
"""

import argparse
import json
import math
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import databases
from benchmarks.databases import Database
from benchmarks.node import Node, running

TEXTS_AGAIN = 10
MOST_MIB, MOST_GROWTH = 150, 0.01
MOST_BYTES = {"SQLite": 30, "PostgreSQL": 80}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--viewers", type=int, default=300_000)
    parser.add_argument("--impressions", type=int, default=1_000_000)
    wanted = parser.parse_args()
    found = measure(wanted.viewers, wanted.impressions)
    print(json.dumps(found, indent=2))


def measure(viewers: int, impressions: int) -> dict[str, dict[str, float]]:
    """By database."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        found["SQLite"] = _measured(databases.sqlite(Path(name)), Path(name), viewers, impressions)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, databases.postgresql() as database:
        found["PostgreSQL"] = _measured(database, Path(name), viewers, impressions)
    return found


def _measured(database: Database, folder: Path, viewers: int, impressions: int) -> dict[str, float]:
    with running(database, folder) as node, _highest(node) as highest:
        empty = node.memory()
        _tell(f"{database.name}: {viewers:,} viewers come")
        first = node.take(node.page_view(number, texts=1) for number in range(viewers))
        viewers_took = database.bytes_of_viewers()
        size = database.bytes()
        pages = math.ceil((impressions - viewers) / TEXTS_AGAIN)
        _tell(f"{database.name}: {pages:,} pages of {TEXTS_AGAIN} texts for viewers who were there")
        again = node.take(node.page_view(number * 7 % viewers, texts=TEXTS_AGAIN) for number in range(pages))
        after = node.memory()
    return {
        "viewers": viewers,
        "impressions": viewers + pages * TEXTS_AGAIN,
        "mib_at_start": empty["resident"],
        "mib_of_main": empty["main"],
        "mib_after": after["resident"],
        "mib_shared_once": after["shared_once"],
        "mib_highest": max(highest, default=after["resident"]),
        "bytes_a_viewer": first.grown / viewers,
        "table_bytes_a_viewer": (viewers_took or first.grown) / viewers,
        "bytes_beyond_first": again.grown / (pages * TEXTS_AGAIN),
        "growth_beyond_first": again.grown / size,
        "seconds": first.served.seconds + again.served.seconds,
    }


@contextmanager
def _highest(node: Node) -> Iterator[list[float]]:
    """The server's memory, once a second."""
    found: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1):
            found.append(node.memory()["resident"])

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield found
    finally:
        over.set()
        watching.join()


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
