"""The servers that are compared, each a program of its own as an operator runs it, and the CPU time they take."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from benchmarks import traffic
from benchmarks.traffic import MODEL, ORIGIN, Case
from e2e.processes import WIDGET_SERVER, Program, answer_of, run
from tests.servers import free_port

NO_LIMITS = {
    **{f"WIDGET_LIMIT_{name}": "1000000000/minute" for name in ("VIEWS", "REPORTS", "WORDS", "RENDER")},
    "WIDGET_FLOOD_REPORTS": "0",
}
HELLO = str(Path(__file__).with_name("hello.py"))
REFERENCE_WORKERS, REFERENCE_THREADS = 2, 8


@contextmanager
def running(
    folder: Path, *, workers: int = 1, database_url: str | None = None
) -> Iterator[tuple[list[Case], dict[int, int]]]:
    """What can be sent to ours and to bare Flask on the same server with as many workers, the yardstick first.

    With it, for each port the process that listens there. Without `database_url`, ours keeps an SQLite file.
    """
    ours, bare = free_port(), free_port()
    address = f"http://127.0.0.1:{ours}"
    environment = {**NO_LIMITS, "WIDGET_PUBLIC_URL": address}
    if database_url:
        environment["WIDGET_DATABASE_URL"] = database_url
    site = json.loads(run("site", "add", "Bench", "--origin", ORIGIN, "--json", folder=folder, environment=environment))
    command = [*WIDGET_SERVER, "run", "--port", str(ours), "--workers", str(workers)]
    server = Program(*command, folder=folder, environment=environment, alive=[f"{address}/readyz"])
    command = [sys.executable, HELLO, str(bare), str(workers)]
    hello = Program(*command, folder=folder, environment={}, alive=[f"http://127.0.0.1:{bare}/"])
    try:
        server.start()
        hello.start()
        sent = traffic.cases(
            ours,
            site=site["site"],
            secret=site["secret_key"],
            tokens={text: _token(address, site["secret_key"], text) for text in traffic.texts()},
            etag=_etag(address),
        )
        yield [*traffic.yardsticks(bare), *sent], {ours: server.process.pid, bare: hello.process.pid}
    finally:
        server.stop()
        hello.stop()


@contextmanager
def reference(folder: Path) -> Iterator[tuple[Case, dict[int, int]]]:
    """Bare Flask as most people run it: under gunicorn, in two processes of eight threads."""
    port = free_port()
    size = ["--workers", str(REFERENCE_WORKERS), "--threads", str(REFERENCE_THREADS)]
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", *size, "--bind", f"127.0.0.1:{port}"]
    gunicorn = Program(
        *command, "benchmarks.hello:app", folder=folder, environment={}, alive=[f"http://127.0.0.1:{port}/"]
    )
    gunicorn.start()
    try:
        yield traffic.reference(port), {port: gunicorn.process.pid}
    finally:
        gunicorn.stop()


def _token(address: str, secret: str, text: str) -> str:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    body = json.dumps({"text": text, **MODEL}).encode()
    return answer_of(f"{address}/api/v1/render", body=body, headers=headers)["content"]


def _etag(address: str) -> str:
    with urlopen(Request(f"{address}/widget.js", headers={"Accept-Encoding": "br"})) as answer:
        return answer.headers["ETag"]


def own_postgresql() -> int | None:
    """The PostgreSQL that this program has started, where the system tells in /proc."""
    found = [one for one, (name, parent, _) in _processes().items() if (name, parent) == ("postgres", os.getpid())]
    return found[0] if found else None


def cpu_seconds(process: int | None) -> float | None:
    """CPU time of a process and all that it started; None of nothing, and on systems that do not tell in /proc."""
    every = _processes()
    if process not in every:
        return None
    parents = {one: parent for one, (_, parent, _) in every.items()}
    ticks = sum(ticks for one, (_, _, ticks) in every.items() if process in _line(one, parents))
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> dict[int, tuple[str, int, int]]:
    """The name of each, its parent, and the ticks of CPU time that it took."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            before, _, after = (folder / "stat").read_text().rpartition(")")
        except OSError:
            continue
        fields = after.split()
        found[int(folder.name)] = before.partition("(")[2], int(fields[1]), int(fields[11]) + int(fields[12])
    return found


def _line(process: int, parents: dict[int, int]) -> Iterator[int]:
    """A process, its parent, and so on."""
    while process:
        yield process
        process = parents.get(process, 0)
