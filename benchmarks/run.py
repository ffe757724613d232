"""Everything that we claim about speed and size, measured again by one command: `make bench`.

While one works on a path: `python benchmarks/run.py --only views --seconds 2` measures its requests and nothing else.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import bars, labelling, machine, pages, peers, promises, setups, stored, tables, weights
from benchmarks.setups import SETUPS, tell
from tests.servers import postgresql_url

PAGE, PLOT = pages.DOCS / "benchmarks.md", pages.DOCS / "benchmarks.svg"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the raw figures there")
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="measure the requests whose names have them, no more"
    )
    parser.add_argument("--seconds", type=float, default=4, help="how long each request is sent in a round (default 4)")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md and docs/benchmarks.svg")
    wanted = parser.parse_args()
    raw = _measure(wanted)
    found = _requests(raw) if wanted.only else _everything(raw)
    print(*(f"**{name}**\n\n{table}" for name, table in found.items()), sep="\n\n")
    if wanted.write and not wanted.only:
        pages.write(PAGE, found)
        PLOT.write_text(bars.svg(peers.standings(raw["rounds"])))
    if wanted.json:
        wanted.json.write_text(json.dumps(raw, indent=2) + "\n")


def _measure(wanted: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, postgresql_url(durable=True) as url:
        folder = Path(name)
        found = {
            "machine": machine.describe(folder, postgresql=url),
            "seconds": wanted.seconds,
            "rounds": setups.measure(folder, url, only=wanted.only, seconds=wanted.seconds),
        }
        if wanted.only:
            return found
        tell("bytes stored")
        found["stored"] = stored.measure(folder)
    tell("labels in Chromium")
    return {**found, "labels": labelling.measure()}


def _requests(raw: dict[str, Any]) -> dict[str, str]:
    rounds = raw["rounds"]
    head = tables.machine(raw["machine"], rounds, seconds=raw["seconds"])
    return {"machine": head, **{str(setup): tables.http(rounds, str(setup)) for setup in SETUPS}}


def _everything(raw: dict[str, Any]) -> dict[str, str]:
    rounds = raw["rounds"]
    return {
        **_requests(raw),
        "peers": peers.markdown(peers.standings(rounds)),
        "render": tables.rendering(rounds),
        "stored": tables.stored(raw["stored"]),
        "labels": labelling.markdown(raw["labels"]),
        "labels tried": labelling.tried(),
        "weights": weights.markdown(weights.measure()),
        "promises": promises.markdown(list(promises.promises(rounds, raw["stored"]))),
    }


if __name__ == "__main__":
    main()
