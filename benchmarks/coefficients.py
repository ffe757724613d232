"""What each kind of request costs a node and its database: CPU time, bytes stored, bytes on the network.

    python -m benchmarks.coefficients [--requests 2000]

One node with one worker, asked as fast as it answers: so many a second it carries.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from pathlib import Path

import requests

from benchmarks import databases
from benchmarks.arrivals import get, post
from benchmarks.databases import Database
from benchmarks.node import Node, running, settings
from benchmarks.texts import TEXTS
from benchmarks.traffic import ORIGIN
from e2e.processes import run

NEW, KNOWN = "page view of a new viewer, 5 texts", "page view of a viewer already seen, 5 texts"
REPORT, ALIKE = "report on a text of its own, 1 KB", "report on a text reported before"
RENDER, SCRIPT = "render over HTTP, 1 KB", "widget.js, Brotli"
QUEUE, CASE = "desk: the queue", "desk: a case"
TEXTS_ON_A_PAGE = 5
MODERATOR, PASSWORD = "bench@desk.example", "correct horse battery staple"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coefficients", description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000, help="page views of each kind; a tenth of other kinds")
    wanted = parser.parse_args()
    print(json.dumps(measure(wanted.requests), indent=2))


def measure(requests: int) -> dict[str, dict]:
    """By database and kind of request."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        found["SQLite"] = _measured(databases.sqlite(Path(name)), Path(name), requests)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, databases.postgresql() as database:
        found["PostgreSQL"] = _measured(database, Path(name), requests)
    return {"requests": found}


def _measured(database: Database, folder: Path, number: int) -> dict[str, dict[str, float]]:
    with running(database, folder) as node:
        for one in _asked(node, 50).values():
            if one:
                node.take(one)
        found = {}
        for name, asked in _asked(node, number).items():
            _tell(f"{database.name}: {name}")
            found[name] = node.take(asked or _desk(node, folder, name, number // 10)).figures()
        return found


def _asked(node: Node, number: int) -> dict[str, list[bytes]]:
    """Requests by their kind; the desk's come later, when there are cases. `number` also keeps readers apart."""
    fewer = number // 4
    bearer = {"Authorization": f"Bearer {node.site.secret}", "Content-Type": "application/json"}
    ask = {"text": TEXTS["text"], "model": "jamba-large", "provider": "AI21"}
    return {
        NEW: [node.page_view(f"{number}-{one}", texts=TEXTS_ON_A_PAGE) for one in range(number)],
        KNOWN: [node.page_view(f"{number}-{one}", texts=TEXTS_ON_A_PAGE) for one in range(number)],
        REPORT: [_report(node, sender=one, text=one, of=number) for one in range(fewer)],
        ALIKE: [_report(node, sender=fewer + one, text=0, of=number) for one in range(fewer)],
        RENDER: [post("/api/v1/render", ask, **bearer)] * fewer,
        SCRIPT: [get("/widget.js", **{"Accept-Encoding": "br"})] * number,
        QUEUE: [],
        CASE: [],
    }


def _report(node: Node, *, sender: int, text: int, of: int) -> bytes:
    words = f"{of:05d} {text:05d}{TEXTS['text'][11:]}"
    report = {
        "site": node.site.key,
        "id": f"00000000-0000-4000-8000-{of:06d}{sender:06d}",
        "category": "misinformation",
        "text": words,
        "quote": {"exact": words[100:160], "prefix": words[68:100], "suffix": words[160:192]},
        "comment": "The year is wrong, and the second sentence contradicts the source that it names.",
        "page": f"{ORIGIN}/article",
    }
    return post("/api/v1/reports", report)


def _desk(node: Node, folder: Path, name: str, number: int) -> list[bytes]:
    """Pages of a signed-in moderator."""
    environment = settings(node.database, f"http://127.0.0.1:{node.port}")
    if name == QUEUE:
        run("moderator", "add", MODERATOR, "--password-stdin", folder=folder, environment=environment, typed=PASSWORD)
    session, address = requests.Session(), f"http://127.0.0.1:{node.port}"
    page = session.get(f"{address}/admin/login", timeout=10).text
    form = {"email": MODERATOR, "password": PASSWORD, "csrf_token": _token(page)}
    queue = session.post(f"{address}/admin/login", form, timeout=10)
    assert queue.ok, queue.text
    page = session.get(f"{address}/admin/reports", timeout=10).text
    cookie = "; ".join(f"{one.name}={one.value}" for one in session.cookies)
    cases = list(dict.fromkeys(re.findall(r'href="(/admin/reports/\d+)', page)))
    paths = ["/admin/reports"] if name == QUEUE else cases
    return [get(paths[one % len(paths)], Cookie=cookie) for one in range(number)]


def _token(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
