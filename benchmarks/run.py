"""Everything that we claim about speed and size, measured again by one command: `make bench`."""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import labelling, machine, rendering, stored, tables, weights
from benchmarks.load import load
from benchmarks.servers import cpu_seconds, running
from benchmarks.traffic import Case

ROUNDS = 3
WARM_UP_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the raw figures there")
    parser.add_argument("--seconds", type=float, default=5, help="how long each request is sent in a round (default 5)")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        here = machine.describe(folder)
        with running(folder) as (cases, processes):
            for case in cases:
                load(case.port, case.requests, seconds=min(WARM_UP_SECONDS, wanted.seconds))
            rounds = [_round(number, cases, processes, seconds=wanted.seconds) for number in range(1, ROUNDS + 1)]
        _tell("bytes stored")
        sizes = stored.measure(folder)
    labels = labelling.measure()
    found = [tables.markdown(here, rounds, sizes, seconds=wanted.seconds), labelling.markdown(labels)]
    print(*found, weights.markdown(weights.measure()), sep="\n\n")
    if wanted.json:
        raw = {"machine": here, "seconds": wanted.seconds, "rounds": rounds, "stored": sizes, "labels": labels}
        wanted.json.write_text(json.dumps(raw, indent=2) + "\n")


def _round(number: int, cases: list[Case], processes: dict[int, int], *, seconds: float) -> dict[str, Any]:
    _tell(f"round {number} of {ROUNDS}: render")
    found: dict[str, Any] = {"render": rendering.measure(), "http": {}}
    for case in cases:
        _tell(f"round {number} of {ROUNDS}: {case.name}")
        before = cpu_seconds(processes[case.port])
        answers = load(case.port, case.requests, seconds=seconds)
        after = cpu_seconds(processes[case.port])
        cpu = None if before is None else (after - before) / answers.count * 1e6
        found["http"][case.name] = {**asdict(answers), "cpu_us": cpu}
    return found


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(step, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
