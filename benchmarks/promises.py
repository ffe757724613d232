"""What we promise about speed and size, and whether this run shows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks import stored
from benchmarks.rounds import Row, rows, setups
from benchmarks.tables import number, table
from benchmarks.traffic import FLASK_STATIC, HELLO, NEW, REFERENCE, RENDER, SEEN, STATIC, STATIC_BROTLI

FATHOM_LITE = 3.78
"""Its requests a second against the same bare Flask (peers.py), which are not yet stored."""


@dataclass(frozen=True, slots=True)
class Promise:
    what: str
    figure: float
    least: float | None = None
    most: float | None = None

    @property
    def holds(self) -> bool:
        return (self.least is None or self.figure >= self.least) and (self.most is None or self.figure <= self.most)

    @property
    def asked(self) -> str:
        return f"≥ {self.least:g}" if self.most is None else f"≤ {self.most:g}"


def promises(rounds: Sequence[dict[str, Any]], sizes: Mapping[str, float]) -> Iterator[Promise]:
    for setup in setups(rounds):
        yield from _http(setup, rows(rounds, setup))
    in_process = median(one["render"]["text"]["render"] for one in rounds)
    yield Promise("`render` of 1 KB in the host's process, µs", in_process, most=25)
    yield Promise("SQLite: bytes a viewer", sizes[stored.VIEWER], most=30)
    further = sizes[stored.AGAIN] / sizes[stored.VIEWER]
    yield Promise("SQLite: bytes of a further impression, × those of a viewer", further, most=0.01)


def _http(setup: str, found: Mapping[str, Row]) -> Iterator[Promise]:
    for name, who in {SEEN: "viewer already seen", NEW: "every viewer new"}.items():
        views, whole = f"{setup}: views, {who}", found[name]
        yield Promise(f"{views}, × hello", whole.against(HELLO), least=1.1)
        yield Promise(f"{views}, × hello under gunicorn", whole.against(REFERENCE), least=3)
        yield Promise(f"{views}, p99 × that of hello under gunicorn", whole.against(REFERENCE, "p99_ms"), most=1)
        yield Promise(f"{views}, × hello under gunicorn; the goal", whole.against(REFERENCE), least=FATHOM_LITE)
    yield Promise(f"{setup}: render over HTTP, × hello", found[RENDER].against(HELLO), least=0.8)
    for name, what in {STATIC: "widget.js", STATIC_BROTLI: "widget.js in Brotli"}.items():
        yield Promise(f"{setup}: {what}, × Flask's own static", found[name].against(FLASK_STATIC), least=5)


def markdown(found: Sequence[Promise]) -> str:
    lines = [
        f"{one.what}|{one.asked}|{number(one.figure)}|{'holds' if one.holds else '**does not hold**'}" for one in found
    ]
    return table("promise|asked|measured|", lines, words=1)
