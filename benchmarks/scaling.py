"""docs/scaling.md from what was measured: its tables, between their marks, and its plot.

    python -m benchmarks.scaling

It measures nothing: `python -m benchmarks.bill` does, and writes the figures into docs/scaling.json.
"""

import json
import re
from pathlib import Path

from benchmarks import curves, day, sizing
from benchmarks.assumptions import DAYS
from benchmarks.curves import Curve
from benchmarks.memory import MOST_BYTES, MOST_GROWTH, MOST_MIB
from benchmarks.sizing import MIB, Measured, Size
from benchmarks.tables import table
from widget_server.storage.remembered import BYTES, PLACES

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, FIGURES, PLOT = DOCS / "scaling.md", DOCS / "scaling.json", DOCS / "scaling.svg"
MOST_RATIO = 1.3
BILLION_A_DAY = 1e9 * DAYS / day.TEXTS_A_PAGE_VIEW / day.page_views_a_month()
"""Viewers a month who make a billion impressions a day."""
SIZES = {
    "10⁴ viewers a month": 1e4,
    "10⁶ viewers a month": 1e6,
    "10⁸ viewers a month": 1e8,
    "10⁹ impressions a day": BILLION_A_DAY,
}
PLAIN = 1_000_000
ROOM = 16
"""GB of memory for the table of viewers, in a machine that one would take for a large database."""
SKETCHED = [10**power for power in range(2, 9)]


def main() -> None:
    write(json.loads(FIGURES.read_text()))


def write(found: dict) -> None:
    page = PAGE.read_text()
    for name, shown in _tables(found).items():
        block = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        page = re.sub(block, lambda old, shown=shown: f"{old[1]}{shown}\n{old[2]}", page, flags=re.DOTALL)
    PAGE.write_text(page)
    PLOT.write_text(_plot(found))


def _tables(found: dict) -> dict[str, str]:
    measured = _measured(found)
    sizes = [sizing.size(name, viewers, measured) for name, viewers in SIZES.items()]
    return {
        "machine": _machine(found["machine"]),
        "memory": _memory(found),
        "growth": _growth(found["growth"]),
        "requests": _requests(found["coefficients"]["requests"]),
        "carries": _carries(found["coefficients"]["requests"]),
        "sizes": _sizes(sizes),
        "day": _day(found["day"]),
        "sketches": _sketches(found),
        "pays": _pays(found),
    }


def _measured(found: dict) -> Measured:
    memory = found["memory"]["PostgreSQL"]
    return Measured(
        requests=found["coefficients"]["requests"],
        bytes_a_viewer={name: one["table_bytes_a_viewer"] for name, one in found["memory"].items()},
        mib_of_main=memory["mib_of_main"],
        mib_of_worker=memory["mib_at_start"] - memory["mib_of_main"] + BYTES / MIB,
        costs=day.Costs(**found["day"]["costs"]),
    )


def _machine(here: dict) -> str:
    return (
        f"{here['cores']} cores ({here['processor']}), {here['system']}, load {here['load']} before; Python "
        f"{here['python']}, {here['server']}; SQLite {here['sqlite']}, PostgreSQL {here['postgresql']}, both wait for "
        f"the disk, which keeps 4 KB in {here['sync_ms']} ms. Load and database share the machine with the server."
    )


def _memory(found: dict) -> str:
    rows = []
    for name, one in found["memory"].items():
        rows += [
            f"{name}: memory at the start, MiB|{one['mib_at_start']:.0f}|",
            f"{name}: memory at most, MiB|{one['mib_highest']:.0f}|{MOST_MIB}",
            f"{name}: the same, shared pages once|{one['mib_shared_once']:.0f}|",
            f"{name}: bytes a viewer|{one['table_bytes_a_viewer']:.1f}|{MOST_BYTES[name]}",
            f"{name}: bytes for a million impressions beyond the first|{one['bytes_beyond_first'] * PLAIN:,.0f}|",
            f"{name}: the database grew by them|{one['growth_beyond_first'] * 100:.2f} %|{MOST_GROWTH * 100:.0f} %",
        ]
    rows.append(f"of it a worker's memory of viewers, {PLACES:,} places, MiB|{BYTES / MIB:.0f}|")
    one = next(iter(found["memory"].values()))
    return table(f"{one['impressions']:,} impressions of {one['viewers']:,} viewers|measured|at most", rows)


def _growth(found: dict) -> str:
    rows = [
        f"{name}|{one['us_at_few']:.0f}|{one['us_at_many']:.0f}|{one['ratio']:.2f}|{MOST_RATIO}"
        for name, one in found.items()
    ]
    one = next(iter(found.values()))
    return table(f"µs a page view|{one['few']:,} stored|{one['many']:,} stored|ratio|at most", rows)


