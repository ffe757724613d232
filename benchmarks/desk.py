"""The desk with few and with many cases: what a page costs the server, and how that grows.

    python benchmarks/desk.py [--postgresql] [--cases 1000 10000 100000]

Ten reports a case. Each figure is the 95th percentile of ASKED requests to the application in this process,
without a network, and the most SQL statements that one of them sent.
"""

import argparse
import contextlib
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import click
from flask.testing import FlaskClient
from peewee import SqliteDatabase

from tests.servers import postgresql_url
from widget_server import create_app, storage
from widget_server.rules import moderation
from widget_server.rules.harms import HARMS
from widget_server.rules.marking import text_sha256
from widget_server.rules.moderation import Queue, State
from widget_server.settings import Settings
from widget_server.storage import people, sites, sums
from widget_server.storage.tables import Case, Change, Likeness, Report, Ruling, database

SIZES = [1_000, 10_000, 100_000]
REPORTS_A_CASE = 10
MANY_REPORTS = 1_000
ASKED = 200
CHUNK = 500
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
BASE = "http://desk.example"
MODELS = ["jamba-large", "jamba-mini", "llama-4", "mistral-large", "gpt-5", ""]
LANGUAGES = ["en", "en", "en", "de", "fr", "es", "ar", "ja"]
URGENT_SHARE, WAITING_SHARE, DECIDED_SHARE = 0.03, 0.4, 0.55

chance = random.Random(7)
VOCABULARY = ["".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4)) for _ in range(5_000)]
COMMON = [1 / (rank + 1) for rank in range(len(VOCABULARY))]
Ask = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks/desk.py", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    parser.add_argument("--cases", type=int, nargs="+", default=SIZES, help="how many cases, in growing order")
    wanted = parser.parse_args()
    with _app(
        postgresql=wanted.postgresql
    ) as client:  # each request ends with its connection; others come by themselves
        rows: dict[str, list[tuple[float, int]]] = {}
        for size in wanted.cases:
            grow_to(size)
            for name, asks in _asked(client).items():
                rows.setdefault(name, []).append(_measured(asks))
    print(_table(wanted.cases, rows, database="PostgreSQL" if wanted.postgresql else "SQLite"))


