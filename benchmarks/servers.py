"""The two servers that are compared, each a program of its own as an operator runs it, and the CPU time they take."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.texts import TEXTS
from benchmarks.traffic import ORIGIN, Case, cases
from e2e.processes import WIDGET_SERVER, Program, answer_of, run
from tests.servers import free_port

NO_LIMITS = {f"WIDGET_LIMIT_{name}": "1000000000/minute" for name in ("VIEWS", "REPORTS", "RENDER")}
HELLO = str(Path(__file__).with_name("hello.py"))


@contextmanager
def running(folder: Path) -> Iterator[tuple[list[Case], dict[int, int]]]:
    """What can be sent to them, and for each port the process that listens there."""
    ours, bare = free_port(), free_port()
    address = f"http://127.0.0.1:{ours}"
    environment = {**NO_LIMITS, "WIDGET_PUBLIC_URL": address}
    site = json.loads(run("site", "add", "Bench", "--origin", ORIGIN, "--json", folder=folder, environment=environment))
    server = Program(
        *WIDGET_SERVER, "run", "--port", str(ours), folder=folder, environment=environment, alive=f"{address}/readyz"
    )
    hello = Program(sys.executable, HELLO, str(bare), folder=folder, environment={}, alive=f"http://127.0.0.1:{bare}/")
    try:
        server.start()
        hello.start()
        content = _content(address, site["secret_key"])
        sent = cases(server=ours, hello=bare, site=site["site"], secret=site["secret_key"], content=content)
        yield sent, {ours: server.process.pid, bare: hello.process.pid}
    finally:
        server.stop()
        hello.stop()


def _content(address: str, secret: str) -> str:
    body = {"text": TEXTS["text"], "model": "jamba-large", "provider": "AI21"}
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    return answer_of(f"{address}/api/v1/render", body=json.dumps(body).encode(), headers=headers)["content"]


def cpu_seconds(process: int) -> float | None:
    """CPU time of a process and all that it started; None on systems that do not tell in /proc."""
    if not Path("/proc/self/stat").exists():
        return None
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)], ticks[int(folder.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    return sum(ticks[one] for one in ticks if process in _line(one, parents)) / os.sysconf("SC_CLK_TCK")


def _line(process: int, parents: dict[int, int]) -> Iterator[int]:
    """A process, its parent, and so on."""
    while process:
        yield process
        process = parents.get(process, 0)
