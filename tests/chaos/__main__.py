"""Break things on purpose, and write what became of it: docs/chaos.json, docs/chaos.md.

    python -m tests.chaos [PART…]

Each part takes less than three minutes on a quiet machine. Parts run alone keep the others' figures. Ends with 1 if
a promise was not kept.
"""

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine
from tests.chaos import disk, hostile, idle, kills, logins, network, page, promotion, redis, soak, tokens
from tests.chaos.page import Part
from tests.servers import ROOT

FIGURES, PAGE = ROOT / "docs" / "chaos.json", ROOT / "docs" / "chaos.md"
PARTS = {
    "kills-sqlite": Part("kill -9, on SQLite", kills, kills.sqlite),
    "kills-postgresql": Part("kill -9, on PostgreSQL", kills, kills.postgresql),
    "disk-full": Part("No room left on the disk, on SQLite", disk, disk.sqlite),
    "disk-full-postgresql": Part("No room left on the disk, on PostgreSQL", disk, disk.postgresql),
    "redis-killed": Part("Redis is killed", redis, redis.run),
    "promotion": Part("The replica takes over", promotion, promotion.run),
    "soak": Part("Full load for minutes", soak, soak.run),
    "idle": Part("Idle, slow and vanishing connections", idle, idle.run),
    "network": Part("A network that breaks, in a browser", network, network.run),
    "hostile": Part("Hostile strings at every door", hostile, hostile.run),
    "tokens": Part("Tokens forged, replayed, of others, too old", tokens, tokens.run),
    "logins": Part("A thousand guesses at a password", logins, logins.run),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    wanted = parser.parse_args().parts or [*PARTS]
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    found = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    broken = []
    for name in wanted:
        found[name] = _measured(PARTS[name])
        broken += [f"{name}: {words}" for words in page.broken(PARTS[name], found[name])]
        FIGURES.write_text(json.dumps(found, indent=1, default=float) + "\n")
        PAGE.write_text(page.written(PARTS, found))
        print(f"{name}: {found[name]['seconds']:.0f} s", file=sys.stderr)
    for words in broken:
        print(f"not kept: {words}", file=sys.stderr)
    return 1 if broken else 0


def _measured(part: Part) -> dict:
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        here = machine.describe(Path(folder))
    began = time.monotonic()
    figures = part.run()
    at = datetime.now(UTC).date().isoformat()
    return {"at": at, "machine": here, "seconds": time.monotonic() - began, "figures": figures}


if __name__ == "__main__":
    sys.exit(main())
