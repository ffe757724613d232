"""What a site of any size needs, measured again: `docs/scaling.md`, its plot and its figures.

    python -m benchmarks.bill [--quick] [--only growth day]

Less than ten minutes on a quiet machine. `--quick` tries whether everything runs; its figures mean nothing. `--only`
measures some parts and takes the others from docs/scaling.json.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import coefficients, databases, growth, hundredth, machine, memory, scaling, sketches
from benchmarks.coefficients import KNOWN, NEW

VIEWERS, IMPRESSIONS = 300_000, 1_000_000
MEMORY_SECONDS, QUICK = 60, 50
"""How long viewers may come for the first time, on each database: a slow server is asked by fewer."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bill", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    wanted = parser.parse_args()
    less = QUICK if wanted.quick else 1
    start = time.monotonic()
    found = json.loads(scaling.FIGURES.read_text()) if scaling.FIGURES.exists() else {}
    for name in wanted.only:
        found[name] = PARTS[name](found, less)
        scaling.FIGURES.write_text(json.dumps(found, indent=1) + "\n")
        print(f"{time.monotonic() - start:.0f} s: {name} measured", file=sys.stderr)
    scaling.write(found)


def _machine(found: dict, less: int) -> dict:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        here = machine.describe(Path(name))
    with databases.postgresql() as postgresql:
        return {**here, "postgresql": postgresql.ask("SHOW server_version")[0].split()[0]}


def _memory(found: dict, less: int) -> dict:
    slowest = min(requests[NEW]["per_second"] for requests in found["coefficients"]["requests"].values())
    viewers = int(min(VIEWERS, slowest * MEMORY_SECONDS)) // less
    return memory.measure(viewers, viewers * IMPRESSIONS // VIEWERS)


def _day(found: dict, less: int) -> dict:
    request = found["coefficients"]["requests"]["PostgreSQL"][KNOWN]
    return hundredth.measure(10**8, 100 * less, request_us=request["cpu_us"])


PARTS: dict[str, Callable[[dict, int], Any]] = {
    "machine": _machine,
    "coefficients": lambda found, less: coefficients.measure(2_000 // min(less, 5)),
    "memory": _memory,
    "growth": lambda found, less: growth.measure(10_000, 10_000_000 // less),
    "day": _day,
    "sketches": lambda found, less: sketches.measure(),
}
"""Each is given what those before it have found."""


if __name__ == "__main__":
    main()
