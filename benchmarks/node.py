"""One node as an operator runs it, over a database, and what it takes: memory, CPU time, bytes of the database."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.arrivals import CONNECTIONS, Served, at_once, post, serve
from benchmarks.databases import Database
from benchmarks.servers import NO_LIMITS, cpu_seconds
from benchmarks.texts import TEXTS
from benchmarks.traffic import ORIGIN
from e2e.processes import WIDGET_SERVER, Program, answer_of, run
from tests.servers import free_port
from widget_server.rules.marking import text_sha256

SECRET = "a server's secret of 32 characters"
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Site:
    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Took:
    """What some requests took: `cpu` and `database_cpu` in seconds, `grown` in bytes. `commits`: of impressions."""

    served: Served
    cpu: float
    database_cpu: float
    grown: int
    commits: int

    def figures(self) -> dict[str, float]:
        """Of one request; CPU in µs, its time in ms."""
        count = self.served.count
        return {
            "count": count,
            "per_second": count / self.served.seconds,
            "cpu_us": self.cpu / count * 1e6,
            "database_cpu_us": self.database_cpu / count * 1e6,
            "p50_ms": self.served.p50_ms,
            "p99_ms": self.served.p99_ms,
            "sent": self.served.sent / count,
            "received": self.served.received / count,
            "grown": self.grown / count,
            "commits": self.commits / count,
        }


@dataclass(frozen=True, slots=True)
class Node:
    """A running server. `site`: whose pages send requests."""

    port: int
    process: int
    database: Database
    site: Site

    def take(self, requests: Iterable[bytes], *, connections: int = CONNECTIONS) -> Took:
        """Serve all of them, and tell what that took."""
        before = self._used()
        served = serve(at_once(requests, self.port), [self.port], connections=connections)
        cpu, database_cpu, grown, commits = (
            later - earlier for earlier, later in zip(before, self._used(), strict=True)
        )
        return Took(served, cpu, database_cpu, int(grown), int(commits))

    def _used(self) -> tuple[float, ...]:
        database = self.database
        theirs = cpu_seconds(database.process) if database.process else None
        commits = database.statements()["tallies"]
        return cpu_seconds(self.process) or 0.0, theirs or 0.0, database.bytes(), commits

    def memory(self) -> dict[str, float]:
        """MiB: what each of its processes has in memory, added up, and with what they share counted once."""
        found = {"resident": 0.0, "shared_once": 0.0, "main": 0.0}
        for number in family(self.process):
            rollup = sizes(Path(f"/proc/{number}/smaps_rollup").read_text())
            found["main"] = found["main"] or rollup["Rss"] / 1024
            found["resident"] += rollup["Rss"] / 1024
            found["shared_once"] += rollup["Pss"] / 1024
        return found

    def content(self) -> str:
        """The token that the site signed for the text of all these requests."""
        body = {"text": TEXTS["text"], "model": "jamba-large", "provider": "AI21"}
        headers = {"Authorization": f"Bearer {self.site.secret}", "Content-Type": "application/json"}
        address = f"http://127.0.0.1:{self.port}/api/v1/render"
        return answer_of(address, body=json.dumps(body).encode(), headers=headers)["content"]

    def page_view(self, viewer: object, *, texts: int) -> bytes:
        """A page view of somebody on which so many texts come into sight."""
        views = [{"text_sha256": DIGESTS[number], "disclosed": True} for number in range(texts)]
        return post(
            "/api/v1/views",
            {"site": self.site.key, "viewer": f"reader {viewer}", "page": f"{ORIGIN}/article", "views": views},
        )


DIGESTS = [text_sha256(f"{number} {TEXTS['text']}") for number in range(10)]


def settings(database: Database, address: str) -> dict[str, str]:
    return {
        **NO_LIMITS,
        "WIDGET_FLOOD_REPORTS": "0",
        "WIDGET_DATABASE_URL": database.url,
        "WIDGET_PUBLIC_URL": address,
        "WIDGET_SECRET_KEY": SECRET,
    }


@contextmanager
def running(database: Database, folder: Path, *, site: Site | None = None) -> Iterator[Node]:
    """A node; with a `site` of its own, or the next one beside another."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = settings(database, address)
    if site is None:
        words = ("site", "add", "Bench", "--origin", ORIGIN, "--json")
        made = json.loads(run(*words, folder=folder, environment=environment))
        site = Site(made["site"], made["secret_key"])
    server = Program(
        *(*WIDGET_SERVER, "run", "--port", str(port)),
        folder=folder,
        environment=environment,
        alive=[f"{address}/readyz"],
    )
    try:
        server.start()
        yield Node(port, server.process.pid, database, site)
    finally:
        server.stop()


def family(process: int) -> Iterator[int]:
    """A process and all that it started."""
    yield process
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        yield from family(int(child))


def sizes(rollup: str) -> dict[str, int]:
    fields = (line.split() for line in rollup.splitlines()[1:])
    return {words[0].rstrip(":"): int(words[1]) for words in fields}
