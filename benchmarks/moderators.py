"""Fifty moderators work five thousand cases at once, on a server as an operator runs it: is every case decided once?

    python benchmarks/moderators.py [--postgresql] [--moderators 50] [--cases 5000]

Each signs in, takes what “Start reviewing” hands out, reads it, decides, and goes on until nothing waits. Every tenth
decision is tried a second time from the same page, as a double click does: it has to be refused.
"""

import argparse
import contextlib
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

import click
import requests

from benchmarks.desk import NOW, PASSWORD, grow_to
from e2e.processes import WIDGET_SERVER, Program
from tests.servers import free_port, postgresql_url
from widget_server import storage
from widget_server.storage import people, sites
from widget_server.storage.tables import Case, Ruling

TWICE = 10
SECONDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks/moderators.py", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own, with two workers")
    parser.add_argument("--moderators", type=int, default=50)
    parser.add_argument("--cases", type=int, default=5_000)
    wanted = parser.parse_args()
    with _server(wanted.moderators, wanted.cases, postgresql=wanted.postgresql) as address:
        with storage.connection():
            waiting = _waiting()
        start = time.monotonic()
        desks = [Desk(address, number) for number in range(wanted.moderators)]
        _work(desks, waiting)
        seconds = time.monotonic() - start
        print(_told(desks, waiting, seconds, database="PostgreSQL" if wanted.postgresql else "SQLite"))


class Desk:
    """One moderator's browser."""

    def __init__(self, address: str, number: int) -> None:
        self.address, self.number = address, number
        self.session = requests.Session()
        self.took: dict[str, list[float]] = {"case": [], "decision, and the next case": []}
        self.decided, self.refused, self.statuses = 0, 0, Counter()
        self.busy = 0

    def work(self) -> None:
        """Until nothing waits."""
        page = self.session.get(f"{self.address}/admin/login", timeout=SECONDS)
        form = {"email": f"moderator{self.number}@desk.example", "password": PASSWORD, **_token(page.text)}
        page = self.session.post(page.url, form, timeout=SECONDS)
        answer = self._post("/admin/reports/next", _token(page.text))
        while found := re.search(r"/admin/reports/(\d+)$", answer.headers["Location"]):
            answer = self._decide(int(found[1]))

    def _decide(self, number: int) -> requests.Response:
        start = time.monotonic()
        page = self._again(lambda: self.session.get(f"{self.address}/admin/reports/{number}", timeout=SECONDS))
        self.took["case"].append(time.monotonic() - start)
        version = re.search(r'name="version" value="(\d+)"', page.text)[1]
        form = {"decision": "dismiss", "message": f"By {self.number}.", "category": "spam", "version": version}
        form |= {"go_on": "1", **_token(page.text)}
        start = time.monotonic()
        answer = self._post(f"/admin/reports/{number}/decision", form)
        self.took["decision, and the next case"].append(time.monotonic() - start)
        self.statuses[answer.status_code] += 1
        self.decided += 1
        if self.decided % TWICE == 0:
            self.refused += self._post(f"/admin/reports/{number}/decision", form).status_code == 409
        return answer

    def _post(self, path: str, form: dict[str, str]) -> requests.Response:
        return self._again(lambda: self.session.post(self.address + path, form, timeout=SECONDS, allow_redirects=False))

    def _again(self, ask: Callable[[], requests.Response]) -> requests.Response:
        """Who reads that the server is busy tries again."""
        while (answer := ask()).status_code == 503:
            self.busy += 1
            time.sleep(int(answer.headers.get("Retry-After", 1)))
        return answer


def _token(page: str) -> dict[str, str]:
    return {"csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]}


@contextlib.contextmanager
def _server(moderators: int, cases: int, *, postgresql: bool) -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        url = stack.enter_context(postgresql_url()) if postgresql else f"sqlite:///{folder / 'desk.sqlite3'}"
        _seed(url, moderators, cases)
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        server = Program(
            *(*WIDGET_SERVER, "run", "--port", str(port), "--workers", "2" if postgresql else "1"),
            folder=folder,
            environment={
                "WIDGET_DATABASE_URL": url,
                "WIDGET_PUBLIC_URL": address,
                "WIDGET_LIMIT_SIGN_IN": "1000/minute",
                "WIDGET_LIMIT_REPORTS": "1000/minute",
                "WIDGET_LIMIT_WORDS": "1000000000/minute",
            },
            alive=[f"{address}/readyz"],
        )
        server.start()
        stack.callback(server.stop)
        yield address


def _seed(url: str, moderators: int, cases: int) -> None:
    storage.connect(url)
    storage.migrate()
    with storage.connection():
        for name in ("News", "Shop", "Forum"):
            sites.add(name, [f"https://{name.lower()}.example"], at=NOW)
        with click.progressbar(range(moderators), label=f"{moderators} moderators", file=sys.stderr) as numbers:
            for number in numbers:
                people.add(f"moderator{number}@desk.example", PASSWORD, at=NOW)
        grow_to(cases)
        Case.update(state="open", outcome=None, decided_at=None, queue="waiting").execute()
        Ruling.delete().execute()


def _waiting() -> int:
    return Case.select().where(Case.queue == "waiting").count()


def _work(desks: list[Desk], waiting: int) -> None:
    threads = [threading.Thread(target=desk.work, daemon=True) for desk in desks]
    for thread in threads:
        thread.start()
    with click.progressbar(length=waiting, label=f"{waiting:,} cases", file=sys.stderr) as done:
        told = 0
        while any(thread.is_alive() for thread in threads):
            threads[0].join(1)
            decided = sum(desk.decided for desk in desks)
            done.update(decided - told)
            told = decided


def _told(desks: list[Desk], waiting: int, seconds: float, *, database: str) -> str:
    with storage.connection():
        rulings = Ruling.select().count()
        cases = Ruling.select(Ruling.case).distinct().count()
        left = _waiting()
    shares = [desk.decided for desk in desks]
    tried, refused = sum(desk.decided // TWICE for desk in desks), sum(desk.refused for desk in desks)
    statuses = sum((desk.statuses for desk in desks), Counter())
    lines = [
        f"{database}: {len(desks)} moderators, {waiting:,} cases, {seconds:.0f} s ({waiting / seconds:.0f} a second)",
        f"decisions {rulings:,}, cases with one {cases:,}, cases still waiting {left}, answers {dict(statuses)}",
        f"answers “busy, try again” {sum(desk.busy for desk in desks)}",
        f"second tries from the same page {tried}, refused {refused}; {min(shares)} to {max(shares)} cases each",
    ]
    for name in ("case", "decision, and the next case"):
        took = [one for desk in desks for one in desk.took[name]]
        middle, late = quantiles(took, n=20)[9] * 1000, quantiles(took, n=20)[-1] * 1000
        lines.append(f"{name}: median {middle:.0f} ms, p95 {late:.0f} ms with all at once")
    right = rulings == cases == waiting and left == 0 and refused == tried
    return "\n".join([*lines, "every case was decided once" if right else "WRONG"])


if __name__ == "__main__":
    main()