def _requests(found: dict) -> str:
    rows = []
    for name, requests in found.items():
        for kind, one in requests.items():
            figures = [one["cpu_us"] / 1e3, one["database_cpu_us"] / 1e3]
            bytes_ = [one["grown"], one["sent"], one["received"]]
            shown = [*(f"{figure:.2f}" for figure in figures), *(f"{figure:,.0f}" for figure in bytes_)]
            rows.append("|".join([f"{name}: {kind}", *shown]))
    heads = "a thousand of|CPU s, node|CPU s, database|bytes stored by each|bytes in|bytes out"
    return table(heads, rows)


def _carries(found: dict) -> str:
    kinds = next(iter(found.values()))
    rows = [
        "|".join(
            [kind, *(f"{one[kind][figure]:,.0f}" for one in found.values() for figure in ("per_second", "p99_ms"))]
        )
        for kind in kinds
    ]
    return table("one worker, as fast as it answers|" + "|".join(f"{name}: a second|p99 ms" for name in found), rows)


def _sizes(sizes: list[Size]) -> str:
    lines = {
        "viewers a month": lambda one: f"{one.viewers:,.0f}",
        "impressions a day": lambda one: f"{one.impressions_a_day:,.0f}",
        "page views a second, average": lambda one: _number(one.average),
        "page views a second, busiest minute": lambda one: _number(one.busiest),
        "**database**": lambda one: one.database,
        "**nodes**, one of them to spare": lambda one: f"{one.nodes}",
        "workers (cores) on each": lambda one: f"{one.workers}",
        "memory of each, GB": lambda one: f"{one.node_gb:.1f}",
        "**database**: cores": lambda one: f"{one.database_cores:.1f}" if one.database_cores else "–",
        "database: size at the month’s end": lambda one: _bytes(one.database_gb * 1e9),
        "database: commits a second": lambda one: _number(one.commits),
        "of them, with a look for a viewer": lambda one: _number(one.looks),
        "page views whose viewer is not remembered": lambda one: f"{one.missed * 100:.0f} %",
        "answered in, p99, ms": lambda one: f"{one.p99_ms:.0f}",
        "network, Mbit/s": lambda one: _number(one.mbit),
        "**all cores**": lambda one: f"{one.nodes * one.workers + one.database_cores:.0f}",
        "**all memory of nodes, GB**": lambda one: f"{one.nodes * one.node_gb:.1f}",
    }
    rows = ["|".join([name, *(shown(one) for one in sizes)]) for name, shown in lines.items()]
    return table("|" + "|".join(one.name for one in sizes), rows)


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 10 else f"{figure:.2g}"


def _day(found: dict) -> str:
    rows = []
    for name, (foreseen, served) in found["figures"].items():
        off = f"{(foreseen - served) / served * 100:+.0f} %" if served else "not counted here"
        rows.append(f"{name}|{_number(foreseen)}|{_number(served)}|{off.replace('-', '−')}")
    heads = f"1/{found['part']} of {found['whole']:,} viewers a month, a day in {found['seconds']:.0f} s"
    return table(f"{heads}|simulated|served|simulated is off by", rows)


def _sketches(found: dict) -> str:
    sizes = {name: one["table_bytes_a_viewer"] for name, one in found["memory"].items()}
    rows = []
    for one in found["sketches"]:
        people = one["viewers"] * one["most"] / 100
        exact = [_bytes(one["viewers"] * size) for size in sizes.values()]
        shown = [f"{one['error']:.2f} %", f"{one['most']:.1f} %", f"{people:,.0f}", _bytes(one["bytes"]), *exact]
        rows.append("|".join([f"{one['viewers']:,} ({one['way']})", *shown]))
    return table("viewers|error, middle|at most|people|sketch|" + "|".join(f"exact, {name}" for name in sizes), rows)


def _pays(found: dict) -> str:
    viewers = ROOM * 1e9 / found["memory"]["PostgreSQL"]["table_bytes_a_viewer"]
    return (
        "From what size on would one pay? Where the table of viewers no longer fits into the database’s memory: with "
        f"{ROOM} GB for it, at about {viewers / 1e6:,.0f} million viewers a month on PostgreSQL."
    )


def _bytes(size: float) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1_000:
            return f"{size:,.0f} {unit}"
        size /= 1_000
    return f"{size:,.1f} GB"


def _plot(found: dict) -> str:
    lines = [
        Curve(f"exact, {name}", [(viewers, viewers * one["table_bytes_a_viewer"]) for viewers in SKETCHED])
        for name, one in reversed(found["memory"].items())
    ]
    sketch = found["sketches"][0]["bytes"]
    lines.append(Curve("one sketch", [(viewers, sketch) for viewers in SKETCHED]))
    return curves.svg(lines, title="What the viewers of a month take on the disk", across="viewers a month")


if __name__ == "__main__":
    main()
