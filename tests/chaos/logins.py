"""A thousand guesses at one account from a hundred addresses, on a server as an operator runs it.

`python -m tests.chaos logins`. Nobody may get in by them, and the owner has to, meanwhile and afterwards.
"""

import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from e2e.processes import WIDGET_SERVER, Program
from e2e.processes import run as command
from tests.servers import free_port

OWNER, OTHER, PASSWORD = "anna@desk.example", "ben@desk.example", "a long password of Anna's"
GUESSES, ADDRESSES, AT_ONCE, PAIRS = 1_000, 100, 16, 40
PATIENT, PAUSE_SECONDS = 8, 2
"""So often somebody tries again who is told that very many try."""
FLOOD = 200
"""So many sign-ins at once, each to an account of its own."""


def run(guesses: int = GUESSES, addresses: int = ADDRESSES, pairs: int = PAIRS, flood: int = FLOOD) -> dict[str, Any]:
    with TemporaryDirectory(prefix="widget-logins-") as folder, running(Path(folder)) as desk:
        before = desk.megabytes()
        alike = timing(desk, pairs)
        known = desk.browser("203.0.113.1")
        first = known.comes_in(OWNER, PASSWORD)
        began = time.monotonic()
        meanwhile: list[bool] = []
        visitor = threading.Thread(
            target=lambda: meanwhile.append(desk.browser("203.0.113.2").comes_in(OWNER, PASSWORD))
        )
        answers = Counter(all_answers(desk, guesses, addresses, beside=visitor))
        seconds = time.monotonic() - began
        visitor.join()
        found = {
            "guesses": guesses,
            "addresses": addresses,
            "seconds": round(seconds, 1),
            "accepted": answers[302],
            "looked_at": answers[403],
            "refused_unseen": answers[429] + answers[503],
            "errors": sum(number for status, number in answers.items() if status not in (302, 403, 429, 503)),
            "owner": {
                "before": first,
                "meanwhile_from_a_new_address": meanwhile == [True],
                "afterwards_from_a_new_address": desk.browser("203.0.113.3").comes_in(OWNER, PASSWORD),
                "afterwards_in_a_known_browser": known.comes_in(OWNER, PASSWORD),
            },
            "timing": alike,
            "flood": flooded(desk, flood),
        }
        return {**found, "mib_before": before, "mib_most": desk.megabytes(most=True)}


class Desk:
    """A running server behind a trusted proxy, which tells where each request comes from."""

    def __init__(self, address: str, program: Program) -> None:
        self.address, self.program = address, program

    def browser(self, address: str) -> "Browser":
        return Browser(self.address, address)

    def megabytes(self, *, most: bool = False) -> int:
        """What its processes hold now, or held at most, as Linux tells it; 0 elsewhere."""
        wanted, total = "VmHWM" if most else "VmRSS", 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                told = status.read_text()
                group = (status.parent / "stat").read_text().rpartition(")")[2].split()[2]
            except OSError:
                continue
            if (
                self.program.process
                and int(group) == self.program.process.pid
                and (kib := re.search(rf"{wanted}:\s+(\d+)", told))
            ):
                total += int(kib[1])
        return total // 1024


class Browser:
    def __init__(self, server: str, address: str) -> None:
        self.server, self.session = server, requests.Session()
        self.session.headers["X-Forwarded-For"] = address
        self.token = ""

    def sign_in(self, email: str, password: str) -> int:
        if not self.token:
            self.token = self._token()
        form = {"csrf_token": self.token, "email": email, "password": password}
        answer = self.session.post(f"{self.server}/admin/login", data=form, allow_redirects=False, timeout=120)
        if answer.status_code == 302:
            self.token = ""
        return answer.status_code

    def comes_in(self, email: str, password: str) -> bool:
        """As a person does who is asked to try again soon."""
        for _ in range(PATIENT):
            if (status := self.sign_in(email, password)) != 503:
                return status == 302
            time.sleep(PAUSE_SECONDS)
        return False

    def _token(self) -> str:
        page = self.session.get(f"{self.server}/admin/login", timeout=120).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found
        return found[1]


@contextmanager
def running(folder: Path) -> Iterator[Desk]:
    """Limits are as they come."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {"WIDGET_PUBLIC_URL": address, "WIDGET_TRUSTED_PROXIES": "127.0.0.1"}
    for email in (OWNER, OTHER):
        words = ("moderator", "add", email, "--password-stdin")
        command(*words, folder=folder, environment=environment, typed=PASSWORD + "\n")
    alive = [f"{address}/healthz"]
    program = Program(*WIDGET_SERVER, "run", "--port", str(port), folder=folder, environment=environment, alive=alive)
    program.start()
    try:
        yield Desk(address, program)
    finally:
        program.stop()


def all_answers(desk: Desk, guesses: int, addresses: int, *, beside: threading.Thread) -> Iterable[int]:
    """What the guesses are answered; half-way through, the owner signs in `beside` them."""
    browsers = [desk.browser(f"198.51.100.{number}") for number in range(addresses)]
    for browser in browsers:
        browser.token = browser._token()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = [
            pool.submit(browsers[number % addresses].sign_in, OWNER, f"guess {number}") for number in range(guesses)
        ]
        tried[guesses // 2].result()
        beside.start()
        return [one.result() for one in tried]


def timing(desk: Desk, pairs: int) -> dict[str, float]:
    """How long a wrong password takes, of an account that is there and of one that is not, one after the other."""
    took: dict[str, list[float]] = {OTHER: [], "nobody@desk.example": []}
    for number in range(pairs):
        for email, times in took.items():
            browser = desk.browser(f"192.0.2.{number}")
            browser.token = browser._token()
            began = time.perf_counter()
            assert browser.sign_in(email, "wrong") == 403
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    return {
        "pairs": pairs,
        "known_ms": round(known * 1000, 1),
        "unknown_ms": round(unknown * 1000, 1),
        "ratio": round(known / unknown, 2),
    }


def flooded(desk: Desk, number: int) -> dict[str, Any]:
    """Sign-ins to as many accounts that are not there, at once: what they get, and what a page takes meanwhile."""
    browsers = [desk.browser(f"198.18.{one // 250}.{one % 250}") for one in range(number)]
    for browser in browsers:
        browser.token = browser._token()
    slowest = 0.0
    with ThreadPoolExecutor(64) as pool:
        tried = [pool.submit(browser.sign_in, f"nobody{one}@desk.example", "x") for one, browser in enumerate(browsers)]
        while not all(one.done() for one in tried):
            began = time.perf_counter()
            requests.get(f"{desk.address}/healthz", timeout=120)
            slowest = max(slowest, time.perf_counter() - began)
    told = Counter(one.result() for one in tried)
    return {
        "sign_ins": number,
        "looked_at": told[403],
        "asked_to_come_back": told[503] + told[429],
        "slowest_other_s": round(slowest, 2),
    }
