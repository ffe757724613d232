"""Several nodes: what is lost, doubled and refused while a part fails, and what two nodes carry against one.

`python -m benchmarks.nodes --seconds 10 --rounds 3`. All parts are programs on this machine, on loopback.
"""

import argparse
import itertools
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from threading import Event
from typing import Any

from benchmarks.load import Answers, load
from benchmarks.machine import describe
from benchmarks.servers import cpu_seconds
from benchmarks.tables import table
from e2e.wire import Wire
from tests.conftest import BROWSER, ORIGIN
from tests.nodes.house import House, Load, assert_kept, standing

WANTED = 1.7
ENOUGH_CORES = 4
"""One for each of two nodes, one for the database, one for the load."""


def killed(house: House, seconds: float) -> Load:
    with Load(house, [node.port for node in house.nodes]).running() as readers:
        Event().wait(seconds / 3)
        house.nodes[0].kill()
        Event().wait(seconds / 3)
        house.nodes[0].start()
        Event().wait(seconds / 3)
    return readers


def cut(house: House, seconds: float) -> Load:
    wire = Wire(house.nodes[0].port)
    with Load(house, [wire.port, *(node.port for node in house.nodes[1:])]).running() as readers:
        Event().wait(seconds / 3)
        with wire.down():
            Event().wait(seconds / 3)
        Event().wait(seconds / 3)
    wire.stop()
    return readers


def restarted(house: House, seconds: float) -> Load:
    """The database, as for an update of it."""
    with Load(house, [node.port for node in house.nodes]).running() as readers:
        Event().wait(seconds / 2)
        house.primary.stop()
        house.primary.start()
        Event().wait(seconds / 2)
    return readers


def promoted(house: House, seconds: float) -> Load:
    with Load(house, [node.port for node in house.nodes]).running() as readers:
        Event().wait(seconds / 2)
        house.primary.crash()
        house.replica.promote()
        house.primary = house.replica
        Event().wait(seconds / 2)
    return readers


EVENTS: dict[str, Callable[[House, float], Load]] = {
    "one of three nodes killed, and started again": killed,
    "the link to one of three nodes cut for a third of the time": cut,
    "PostgreSQL restarted": restarted,
    "PostgreSQL killed, its replica promoted at once": promoted,
}


def failures(*, seconds: float, rounds: int) -> str:
    """Raises AssertionError if anything acknowledged is lost or anything is there twice."""
    seen: dict[str, list[tuple[int, int, float]]] = {name: [] for name in EVENTS}
    for _ in range(rounds):
        with standing(nodes=3) as house:
            for name, event in EVENTS.items():
                before = house.stored()
                readers = event(house, seconds)
                assert_kept(readers, before=before)
                seen[name].append((len(readers.answered), len(readers.refused), readers.seconds_of_refusal))
    rows = []
    for name, runs in seen.items():
        answered, refused = (sum(run[place] for run in runs) for place in (0, 1))
        longest = [run[2] for run in runs]
        rows.append(f"{name}|{answered}|0|0|{refused}|{median(longest):.2f} ({max(longest):.2f})")
    return table("event|acknowledged|lost|doubled|refused|seconds with refusals, median (longest)", rows)


@dataclass(frozen=True)
class Carried:
    """What so many nodes carried: acknowledged views a second, and CPU microseconds of nodes and database a view."""

    per_second: float
    node_us: float
    database_us: float


def carried(nodes: int, *, seconds: float) -> Carried:
    cores = sorted(os.sched_getaffinity(0))
    own = len(cores) >= ENOUGH_CORES
    with pinned({cores[2]} if own else set(cores)), standing(nodes=nodes) as house:
        for place, node in enumerate(house.nodes):
            node.stop()
            with pinned({cores[place % len(cores)]}):
                node.start()
        programs = [node.process.pid for node in house.nodes if node.process]
        databases = [server.process.pid for server in (house.primary, house.replica) if server.process]
        before = cpu(programs), cpu(databases)
        with pinned({cores[3]} if own else set(cores)), multiprocessing.get_context("spawn").Pool(nodes) as loads:
            answers: list[Answers] = loads.starmap(
                send, [(node.port, house.site, f"{place}", seconds) for place, node in enumerate(house.nodes)]
            )
        count = sum(answer.accepted for answer in answers)
        spent = cpu(programs) - before[0], cpu(databases) - before[1]
    return Carried(sum(answer.per_second for answer in answers), *(1e6 * seconds / count for seconds in spent))


def send(port: int, site: str, name: str, seconds: float) -> Answers:
    return load(port, views(site, name), seconds=seconds)


def views(site: str, name: str) -> Iterator[bytes]:
    """Each by another reader, who costs a row."""
    for number in itertools.count():
        viewed: dict[str, Any] = {"site": site, "viewer": f"{name} {number}", "page": f"{ORIGIN}/story"}
        body = json.dumps({**viewed, "views": [{"text_sha256": "ab" * 32, "disclosed": True}]}).encode()
        heads = f"Host: widget\r\nOrigin: {ORIGIN}\r\nUser-Agent: {BROWSER}\r\nContent-Type: application/json"
        yield f"POST /api/v1/views HTTP/1.1\r\n{heads}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def cpu(programs: list[int]) -> float:
    return sum(cpu_seconds(program) or 0 for program in programs)


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """What starts in this block stays on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def two_against_one(*, seconds: float, rounds: int) -> str:
    runs = [(carried(1, seconds=seconds), carried(2, seconds=seconds)) for _ in range(rounds)]
    one, two = ([run[place] for run in runs] for place in (0, 1))
    rows = [
        f"{name}|{median(c.per_second for c in of):.0f}|{median(c.node_us for c in of):.0f}"
        f"|{median(c.database_us for c in of):.0f}"
        for name, of in (("one node", one), ("two nodes", two))
    ]
    ratio = median(pair[1].per_second / pair[0].per_second for pair in runs)
    cost = median(pair[1].node_us / pair[0].node_us for pair in runs)
    cores = len(os.sched_getaffinity(0))
    said = (
        f"Two nodes carry {ratio:.2f} × one (wanted: {WANTED}). The CPU that a node spends on a view is {cost:.2f} × "
        "as much when there are two."
    )
    if cores < ENOUGH_CORES:
        said += (
            f" With {cores} cores the second node gets the core that the load and the database had to themselves: the "
            f"first figure needs {ENOUGH_CORES} cores to say anything; the second too is "
            "higher than it would be on cores that nobody else uses."
        )
    heads = "nodes, each on its own core|views a second|node: CPU µs a view|PostgreSQL and replica: CPU µs a view"
    return table(heads, rows) + "\n" + said


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--seconds", type=float, default=10)
    wanted.add_argument("--rounds", type=int, default=3)
    given = wanted.parse_args()
    with standing(nodes=1) as house:
        print(json.dumps(describe(house.folder), indent=2))
    print(failures(seconds=given.seconds, rounds=given.rounds))
    print(two_against_one(seconds=given.seconds, rounds=given.rounds))


if __name__ == "__main__":
    main()
