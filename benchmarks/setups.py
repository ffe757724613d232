"""The ways to run the server that are measured, and the rounds: everything once on each, one case after the other."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import rendering
from benchmarks.readers import Send, readers
from benchmarks.servers import cpu_seconds, own_postgresql, reference, running
from benchmarks.traffic import FLASK_STATIC, HELLO, REFERENCE, Case

ROUNDS = 3
WARM_UP_SECONDS = 0.5
YARDSTICKS = [REFERENCE, HELLO, FLASK_STATIC]


@dataclass(frozen=True, slots=True)
class Setup:
    """One way to run the server. Bare Flask runs beside it on the same server with as many workers."""

    database: str
    workers: int

    def __str__(self) -> str:
        return f"{self.database}, {self.workers} worker{'s' if self.workers > 1 else ''}"


POSTGRESQL = "PostgreSQL"
SETUPS = [Setup("SQLite", workers=1), Setup(POSTGRESQL, workers=2)]


@dataclass(frozen=True, slots=True)
class Sent:
    """A case on a setup, and the processes whose CPU time it takes. `database`: PostgreSQL, if this run started it."""

    setup: Setup
    case: Case
    server: int
    database: int | None

    def __str__(self) -> str:
        return f"{self.setup}, {self.case.name}"


def measure(folder: Path, postgresql: str, *, only: str, seconds: float) -> list[dict[str, Any]]:
    """`only`: what the names of the requests have to contain, but for those of the yardsticks."""
    with _servers(folder, postgresql) as every:
        wanted = [sent for sent in every if only in sent.case.name or sent.case.name in YARDSTICKS]
        with readers([sent.case for sent in wanted]) as send:
            for place, sent in enumerate(wanted):
                tell(f"before it counts: {sent}")
                send(place, seconds=min(WARM_UP_SECONDS, seconds))
            return [_round(number, wanted, send, seconds) for number in range(1, ROUNDS + 1)]


@contextmanager
def _servers(folder: Path, postgresql: str) -> Iterator[list[Sent]]:
    """All that can be sent on each setup, its yardsticks first."""
    found: list[Sent] = []
    with ExitStack() as stack:
        bare, reference_process = stack.enter_context(reference(folder))
        for setup in SETUPS:
            home = folder / str(setup)
            home.mkdir()
            url = postgresql if setup.database == POSTGRESQL else None
            database = own_postgresql() if url else None
            cases, processes = stack.enter_context(running(home, workers=setup.workers, database_url=url))
            processes |= reference_process
            found += [Sent(setup, case, processes[case.port], database) for case in (bare, *cases)]
        yield found


def _round(number: int, wanted: list[Sent], send: Send, seconds: float) -> dict[str, Any]:
    tell(f"round {number} of {ROUNDS}: render in process")
    found: dict[str, Any] = {"render": rendering.measure(), "http": {str(setup): {} for setup in SETUPS}}
    for place, sent in enumerate(wanted):
        tell(f"round {number} of {ROUNDS}, {place + 1} of {len(wanted)}: {sent}")
        processes = {"cpu_us": sent.server, "database_cpu_us": sent.database}
        before = {name: cpu_seconds(process) for name, process in processes.items()}
        answers = send(place, seconds=seconds)
        took = {
            name: None if before[name] is None else (cpu_seconds(process) - before[name]) / answers.count * 1e6
            for name, process in processes.items()
        }
        found["http"][str(sent.setup)][sent.case.name] = {**asdict(answers), **took, "texts": sent.case.texts}
    return found


def tell(step: str) -> None:
    """Progress, beside the result."""
    print(step, file=sys.stderr, flush=True)