@contextlib.contextmanager
def _app(*, postgresql: bool) -> Iterator[FlaskClient]:
    """A signed-in moderator's client."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        url = stack.enter_context(postgresql_url()) if postgresql else f"sqlite:///{Path(folder) / 'desk.sqlite3'}"
        settings = Settings(secret_key="a server's secret of 32 characters", database_url=url, public_url=BASE)
        client = create_app(settings, now=lambda: NOW).test_client()
        with storage.connection():
            people.add("ada@desk.example", PASSWORD, at=NOW)
            for name in ("News", "Shop", "Forum"):
                sites.add(name, [f"https://{name.lower()}.example"], at=NOW)
        form = {"email": "ada@desk.example", "password": PASSWORD}
        answer = _post(client, "/admin/login", form, token_from="/admin/login")
        assert answer.status_code == 302, answer.text
        yield client


def grow_to(size: int) -> None:
    """Add cases, with their reports and decisions, until there are so many; the first has MANY_REPORTS."""
    have = Case.select().count()
    with click.progressbar(range(have, size, CHUNK), label=f"{size:,} cases", file=sys.stderr) as firsts:
        for first in firsts:
            with storage.transaction():
                _add([_case(number) for number in range(first + 1, min(first + CHUNK, size) + 1)])
    database.execute_sql("ANALYZE" if isinstance(database.obj, SqliteDatabase) else "VACUUM ANALYZE")


def _add(cases: list[dict]) -> None:
    Case.insert_many(cases).execute()
    sums.add(Change, [(site, 1, number) for site, number in sorted(Counter(case["site"] for case in cases).items())])
    bands = [
        {"site": 1, "band": chance.getrandbits(62), "case": case["id"], "waits": case["queue"] is Queue.WAITING}
        for case in cases
        for _ in range(8)
    ]
    Likeness.insert_many(bands).execute()
    reports = [_report(case, number) for case in cases for number in range(_reports_on(case["id"]))]
    for first in range(0, len(reports), CHUNK):
        Report.insert_many(reports[first : first + CHUNK]).execute()
    if decided := [_ruling(case) for case in cases if case["outcome"]]:
        Ruling.insert_many(decided).execute()


def _reports_on(number: int) -> int:
    return MANY_REPORTS if number == 1 else REPORTS_A_CASE


def _case(number: int) -> dict:
    text = " ".join(chance.choices(VOCABULARY, COMMON, k=chance.randint(20, 100))) + f" {number}."
    drawn = 0 if number == 1 else chance.random()
    state = State.OPEN if drawn < WAITING_SHARE else State.LAPSED
    if WAITING_SHARE <= drawn < WAITING_SHARE + DECIDED_SHARE:
        state = chance.choice([State.DISMISSED, State.WITHDRAWN])
    grave = chance.random() < URGENT_SHARE
    category = chance.choice([code for code, harm in HARMS.items() if harm.urgent == grave])
    opened = NOW - timedelta(minutes=chance.randint(60, 500_000))
    queue = moderation.queue_of(state, follows=False)
    decided = opened + timedelta(minutes=chance.randint(5, 3_000)) if queue is Queue.DECIDED else None
    return {
        "id": number,
        "site": 1 + number % 3,
        "text_sha256": text_sha256(text),
        "text": text,
        "verified": number % 2 == 0,
        "model": chance.choice(MODELS),
        "provider": "",
        "review": "none",
        "state": state,
        "outcome": state if decided else None,
        "card_urgent": grave,
        "opened_at": opened,
        "waiting_since": opened,
        "decided_at": decided,
        "queue": queue,
        "place": moderation.place(queue, urgent=grave, since=decided or opened),
        "category": category,
        "named": {category: _reports_on(number)},
        "lang": chance.choice(LANGUAGES),
        "seen": chance.randint(1, 100_000),
    }


def _report(case: dict, number: int) -> dict:
    key = f"{case['id']:032d}{number:032d}"
    return {
        "site": case["site"],
        "case": case["id"],
        "sender": key,
        "receipt_sha256": key,
        "category": case["category"],
        "verified": case["verified"],
        "quote": {"exact": case["text"][10:60], "prefix": "", "suffix": ""} if number % 3 == 0 else None,
        "comment": "The year is wrong." if number % 2 else "",
        "email": "",
        "page": f"https://news.example/{case['id'] % 5_000}",
        "good_faith": False,
        "received_at": case["opened_at"] + timedelta(seconds=number),
    }


def _ruling(case: dict) -> dict:
    return {
        "case": case["id"],
        "decision": "withdraw" if case["outcome"] == State.WITHDRAWN else "dismiss",
        "before": State.OPEN,
        "outcome": case["outcome"],
        "category": case["category"],
        "ground": "guideline",
        "message": "Thank you.",
        "moderator": 1,
        "decided_at": case["decided_at"],
    }


def _asked(client: FlaskClient) -> dict[str, list[Ask]]:
    """Requests by their kind. They change only what they decide."""
    waiting = [row.id for row in Case.select(Case.id).where(Case.queue == Queue.WAITING, Case.id != 1).limit(20_000)]
    middle = Case.select().where(Case.queue == Queue.WAITING).order_by(Case.place).offset(len(waiting) // 2).get()
    filters = [
        *(f"category={code}" for code in ("spam", "hate", "privacy")),
        *(f"clause={clause}" for clause in ("1.i", "1.iii", "2.iii")),
        "model=jamba-large",
        "lang=de",
        "state=open&claimed=nobody",
        "show=decided&clause=1.ii",
        "show=decided&since=2026-06-01&until=2026-07-01",
    ]

    def get(path: str) -> Ask:
        return lambda: _got(client, f"/admin/reports{path}")

    def words(number: int, *, among: int) -> str:
        return "+".join(chance.choices(VOCABULARY[:among], k=number))

    cases = chance.sample(waiting, min(ASKED, len(waiting)))
    _token(client)
    return {
        "queue": [get("")] * ASKED,
        "queue, filtered": [get(f"?{chance.choice(filters)}") for _ in range(ASKED)],
        "queue, from its middle on": [get(f"?after={middle.place}_{middle.id}")] * ASKED,
        "search, a page full of a common word": [get(f"?search={words(1, among=20)}") for _ in range(ASKED)],
        "search, a page full of two common words": [get(f"?search={words(2, among=20)}") for _ in range(ASKED)],
        "search, two words that are rarer": [get(f"?search={words(2, among=500)}") for _ in range(ASKED)],
        "case": [get(f"/{number}") for number in cases],
        f"case with {MANY_REPORTS:,} reports": [get("/1")] * (ASKED // 4),
        "decision, and the next case": [_decision(client, number) for number in cases],
    }


def _decision(client: FlaskClient, number: int) -> Ask:
    form = {"decision": "dismiss", "message": "Thank you.", "category": "spam", "version": "0", "go_on": "1"}

    def decide() -> None:
        answer = _post(client, f"/admin/reports/{number}/decision", form)
        assert answer.status_code == 303, (answer.status_code, answer.text)

    return decide


_tokens: dict[FlaskClient, str] = {}


def _post(client: FlaskClient, path: str, form: dict[str, str], *, token_from: str = "") -> object:
    return client.post(path, data={"csrf_token": _token(client, token_from), **form}, base_url=BASE)


def _token(client: FlaskClient, page: str = "") -> str:
    """Of a page, or, once it was read, of the session: reading it is no part of what is measured."""
    if page or client not in _tokens:
        shown = client.get(page or "/admin/wishes", base_url=BASE).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
        assert found, shown
        if page:
            return found[1]
        _tokens[client] = found[1]
    return _tokens[client]


def _got(client: FlaskClient, path: str) -> None:
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == 200, (path, answer.status_code)


def _measured(asks: list[Ask]) -> tuple[float, int]:
    """The 95th percentile in milliseconds, and the most statements of one request."""
    asks = [*asks]
    asks[0]() if "decide" not in asks[0].__name__ else None
    took, most = [], 0
    for ask in asks:
        with _counting() as statements:
            start = time.perf_counter()
            ask()
            took.append(time.perf_counter() - start)
        most = max(most, len(statements))
    return quantiles(took, n=20)[-1] * 1000, most


@contextlib.contextmanager
def _counting() -> Iterator[list[str]]:
    real, statements = database.obj.execute_sql, []

    def counting(sql: str, *arguments: object, **named: object) -> object:
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            statements.append(sql)
        return real(sql, *arguments, **named)

    database.obj.execute_sql = counting
    try:
        yield statements
    finally:
        del database.obj.execute_sql


def _table(sizes: list[int], rows: dict[str, list[tuple[float, int]]], *, database: str) -> str:
    heads = [f"{database}, p95 ms", *(f"{size:,} cases" for size in sizes), "growth", "statements"]
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    for name, found in rows.items():
        figures = [f"{took:.1f}" for took, _ in found]
        growth = f"{found[-1][0] / found[0][0]:.2f}"
        lines.append(f"| {name} | {' | '.join(figures)} | {growth} | {max(most for _, most in found)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
