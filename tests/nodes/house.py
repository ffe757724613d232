"""A whole installation of several nodes, readers who come to it, and what must be true of it in the end."""

import itertools
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol

from e2e.processes import run
from tests.conftest import BROWSER, ORIGIN, SECRET
from tests.nodes.machines import Node, PostgreSQL, Redis, until
from tests.servers import _folder

RENDERINGS = 20
CALLS, TURNS = itertools.count(), itertools.count()
BROKEN = 0
"""The status of what was never answered."""


@dataclass
class House:
    """The whole installation. `primary` is the PostgreSQL that is written to."""

    folder: Path
    primary: PostgreSQL
    replica: PostgreSQL
    redis: Redis
    nodes: list[Node]
    site: str = ""
    secret: str = ""

    def stored(self) -> "Stored":
        return Stored.told(self.primary.ask)


@dataclass(frozen=True)
class Stored:
    """What the database holds."""

    reports: int
    ids: int
    viewers: int
    impressions: int
    first_views: int

    @classmethod
    def told(cls, ask: Callable[[str], int]) -> "Stored":
        reports, ids = ask("SELECT count(*) FROM report"), ask("SELECT count(DISTINCT sender) FROM report")
        viewers = ask("SELECT count(*) FROM viewer WHERE site > 0")
        sums = (
            ask(f"SELECT coalesce(sum({name}), 0) FROM tally WHERE site > 0") for name in ("impressions", "viewers")
        )
        return cls(reports, ids, viewers, *map(int, sums))


class Installation(Protocol):
    """Whatever readers can come to."""

    site: str

    def stored(self) -> Stored: ...


@contextmanager
def standing(*, nodes: int) -> Iterator["House"]:
    """So many nodes, a PostgreSQL whose replica has all that is acknowledged, and a Redis."""
    with _folder() as folder, ExitStack() as running:
        primary = PostgreSQL(folder, settings=("synchronous_standby_names=replica",))
        replica = PostgreSQL(folder, copy_of=primary)
        redis = Redis(folder)
        for server, end in ((primary, primary.stop), (replica, replica.stop), (redis, redis.kill)):
            server.start()
            running.callback(end)
        until(lambda: primary.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"))
        environment = {
            "WIDGET_DATABASE_URL": (
                f"postgresql://postgres@127.0.0.1:{primary.port},127.0.0.1:{replica.port}/postgres"
                "?target_session_attrs=read-write"
            ),
            "WIDGET_REDIS_URL": redis.url,
            "WIDGET_SECRET_KEY": SECRET,
            "WIDGET_LIMIT_VIEWS": "1000000/minute",
            "WIDGET_LIMIT_REPORTS": "1000000/minute",
            "WIDGET_LIMIT_WORDS": "1000000000/minute",
            "WIDGET_LIMIT_RENDER": f"{RENDERINGS}/hour",
            "WIDGET_FLOOD_REPORTS": "0",
        }
        made = json.loads(
            run("site", "add", "News", "--origin", ORIGIN, "--json", folder=folder, environment=environment)
        )
        running_nodes = [Node(folder, environment) for _ in range(nodes)]
        with ThreadPoolExecutor() as together:
            list(together.map(Node.start, running_nodes))
        for node in running_nodes:
            running.callback(node.stop)
        yield House(folder, primary, replica, redis, running_nodes, made["site"], made["secret_key"])


def fail_over(house: House) -> None:
    """The primary dies, and its replica takes its place."""
    house.primary.crash()
    house.replica.promote()
    house.primary = house.replica


@dataclass
class Load:
    """Readers who come to one of the ports in turn, as behind a load balancer without any wit.

    A report that is not acknowledged is sent again, with its id, until it is; a view is not.
    """

    house: Installation
    ports: list[int]
    views: list[bool] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    kinds: Counter[tuple[str, int]] = field(default_factory=Counter)
    without_retry_after: int = 0
    patience: float = 20
    stopping: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self, threads: int = 4) -> Iterator["Load"]:
        readers = [threading.Thread(target=self._read) for _ in range(threads)]
        for reader in readers:
            reader.start()
        try:
            yield self
        finally:
            self.stopping.set()
            for reader in readers:
                reader.join(30)

    def _read(self) -> None:
        while not self.stopping.is_set():
            number = next(CALLS)
            self.views.append(self.send("views", self._view(number)))
            if number % 4 == 0:
                self._report(number)

    def _view(self, number: int) -> dict:
        views = [{"text_sha256": f"{number:064x}", "disclosed": True}]
        return {"viewer": f"reader {number}", "views": views, "page": f"{ORIGIN}/story"}

    def _report(self, number: int) -> None:
        name = str(uuid.uuid4())
        report = {"id": name, "category": "misinformation", "text": f"text {number}", "page": f"{ORIGIN}/story"}
        end = time.monotonic() + self.patience
        while not self.send("reports", report):
            assert time.monotonic() < end, "never acknowledged"
            time.sleep(0.05)
        self.reports.append(name)

    def send(self, noun: str, body: dict) -> bool:
        port = self.ports[next(TURNS) % len(self.ports)]
        connection = HTTPConnection("127.0.0.1", port, timeout=15)
        try:
            connection.request(
                "POST",
                f"/api/v1/{noun}",
                json.dumps({"site": self.house.site, **body}),
                {"Origin": ORIGIN, "User-Agent": BROWSER, "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            answer.read()
            status = answer.status
            self.without_retry_after += status == 503 and "Retry-After" not in answer.headers
        except (OSError, HTTPException):
            status = BROKEN
        finally:
            connection.close()
        self.kinds[noun, status] += 1
        fine = status in (200, 201)
        (self.answered if fine else self.refused).append(time.monotonic())
        return fine

    def more(self, count: int = 40) -> None:
        """Until so many more are acknowledged."""
        before = len(self.answered)
        until(lambda: len(self.answered) >= before + count)

    @property
    def statuses(self) -> set[int]:
        return {status for _, status in self.kinds} - {BROKEN}

    @property
    def seconds_of_refusal(self) -> float:
        """From the last acknowledgement before the first refusal to the first one after the last refusal."""
        if not self.refused:
            return 0.0
        first, last = min(self.refused), max(self.refused)
        before = max((at for at in self.answered if at < first), default=first)
        return min((at for at in self.answered if at > last), default=last) - before


def assert_kept(load: Load, *, before: Stored) -> None:
    """All that was acknowledged is there, nothing twice; what was refused may be there once."""
    after = load.house.stored()
    reports, viewers = after.reports - before.reports, after.viewers - before.viewers
    acknowledged = sum(load.views)
    assert load.without_retry_after == 0
    assert after.reports == after.ids
    assert reports == len(load.reports) == len(set(load.reports))
    assert acknowledged <= viewers <= len(load.views)
    assert viewers == after.impressions - before.impressions == after.first_views - before.first_views
