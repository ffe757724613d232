"""Whoever comes to a site on an ordinary day: readers, those who report, the site's own server, a moderator."""

import json
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPMessage
from ipaddress import ip_network
from urllib.parse import urlencode

from tests.chaos.lone import MODERATOR, PASSWORD, Lone
from tests.conftest import BROWSER, ORIGIN
from tests.nodes.house import CALLS

STATIC = ("/widget.js", "/", "/demo", "/api/openapi.json", "/healthz")
TEXT = "The tower was finished in 1889 and stands in Rome, where it draws six million visitors a year."
PATIENCE_SECONDS = 30
ADDRESSES = ip_network("198.18.0.0/20")
"""From where they come, one after the other."""


@dataclass
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes


@dataclass
class Seen:
    """What all visitors saw, by what they asked for: `statuses`, and how long each answer took."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    @property
    def errors(self) -> dict[str, int]:
        return {
            f"{kind} {status or 'broken'}": count for (kind, status), count in self.statuses.items() if not fine(status)
        }

    @property
    def p99_ms(self) -> float:
        return sorted(self.waits)[int(len(self.waits) * 0.99)] * 1000 if self.waits else 0.0


def fine(status: int) -> bool:
    return 200 <= status < 400


class Visitor:
    """One after the other over one connection. `viewers`: from how many people their views come."""

    def __init__(self, lone: Lone, seen: Seen, *, viewers: int = 2_000) -> None:
        self.lone, self.seen, self.viewers = lone, seen, viewers
        self.connection = HTTPConnection("127.0.0.1", lone.node.port, timeout=PATIENCE_SECONDS)
        self.receipts: list[str] = []
        self.cookie = ""

    def ask(self, kind: str, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        sent = {"User-Agent": BROWSER, "Origin": ORIGIN, "Content-Type": "application/json"}
        sent["X-Forwarded-For"] = str(ADDRESSES[next(CALLS) % ADDRESSES.num_addresses])
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        began = time.monotonic()
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
            found = Answer(answer.status, answer.headers, answer.read())
        except (OSError, HTTPException):
            self.connection.close()
            found = Answer(0, HTTPMessage(), b"")
        self.seen.waits.append(time.monotonic() - began)
        self.seen.statuses[kind, found.status] += 1
        return found

    def view(self) -> Answer:
        number = next(CALLS)
        views = [{"text_sha256": f"{number % 50 + one:064x}", "disclosed": True} for one in range(number % 10 + 1)]
        told = {"site": self.lone.site, "viewer": f"known {number % self.viewers}", "views": views}
        return self.ask("view", "POST", "/api/v1/views", json.dumps({**told, "page": f"{ORIGIN}/story"}))

    def report(self, text: str = TEXT, name: str = "") -> Answer:
        told = {"site": self.lone.site, "id": name or str(uuid.uuid4()), "category": "misinformation", "text": text}
        answer = self.ask("report", "POST", "/api/v1/reports", json.dumps({**told, "page": f"{ORIGIN}/story"}))
        if fine(answer.status):
            self.receipts = [*self.receipts[-20:], json.loads(answer.body)["receipt"]]
        return answer

    def receipt(self) -> None:
        for receipt in self.receipts[-1:]:
            self.ask("receipt", "GET", f"/api/v1/reports/{receipt}")
            self.ask("receipt page", "GET", f"/r/{receipt}")

    def render(self) -> Answer:
        body = json.dumps({"text": TEXT, "model": "jamba-large"})
        return self.ask("render", "POST", "/api/v1/render", body, Authorization=f"Bearer {self.lone.secret}")

    def static(self) -> None:
        for path in STATIC:
            self.ask(path, "GET", path)
        self.ask("/report", "GET", f"/report?site={self.lone.site}")

    def sign_in(self) -> Answer:
        opened = self.ask("sign-in", "GET", "/admin/login", Cookie="")
        self._keep(opened)
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', opened.body)
        form = {"email": MODERATOR, "password": PASSWORD, "csrf_token": token[1].decode() if token else ""}
        address = f"http://127.0.0.1:{self.lone.node.port}"
        own = {"Origin": address, "Content_Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        answer = self.ask("sign-in", "POST", "/admin/login", urlencode(form), **own)
        self._keep(answer)
        return answer

    def desk(self) -> None:
        for path in ("/admin/reports", "/admin/figures"):
            self.ask("desk", "GET", path, Cookie=self.cookie)

    def _keep(self, answer: Answer) -> None:
        if cookies := answer.headers.get_all("Set-Cookie"):
            self.cookie = "; ".join(cookie.partition(";")[0] for cookie in cookies)


DAY = ("view",) * 12 + ("render",) * 4 + ("static", "receipt", "desk") + ("report",)
"""What comes in turn, again and again."""


def come(visitor: Visitor, over: threading.Event, *, reports: int = 10**9) -> None:
    """An ordinary day until it is over; from `reports` on nobody reports any more."""
    visitor.sign_in()
    for number in iter(lambda: next(CALLS), None):
        if over.is_set():
            return
        what = DAY[number % len(DAY)]
        if number % 400 == 0:
            visitor.sign_in()
        getattr(visitor, what)()
