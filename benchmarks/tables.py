"""The measured rounds as Markdown: medians, and ratios of figures from the same round."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.load import CONNECTIONS
from benchmarks.rounds import Row, rows
from benchmarks.traffic import HELLO, REFERENCE

PARTS = ("safe HTML", "hash", "token", "template")
Rounds = Sequence[dict[str, Any]]


def machine(found: Mapping[str, Any], rounds: Rounds, *, seconds: float) -> str:
    busiest = max(case["own_share"] for one in rounds for setup in one["http"].values() for case in setup.values())
    return (
        f"{found['cores']} cores ({found['processor']}), {found['system']}, load {found['load']} before; "
        f"Python {found['python']}, Flask {found['flask']}, {found['server']}; {found['reference']}; "
        f"SQLite {found['sqlite']}, `synchronous=FULL`, PostgreSQL {found['postgresql']}, `fsync=on`; "
        f"a disk that keeps 4 KB in {found['sync_ms']} ms. "
        f"Medians of {len(rounds)} interleaved rounds, ratios within a round; {CONNECTIONS} connections on loopback, "
        f"{seconds:g} s a case and round, from one process that took at most {busiest:.0%} of a core; "
        "no process is bound to a core."
    )


def rendering(rounds: Rounds) -> str:
    lines = []
    for kind in rounds[0]["render"]:

        def middle(figure: Callable[[dict[str, float]], float], kind: str = kind) -> float:
            return median(figure(one["render"][kind]) for one in rounds)

        parts = [middle(lambda found, part=part: found[part]) for part in PARTS]
        rest = middle(lambda found: found["render"] - sum(found[part] for part in PARTS))
        whole = middle(lambda found: found["render"])
        ratio = middle(lambda found: found["render"] / found["escape"])
        lines.append("|".join([kind, f"{whole:.1f}", f"{ratio:.0f}", *(f"{part:.1f}" for part in [*parts, rest])]))
    return table("format|`render`|× `markupsafe.escape`|" + "|".join(PARTS) + "|rest", lines)


def http(rounds: Rounds, setup: str) -> str:
    """CPU of the database is a column where it is a program of its own."""
    found = rows(rounds, setup).values()
    apart = any(row.middle("database_cpu_us") is not None for row in found)
    heads = [
        "request",
        "a second",
        "× hello",
        "× gunicorn",
        "p50 ms",
        "p99 ms",
        "p99 × hello",
        "p99 × gunicorn",
        "CPU µs",
    ]
    heads += [*(["its database's"] if apart else []), "texts a second", "refused"]
    return table("|".join(heads), ["|".join(_cells(row, apart=apart)) for row in found])


def _cells(row: Row, *, apart: bool) -> list[str]:
    return [
        row.name,
        f"{row.middle('per_second'):,.0f}",
        number(row.against(HELLO)),
        number(row.against(REFERENCE)),
        f"{row.middle('p50_ms'):.1f}",
        f"{row.middle('p99_ms'):.1f}",
        number(row.against(HELLO, "p99_ms")),
        number(row.against(REFERENCE, "p99_ms")),
        _whole(row.middle("cpu_us")),
        *([_whole(row.middle("database_cpu_us"))] if apart else []),
        _whole(row.texts),
        f"{row.refused}",
    ]


def stored(found: Mapping[str, float]) -> str:
    return table("for|bytes", [f"{name}|{size:,.0f}" for name, size in found.items()])


def _whole(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:,.0f}"


def number(ratio: float | None) -> str:
    """As many digits as say something."""
    if ratio is None:
        return "–"
    return f"{ratio:.3f}" if ratio < 0.2 else f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def table(heads: str, lines: Sequence[str], *, words: int = 0) -> str:
    """The first column and the last `words` ones are words, the others numbers."""
    numbers = heads.count("|") - words
    rule = "---" + "|---:" * numbers + "|---" * words
    return "\n".join(f"| {line.replace('|', ' | ')} |" for line in (heads, rule, *lines))
