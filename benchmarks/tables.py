"""The measured rounds as Markdown: medians, and ratios of figures from the same round."""

from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.load import CONNECTIONS
from benchmarks.traffic import HELLO

PARTS = ("safe HTML", "hash", "token", "template")
Rounds = list[dict[str, Any]]


def markdown(machine: dict[str, Any], rounds: Rounds, stored: dict[str, float], *, seconds: float) -> str:
    busiest = max(case["own_share"] for one in rounds for case in one["http"].values())
    measured_on = (
        f"{machine['cores']} cores ({machine['processor']}), {machine['system']}, load {machine['load']} before; "
        f"Python {machine['python']}, Flask {machine['flask']}, {machine['server']}; "
        f"SQLite {machine['sqlite']}, `synchronous=FULL`, a disk that keeps 4 KB in {machine['sync_ms']} ms. "
        f"Medians of {len(rounds)} interleaved rounds; ratios are within a round."
    )
    http = (
        f"**HTTP**, {CONNECTIONS} connections on loopback, {seconds:g} s each in a round; "
        f"the load itself took at most {busiest:.0%} of a core"
    )
    parts = [
        measured_on,
        "**`render` of 1 KB in the host's process**, µs of CPU",
        _rendering(rounds),
        http,
        _http(rounds),
        "**Bytes in SQLite**",
        table("for|bytes", [f"{name}|{size:,.0f}" for name, size in stored.items()]),
    ]
    return "\n\n".join(parts)


def _rendering(rounds: Rounds) -> str:
    rows = []
    for kind in rounds[0]["render"]:

        def middle(figure: Callable[[dict[str, float]], float], kind: str = kind) -> float:
            return median(figure(one["render"][kind]) for one in rounds)

        parts = [middle(lambda found, part=part: found[part]) for part in PARTS]
        rest = middle(lambda found: found["render"] - sum(found[part] for part in PARTS))
        whole = middle(lambda found: found["render"])
        ratio = middle(lambda found: found["render"] / found["escape"])
        rows.append("|".join([kind, f"{whole:.1f}", f"{ratio:.0f}", *(f"{part:.1f}" for part in [*parts, rest])]))
    return table("format|`render`|× `markupsafe.escape`|" + "|".join(PARTS) + "|rest", rows)


def _http(rounds: Rounds) -> str:
    rows = []
    for name in rounds[0]["http"]:

        def middle(figure: str, name: str = name) -> float | None:
            found = [one["http"][name][figure] for one in rounds]
            return None if None in found else median(found)

        ratio = median(one["http"][name]["per_second"] / one["http"][HELLO]["per_second"] for one in rounds)
        cpu = middle("cpu_us")
        refused = sum(one["http"][name]["count"] - one["http"][name]["accepted"] for one in rounds)
        figures = [f"{middle('per_second'):,.0f}", f"{ratio:.2f}", f"{middle('p50_ms'):.1f}", f"{middle('p99_ms'):.1f}"]
        rows.append("|".join([name, *figures, "–" if cpu is None else f"{cpu:.0f}", f"{refused}"]))
    return table("request|a second|× hello|p50 ms|p99 ms|server CPU µs a request|refused", rows)


def table(heads: str, rows: list[str]) -> str:
    columns = heads.count("|")
    return "\n".join(f"| {line.replace('|', ' | ')} |" for line in (heads, "---" + "|---:" * columns, *rows))
