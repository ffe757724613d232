"""All kinds of traffic at full load for some minutes: does anything grow that should not?

Checking a password takes 64 MiB for a moment: of each window the lower quarter is told, where nobody signs in.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import quantiles

from tests.chaos.lone import Lone, Used, on_postgresql, on_sqlite
from tests.chaos.visitors import Seen, Visitor, come

VISITORS = 8
SECONDS, SHORT_SECONDS = 110, 45
WARM, WINDOW = 0.3, 0.15
"""The first part of the time is for warming up; the figures after it and at the end are of a window each."""


def run(seconds: float = SECONDS, short_seconds: float = SHORT_SECONDS) -> dict:
    return {"SQLite": soaked(on_sqlite, seconds), "PostgreSQL": soaked(on_postgresql, short_seconds)}


def soaked(standing: Callable[[], AbstractContextManager[Lone]], seconds: float) -> dict:
    seen, over = Seen(), threading.Event()
    with standing() as lone:
        visitors = [
            threading.Thread(target=come, args=(Visitor(lone, seen, viewers=500), over)) for _ in range(VISITORS)
        ]
        began, samples = time.monotonic(), list[tuple[float, Used]]()
        for visitor in visitors:
            visitor.start()
        while (passed := time.monotonic() - began) < seconds:
            samples.append((passed / seconds, lone.used()))
            over.wait(0.5)
        over.set()
        for visitor in visitors:
            visitor.join()
        figures: dict[str, float] = {}
        for name in ("mib", "descriptors", "threads"):
            warm = _lower(samples, name, after=WARM)
            end = _lower(samples, name, after=1 - WINDOW)
            figures |= {f"{name}_warm": warm, f"{name}_end": end, f"{name}_growth": end / warm - 1}
        return {
            "seconds": seconds,
            "requests": len(seen.waits),
            "errors": seen.errors,
            "p99_ms": seen.p99_ms,
            **figures,
            "mib_most": max(used.mib for _, used in samples),
            "readiness": lone.node.readiness()[0],
            "errors_logged": lone.log().count("unexpected error"),
        }


def _lower(samples: list[tuple[float, Used]], name: str, *, after: float) -> float:
    """What was seen in the window that begins after this share of the time: at most so much in a quarter of it."""
    return quantiles([getattr(used, name) for at, used in samples if after <= at < after + WINDOW], n=4)[0]
