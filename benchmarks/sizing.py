"""From what one request costs to machines: so many viewers a month need so many nodes, bytes, cores.

The rules are plain: a node has CORES cores and as many workers; at the busiest minute of the day no core is busier
than BUSY; from two nodes on one of them may fail.
"""

import math
from dataclasses import dataclass

from benchmarks import day
from benchmarks.assumptions import DAYS
from benchmarks.coefficients import CASE, KNOWN, NEW, QUEUE, RENDER, REPORT, SCRIPT
from widget_server.storage.remembered import PLACES

CORES, BUSY = 4, 0.6
REPORTS_A_PAGE_VIEW = 1 / 20_000
DESK_PAGES_A_REPORT = 4
RENDERS_A_PAGE_VIEW = 1 / 20
SCRIPTS_A_PAGE_VIEW = 1 / day.PAGE_VIEWS_A_VISIT
SMALL = 20
"""Page views a second in the busiest minute up to which one node with SQLite is enough."""
MOST_SIMULATED = 64
GB, MIB = 1e9, 2**20
KEPT_MONTHS = 12
"""How long reports are kept."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests by database and kind, with what each costs; bytes a viewer by database.

    `mib_of_worker`: one that remembers as many viewers as it may. `costs`: of one that has nothing else to do.
    """

    requests: dict[str, dict[str, dict[str, float]]]
    bytes_a_viewer: dict[str, float]
    mib_of_main: float
    mib_of_worker: float
    costs: day.Costs


@dataclass(frozen=True, slots=True)
class Size:
    """What so many viewers a month need.

    `commits` a second, `looks` (those of them that look for a viewer), `p99_ms` and `mbit` are of the busiest minute.
    `missed`: the share of page views whose viewer a worker does not remember.
    """

    name: str
    viewers: float
    impressions_a_day: float
    average: float
    busiest: float
    database: str
    nodes: int
    workers: int
    node_gb: float
    database_cores: float
    database_gb: float
    missed: float
    commits: float
    looks: float
    p99_ms: float
    mbit: float


def size(name: str, viewers: float, found: Measured) -> Size:
    """`viewers`: a month."""
    average = viewers * day.page_views_a_month() / DAYS / day.SECONDS
    busiest = average * day.peak()
    database = "SQLite" if busiest <= SMALL else "PostgreSQL"
    costs = found.requests[database]
    alone = database == "SQLite"
    busy = max(_of_a_page_view(costs, "cpu_us") / 1e6, found.costs.request)
    wanted = 1 if alone else max(2, math.ceil(busiest * busy / BUSY))
    workers = 1 if alone else min(CORES, wanted)
    nodes = 1 if alone else math.ceil(wanted / workers) + 1
    working = 1 if alone else (nodes - 1) * workers
    group, p99 = day.busiest(busiest / working, found.costs)
    missed = day.not_remembered(viewers, min(working, MOST_SIMULATED), PLACES)
    reports = viewers * day.page_views_a_month() * REPORTS_A_PAGE_VIEW * KEPT_MONTHS
    network = busiest * (_of_a_page_view(costs, "sent") + _of_a_page_view(costs, "received"))
    return Size(
        name=name,
        viewers=viewers,
        impressions_a_day=average * day.SECONDS * day.TEXTS_A_PAGE_VIEW,
        average=average,
        busiest=busiest,
        database=database,
        nodes=nodes,
        workers=workers,
        node_gb=(found.mib_of_main + workers * found.mib_of_worker) * MIB / GB,
        database_cores=busiest * _of_a_page_view(costs, "database_cpu_us") / 1e6 / BUSY,
        database_gb=(viewers * found.bytes_a_viewer[database] + reports * costs[REPORT]["grown"]) / GB,
        missed=missed,
        commits=busiest / group,
        looks=busiest / group * (1 - (1 - missed) ** group),
        p99_ms=p99,
        mbit=network * 8 / 1e6,
    )


def _of_a_page_view(costs: dict[str, dict[str, float]], figure: str) -> float:
    """What one costs, with its part in all that comes with it."""
    views = 0.25 * costs[NEW][figure] + 0.75 * costs[KNOWN][figure]
    desk = DESK_PAGES_A_REPORT / 2 * (costs[QUEUE][figure] + costs[CASE][figure])
    reports = REPORTS_A_PAGE_VIEW * (costs[REPORT][figure] + desk)
    return views + reports + RENDERS_A_PAGE_VIEW * costs[RENDER][figure] + SCRIPTS_A_PAGE_VIEW * costs[SCRIPT][figure]
