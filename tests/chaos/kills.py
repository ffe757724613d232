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
READERS, PAUSE_SECONDS = 4, 0.02
"""Each of them waits a moment after an answer: a load, but one that leaves the machine some room."""
UP_SECONDS = 0.6
"""A kill comes at most so long after the server is ready; one in four comes while it still starts."""
EARLY = 0.25


def sqlite() -> dict:
    return run(on_sqlite)


def postgresql() -> dict:
    return run(on_postgresql)


def run(standing: Callable[[], AbstractContextManager[Lone]], *, kills: int = KILLS, seed: int = 7) -> dict:
    """As many kills as asked for, or as go into SECONDS."""
    chance = random.Random(seed)
    with standing() as lone:
        readers = Readers(lone, [lone.node.port], pause=PAUSE_SECONDS)
        before, began = lone.stored(), time.monotonic()
        starts, done, early, up = list[Start](), 0, 0, 0.0
        with readers.running(READERS):
            while done < kills and time.monotonic() < began + SECONDS:
                wait = chance.uniform(0, UP_SECONDS)
                time.sleep(wait)
                lone.node.kill()
                done, up = done + 1, up + wait
                if starts and done < kills and chance.random() < EARLY:
                    lone.node.launch()
                    time.sleep(chance.uniform(0, median(start.seconds for start in starts)))
                    lone.node.kill()
                    done, early = done + 1, early + 1
                starts.append(started(lone))
            answered, took = len(readers.answered), time.monotonic() - began
            readers.more()
        return {
            "kills": done,
            "kills_while_starting": early,
            "seconds": took,
            "start_median": median(start.seconds for start in starts),
            "start_most": max(start.seconds for start in starts),
            "start_cpu": median(start.cpu for start in starts),
            "answered_a_second": answered / up,
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
