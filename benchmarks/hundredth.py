"""A day at a hundredth of its size, really served and simulated: do they agree?

    python -m benchmarks.hundredth [--viewers 1000000] [--part 100]

Two nodes over one PostgreSQL that knows everybody who came since the month began. The day goes by in as many seconds
as keep the nodes half idle in its busiest minute, and no more than MOST_SECONDS: it gets smaller where they are slow.
"""

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import databases, node
from benchmarks.arrivals import Arrival, serve
from benchmarks.assumptions import DAYS
from benchmarks.databases import Database
from benchmarks.day import (
    SECONDS,
    TEXTS_A_PAGE_VIEW,
    Costs,
    Day,
    Node,
    PageView,
    page_views,
    page_views_a_month,
    peak,
    simulate,
)
from benchmarks.servers import cpu_seconds
from widget_server import storage
from widget_server.rules.viewers import viewer_key
from widget_server.storage import months, viewers
from widget_server.storage.remembered import PLACES
from widget_server.storage.tables import Site, database
from widget_server.storage.viewers import Identity, Impressions

NODES, SEED = 2, 7
MOST_SECONDS, HALF_IDLE = 100, 0.35
FEW, MANY, COMMITS, ALONE = 1, 33, 60, 400


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hundredth", description=__doc__)
    parser.add_argument("--viewers", type=int, default=100_000_000, help="a month, of the whole")
    parser.add_argument("--part", type=int, default=100, help="one of so many is served")
    parser.add_argument("--request-us", type=float, default=2500, help="what a request costs a node at full load")
    wanted = parser.parse_args()
    print(json.dumps(measure(wanted.viewers, wanted.part, request_us=wanted.request_us), indent=2))


def measure(whole: int, part: int, *, request_us: float) -> dict:
    """`request_us`: CPU time of a page view at full load (coefficients.py)."""
    rate = NODES * HALF_IDLE / (request_us / 1e6)
    of_a_day = whole * page_views_a_month() / DAYS
    part = max(part, math.ceil(of_a_day * peak() / rate / MOST_SECONDS))
    coming, before = page_views(whole // part, seed=SEED)
    seconds = len(coming) * peak() / rate
    _tell(f"1/{part} of {whole:,} viewers a month: {len(coming):,} page views of a day in {seconds:.0f} s")
    with databases.postgresql() as postgresql, tempfile.TemporaryDirectory(prefix="bench-") as name:
        served, costs = _served(postgresql, Path(name), coming, before, seconds)
    nodes = [Node(costs, PLACES) for _ in range(NODES)]
    foreseen = simulate(coming, nodes, random.Random(SEED + 1), seconds=seconds)
    figures = {name: [value, served[name]] for name, value in _told(foreseen).items()}
    return {"whole": whole, "part": part, "seconds": seconds, "costs": asdict(costs), "figures": figures}


def _served(
    postgresql: Database,
    folder: Path,
    coming: Sequence[PageView],
    before: Sequence[int],
    seconds: float,
) -> tuple[dict[str, float], Costs]:
    with node.running(postgresql, folder) as one, node.running(postgresql, folder, site=one.site) as other:
        both = [one, other]
        _tell(f"{len(before):,} viewers came before")
        commit = _prepare(postgresql, before)
        costs = max((_costs(each, before[0], commit) for each in both), key=lambda found: found.request)
        statements, size = postgresql.statements(), postgresql.bytes()
        cpu = [cpu_seconds(each.process) for each in both]
        rows = postgresql.ask("SELECT count(*) FROM viewer")[0]
        answered = serve(_arrivals(coming, both, seconds), [each.port for each in both])
        used = sum(cpu_seconds(each.process) - earlier for each, earlier in zip(both, cpu, strict=True))
        now = postgresql.statements()
        found = {
            "page views": answered.count,
            "new viewers stored": postgresql.ask("SELECT count(*) FROM viewer")[0] - rows,
            "commits of impressions": now["tallies"] - statements["tallies"],
            "of them, with a look for a viewer": now["viewers"] - statements["viewers"],
            "CPU seconds of both nodes": used,
            "answered in, median, ms": answered.p50_ms,
            "answered in, p99, ms": answered.p99_ms,
        }
        _tell(f"the database grew by {postgresql.bytes() - size:,} bytes")
    return found, costs


def _told(day: Day) -> dict[str, float]:
    return {
        "page views": day.page_views,
        "new viewers stored": day.new,
        "commits of impressions": day.commits,
        "of them, with a look for a viewer": day.asked,
        "CPU seconds of both nodes": day.cpu,
        "answered in, median, ms": day.p50_ms,
        "answered in, p99, ms": day.p99_ms,
    }


def _arrivals(coming: Sequence[PageView], nodes: Sequence[node.Node], seconds: float) -> Iterator[Arrival]:
    chance = random.Random(SEED + 1)
    for one in coming:
        chosen = chance.choice(nodes)
        request = chosen.page_view(one.viewer, texts=TEXTS_A_PAGE_VIEW)
        yield Arrival(one.at / SECONDS * seconds, chosen.port, request)


def _prepare(postgresql: Database, before: Sequence[int]) -> tuple[float, float, float]:
    """Store those who came before. Seconds of a commit, of them CPU time of the node, and for each item in it."""
    storage.use_secrets((node.SECRET,))
    storage.connect(postgresql.url)
    storage.begin()
    viewers.forget()
    now = datetime.now(UTC)
    site = Site.get()
    month, key = months.running_month(site.id, at=now)
    numbers = sorted(viewer_key(key, viewer=f"reader {one}", address="", user_agent="") for one in before)
    database.execute_sql(
        f"INSERT INTO viewer (site, month, key) SELECT {site.id}, {month}, unnest(%s::bigint[])", (numbers,)
    )
    few, few_cpu = _commits(site.id, month, numbers, FEW)
    many, _ = _commits(site.id, month, numbers, MANY)
    viewers.forget()
    database.close()
    item = max(0.0, (many - few) / (MANY - FEW))
    return max(0.0, few - item), max(0.0, few_cpu - item), item


def _costs(one: node.Node, viewer: int, commit: tuple[float, float, float]) -> Costs:
    """Of a node that has nothing else to do: requests of somebody whom it knows, one after the other."""
    one.take([one.page_view(viewer, texts=TEXTS_A_PAGE_VIEW)] * COMMITS)
    alone = one.take([one.page_view(viewer, texts=TEXTS_A_PAGE_VIEW)] * ALONE, connections=1).figures()
    took, own, item = commit
    request = max(0.0, alone["p50_ms"] / 1e3 - took - item)
    return Costs(request, took, item, max(0.0, alone["cpu_us"] / 1e6 - own - item), own)


def _commits(site: int, month: int, numbers: Sequence[int], size: int) -> tuple[float, float]:
    """Seconds that a commit of so many known viewers takes, and how many of them are CPU time of the node."""
    at = datetime.now(UTC)
    known = [Identity(site, month, number) for number in numbers[:size]]
    batch = [Impressions(site, month, at, (one,), seen=TEXTS_A_PAGE_VIEW, disclosed=TEXTS_A_PAGE_VIEW) for one in known]
    start, own = time.perf_counter(), time.process_time()
    for _ in range(COMMITS):
        with storage.transaction():
            viewers.keep(batch)
    return (time.perf_counter() - start) / COMMITS, (time.process_time() - own) / COMMITS


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
