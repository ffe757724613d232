"""The server is killed, with all its processes, at random moments under load, and started again."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median

from benchmarks.servers import cpu_seconds
from tests.chaos.lone import Lone, Readers, on_postgresql, on_sqlite
from tests.nodes.house import Stored
from tests.nodes.machines import until

KILLS, SECONDS = 100, 165
READERS = 4
UP_SECONDS = 0.4
"""A kill comes at most so long after the server is ready; one in five comes while it still starts."""


def sqlite() -> dict:
    return run(on_sqlite)


def postgresql() -> dict:
    return run(on_postgresql)


def run(standing: Callable[[], AbstractContextManager[Lone]], *, kills: int = KILLS, seed: int = 7) -> dict:
    """As many kills as asked for, or as go into SECONDS."""
    chance = random.Random(seed)
    with standing() as lone:
        readers, before, began = Readers(lone, [lone.node.port]), lone.stored(), time.monotonic()
        starts, early = list[Start](), 0
        with readers.running(READERS):
            for number in range(kills):
                if time.monotonic() > began + SECONDS:
                    kills = number
                    break
                time.sleep(chance.uniform(0, UP_SECONDS))
                lone.node.kill()
                if chance.random() < 0.2 and starts:
                    early += 1
                    lone.node.launch()
                    time.sleep(chance.uniform(0, median(start.seconds for start in starts)))
                else:
                    starts.append(started(lone))
            if not lone.node.ready:
                lone.node.kill()
                starts.append(started(lone))
            readers.more()
        return {
            "kills": kills,
            "kills_while_starting": early,
            "seconds": time.monotonic() - began,
            "start_median": median(start.seconds for start in starts),
            "start_most": max(start.seconds for start in starts),
            "start_cpu": median(start.cpu for start in starts),
            **outcome(readers, before=before),
            "whole": lone.whole(),
        }


@dataclass(frozen=True)
class Start:
    """From the command to the first answer that it is ready: `seconds`, and of processor time in all its processes."""

    seconds: float
    cpu: float


def started(lone: Lone) -> Start:
    began = time.monotonic()
    lone.node.launch()
    until(lambda: lone.node.ready, within=60)
    assert lone.node.process
    return Start(time.monotonic() - began, cpu_seconds(lone.node.process.pid) or 0.0)


def outcome(readers: Readers, *, before: Stored) -> dict:
    """What was acknowledged against what is stored."""
    after = readers.house.stored()
    reports, ids = after.reports - before.reports, after.ids - before.ids
    viewers, impressions = after.viewers - before.viewers, after.impressions - before.impressions
    acknowledged = sum(readers.views)
    return {
        "reports_acknowledged": len(readers.reports),
        "reports_lost": max(0, len(set(readers.reports)) - ids),
        "reports_doubled": reports - ids,
        "views_sent": len(readers.views),
        "views_acknowledged": acknowledged,
        "views_stored": impressions,
        "views_lost": max(0, acknowledged - min(impressions, viewers)),
        "views_doubled": max(0, impressions - viewers),
        "requests_refused": len(readers.refused),
    }
