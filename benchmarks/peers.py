"""Servers that count or take comments, and ours beside them, in requests a second against the same bare Flask.

Theirs are given, not measured again: their published versions on a machine of this kind on MEASURED_ON, one event a
request, 32 connections, 20 seconds, medians of three, bare Flask under gunicorn gthread 2×8 in the same rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.rounds import rows, setups
from benchmarks.tables import number, table
from benchmarks.traffic import NEW, REFERENCE, REPORTS, SEEN

MEASURED_ON = "2026-11-23"
P99_MS, CPU_MS = 37, 0.38
"""Bare Flask's, in those rounds."""
OURS = {
    SEEN: "views of a viewer already seen",
    NEW: "views, every viewer new",
    REPORTS: "reports, every text new",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Against bare Flask: requests a second, the slowest of a hundred, and CPU of a request."""

    name: str
    rate: float
    p99: float
    cpu: float | None
    acknowledged: str
    ours: bool = False


PEERS = [
    Standing("fathom-lite (Go, SQLite)", 3.78, 12 / P99_MS, 0.073 / CPU_MS, "in memory: 100 of 500 lost when killed"),
    Standing("Remark42, a comment (Go, Bolt)", 0.105, 142 / P99_MS, 3.7 / CPU_MS, "stored"),
    Standing("Isso 0.14, a comment (SQLite)", 0.083, 137 / P99_MS, 4.2 / CPU_MS, "stored"),
    Standing("Umami 3.1.0 (node, PostgreSQL)", 0.030, 586 / P99_MS, 10.1 / CPU_MS, "stored"),
    Standing("Shynet 0.13.1 (PostgreSQL, Redis)", 0.020, 478 / P99_MS, 19.8 / CPU_MS, "stored"),
]


def standings(rounds: Sequence[dict[str, Any]]) -> list[Standing]:
    """The fastest first."""
    ours = [
        Standing(
            f"widget-server, {setup}: {what}",
            row.against(REFERENCE),
            row.against(REFERENCE, "p99_ms"),
            row.against(REFERENCE, "cpu_us"),
            "committed",
            ours=True,
        )
        for setup in setups(rounds)
        for what, row in ((what, rows(rounds, setup)[name]) for name, what in OURS.items())
    ]
    return sorted([*ours, *PEERS], key=lambda one: -one.rate)


def markdown(found: Sequence[Standing]) -> str:
    lines = [
        "|".join(
            [
                f"**{one.name}**" if one.ours else one.name,
                number(one.rate),
                number(one.p99),
                number(one.cpu),
                one.acknowledged,
                "in this run" if one.ours else MEASURED_ON,
            ]
        )
        for one in found
    ]
    heads = "server|× bare Flask's requests a second|× its p99|× its CPU|acknowledged means|measured"
    return table(heads, lines, words=2)
