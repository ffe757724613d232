"""docs/chaos.md from the figures: each part with what is done in it, what came of it, and what is promised."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from benchmarks.tables import table

INTRO = """# What was broken on purpose

Servers, as `widget-server run` starts them, are killed, starved and pestered while readers come to them. Written by
`make chaos`, each part in less than three minutes; `python -m tests.chaos PART` does one and keeps the figures of the
others ([raw](chaos.json)). `make test` has short forms of them: `tests/test_chaos.py`, `tests/nodes`,
`tests/storage/test_faults.py`.

*Lost*: acknowledged, but not in the database. *Doubled*: there more than once. Readers send one event a request, each
over a connection of its own. A report that is not acknowledged is sent again with its id until it is, as the widget's
outbox does; a view is not.
"""
COUNTED = ("errors", "pages_harmed")
"""Of these, how many there are of each kind."""
MOST: dict[str, float] = {
    **dict.fromkeys(("reports_lost", "reports_doubled", "views_lost", "views_doubled", "without_retry_after"), 0),
    **dict.fromkeys(("start_median", "start_most"), 2),
    **dict.fromkeys(("mib_growth", "descriptors_growth", "threads_growth"), 0.05),
    **dict.fromkeys(COUNTED, 0),
    "errors_logged": 0,
    **dict.fromkeys(("500s", "traces of the inside", "stored that should not be", "other"), 0),
    **dict.fromkeys(("accepted", "right_ones_refused", "lost", "doubled"), 0),
}
"""What each figure may be at most, wherever it stands."""

WORDS = {
    "start_median": "seconds until it is ready, median",
    "start_most": "seconds until it is ready, at most",
    "start_cpu": "seconds of processor time that this takes, median",
    "mib": "memory, MiB (pages that processes share count once)",
    "mib_warm": "memory after the warm-up, MiB (pages that processes share count once)",
    "mib_end": "memory at the end, MiB",
    "mib_most": "memory at most, MiB",
    "mib_before": "memory before, MiB",
    "mib_after": "memory after all, MiB",
    "kinds": "answers",
    "p99_ms": "99th percentile of all answers, ms",
    "without_retry_after": "503 without `Retry-After`",
    "pages_harmed": "pages that were not answered as ever",
    "pages_refused": "pages that were refused while PostgreSQL was down",
    "panics": "times that PostgreSQL fell",
    "database_starts": "times that PostgreSQL was ready",
    "same_processes": "the server ran all the while",
    "pages": "pages and answers for readers, the site and the desk meanwhile",
    "recovered_after_most": "seconds from room to the next acknowledgement, at most",
    "slowest_seconds": "seconds of the slowest answer",
    "memory_after_median": "seconds until `/readyz` says `memory`, median",
    "memory_after_most": "the same, at most",
    "redis_after_median": "seconds until `/readyz` says `redis` again, median",
    "redis_after_most": "the same, at most",
    "told_gone": "lines in the log that Redis is gone",
    "told_back": "lines in the log that it is back",
    "files_allowed": "files that the system allows a process",
    "still_open": "of them still open at the end",
    "still_answered": "share of a hundred of them that are still answered",
    "answered_a_second": "acknowledged requests a second while it is up",
    "errors_logged": "unexpected errors in the log",
    "readiness_told": "what `/readyz` says meanwhile",
    "readiness": "`/readyz` at the end",
    "errors": "errors by kind",
    "mib_growth": "memory growth",
    "whole": "nothing is damaged",
}


@dataclass(frozen=True)
class Part:
    """`about`: the module whose docstring says what is done."""

    title: str
    about: ModuleType
    run: Callable[[], dict]

    @property
    def told(self) -> str:
        assert self.about.__doc__
        return self.about.__doc__.strip()


def written(parts: Mapping[str, Part], found: Mapping[str, dict]) -> str:
    sections = [_section(name, part, found[name]) for name, part in parts.items() if name in found]
    return "\n".join([INTRO, *sections])


def broken(part: Part, measured: Mapping[str, Any]) -> list[str]:
    """The promises that the figures do not keep: what is more than it may be, and what is not true."""
    every = list(flat(measured["figures"]))
    more = [(words, key, value) for words, key, value in every if key in MOST and _size(value) > MOST[key]]
    return [f"{words} {_shown(key, value)}" for words, key, value in more] + [
        f"{words}: no" for words, _, value in every if value is False
    ]


def flat(figures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Words, name and value of each figure, also of those within others."""
    for key, value in figures.items():
        if isinstance(value, dict) and any(isinstance(one, float | bool | dict) for one in value.values()):
            yield from flat(value, f"{before}{key.replace('_', ' ')}: ")
        else:
            yield before + WORDS.get(key, key.replace("_", " ")), key, value


def _section(name: str, part: Part, measured: Mapping[str, Any]) -> str:
    here = measured["machine"]
    rows = [f"{words}|{_shown(key, value)}|{_most(key)}" for words, key, value in flat(measured["figures"])]
    on = (
        f"{measured['at']}, {measured['seconds']:.0f} s on {here['cores']} cores ({here['processor']}), "
        f"load {here['load']} before; Python {here['python']}, {here['server']}, SQLite {here['sqlite']}."
    )
    return f"## {part.title}\n\n{part.told}\n\n{table(f'`{name}`|measured|at most', rows)}\n\n{on}\n"


def _most(key: str) -> str:
    if key in COUNTED:
        return "none"
    return _shown(key, MOST[key]).lstrip("+") if key in MOST else ""


def _size(value: Any) -> float:
    return sum(value.values()) if isinstance(value, dict) else float(value)


def _shown(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{kind}: {count:,}" for kind, count in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if key.endswith("_growth"):
        return f"{value * 100:+.1f} %"
    return f"{value:,.0f}" if value >= 100 or isinstance(value, int) else f"{value:.3g}"
