"""`python -m tests.hostile [EVERY]`: hostile strings through every public door and the desk, with the figures.

The corpora of others are read beside the repository where they are; elsewhere our own strings stand alone. What has to
hold: no answer of 500 or more, no trace of the inside, and nothing stored that was refused.
"""

import base64
import csv
import io
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import SECRET, Clock, Desk, Page, signed_in
from widget_server import create_app
from widget_server.routes.limits import limiter
from widget_server.rules.marking import text_sha256
from widget_server.settings import Settings
from widget_server.storage import connection, sites
from widget_server.storage.tables import Report

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"
OWN = [
    '"><img src=x onerror=__ran()>',
    "<script>__ran()</script>",
    "<svg onload=__ran()>",
    "<math><mtext><style><img src onerror=__ran()>",
    "[a](javascript:__ran())",
    "<a href='jav&#9;ascript:__ran()'>a</a>",
    "<iframe srcdoc='<script>__ran()</script>'>",
    "<template shadowrootmode=open><img src=x onerror=__ran()></template>",
    "</template></machine-generated><script>__ran()</script>",
    "{{7*7}}{% raw %}${7*7}",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(1)",
    "\tx",
    "'; DROP TABLE report; --",
    "%_%" * 60,
    "a\x00b",
    "\ud800",
    "\u202eabc\u2066",
    "\ufeff\u2028\u2029\ufffe",
    "e\u0301" * 900,
    "<div>" * 900,
    "[a" * 900,
    "😀" * 900,
    "../../etc/passwd",
    "Subject: x\r\nBcc: y@z.example\r\n\r\n",
    "__proto__",
    "x@y.example\r\nBcc: z@z.example",
]
MOST_CASES = 300
SLOW = {"publication opened", "sign-in", "desk search"}
"""Our own strings only."""
INSIDE = ("Traceback (most recent", "sqlite3.", "psycopg.", "peewee.")
Door = Callable[[str], TestResponse]


def texts() -> list[str]:
    found = list(OWN)
    if (CASES / "naughty-strings.json").exists():
        found += json.loads((CASES / "naughty-strings.json").read_text())
        for payloads in json.loads((CASES / "html-payloads.json").read_text()).values():
            found += payloads
    return found


def bodies() -> list[bytes]:
    file = CASES / "json-bodies.json"
    found = json.loads(file.read_text()).values() if file.exists() else []
    return [*map(base64.b64decode, found), b"", b"[]", b"null", b"[" * 50_000, b'{"a":1e999}', b'{"site":1,"site":2}']


@dataclass
class Tally:
    tried: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def take(self, door: str, sent: object, answer: TestResponse) -> None:
        self.tried[door] += 1
        if answer.status_code >= 500 or any(word in answer.text for word in INSIDE):
            self.broken.append(f"{door}: {answer.status_code} for {sent!r}"[:300])


def in_json(page: Page, path: str, body: object) -> TestResponse:
    return page.client.post(path, json=body, headers={**page.bearer, "Origin": page.origin})


def doors(page: Page, desk: Desk) -> dict[str, Door]:
    """Each takes one string, in every field that takes text."""
    receipt = page.report().json["receipt"]
    held = page.render(audience="public").json["publication"]

    def report(text: str) -> TestResponse:
        quote = {"exact": text[:500], "prefix": text[:30], "suffix": text[:30]}
        number = str(uuid.uuid4())
        fit = text if text.strip() else "x"
        said = {"site": page.key, "id": number, "category": "misinformation", "text": fit, "comment": text[:2000]}
        return in_json(page, "/api/v1/reports", {**said, "quote": quote, "page": f"{page.origin}/{text[:200]}"})

    def view(text: str) -> TestResponse:
        seen = {"text_sha256": text_sha256("x"), "disclosed": True, "model": text[:200]}
        said = {"site": page.key, "views": [seen], "viewer": text[:200], "page": f"{page.origin}/{text[:200]}"}
        return in_json(page, "/api/v1/views", said)

    def rendered(kind: str) -> Door:
        return lambda text: in_json(
            page, "/api/v1/render", {"text": text, "format": kind, "model": text[:200], "provider": text[:200]}
        )

    def form(text: str) -> TestResponse:
        fields = {"site": page.key, "id": str(uuid.uuid4()), "category": "hate", "text": text, "comment": text}
        fields = {name: _encodable(value) for name, value in fields.items()}
        return page.client.post(
            "/report", data={**fields, "page": page.origin}, headers={"Origin": "https://widget.example"}
        )

    return {
        "reports": report,
        "views": view,
        "render text": rendered("text"),
        "render markdown": rendered("markdown"),
        "render html": rendered("html"),
        "publications": lambda text: in_json(page, "/api/v1/publications", {"text": text, "author": text[:100]}),
        "approvals": lambda text: in_json(
            page, "/api/v1/approvals", {"site": page.key, "texts": [{"text_sha256": text[:64], "content": text[:8000]}]}
        ),
        "prompts": lambda text: in_json(page, "/api/v1/prompts/check", {"template": text, "variables": [text[:100]]}),
        "appeal": lambda text: in_json(page, f"/api/v1/reports/{receipt}/appeal", {"comment": text}),
        "receipts": lambda text: page.client.get("/r/" + _encodable(text)[:200].replace("/", "%2F")),
        "report form": form,
        "form opened": lambda text: page.client.get(
            "/report", query_string={"site": page.key, "content": _encodable(text), "lang": _encodable(text[:20])}
        ),
        "desk search": lambda text: desk.client.get(
            "/admin/reports", query_string={"search": _encodable(text[:200])}, base_url="https://widget.example"
        ),
        "sign-in": lambda text: Desk(desk.client.application.test_client(), "").post(
            "/admin/login", "/admin/login", email=_encodable(text), password=_encodable(text)
        ),
        "publication opened": lambda _: desk.get(f"/admin/publications/{held}"),
    }


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def opened(desk: Desk, last: int) -> Iterator[tuple[str, TestResponse]]:
    """What was stored, as people and programs read it."""
    for number in range(1, last + 1):
        yield "case opened", desk.get(f"/admin/reports/{number}")
    yield "queue", desk.get("/admin/reports")


def formulas(page: Page) -> list[str]:
    """Cells of the exported file that a spreadsheet would compute."""
    exported = page.client.get("/api/v1/decisions.csv", headers=page.bearer).text
    return [cell for row in csv.reader(io.StringIO(exported)) for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")]


def run(app: Flask, page: Page, desk: Desk, *, every: int) -> Tally:
    """Each `every`th of the corpora, through each door."""
    limiter.enabled = False
    tally = Tally()
    try:
        chosen = [*OWN, *texts()[len(OWN) :: every]]
        for name, door in doors(page, desk).items():
            for text in chosen[: len(OWN)] if name in SLOW else chosen:
                before = Report.select().count() if name == "reports" else 0
                answer = door(text)
                tally.take(name, text, answer)
                if name == "reports" and (Report.select().count() - before == 1) != (answer.status_code == 201):
                    tally.broken.append(f"reports: {answer.status_code}, but stored otherwise: {text!r}"[:300])
        for path in sorted({rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}):
            if path.startswith("/api/") and "<" not in path:
                for body in bodies()[::every]:
                    answer = page.client.post(
                        path, data=body, content_type="application/json", headers={**page.bearer, "Origin": page.origin}
                    )
                    tally.take("JSON bodies", body, answer)
        for name, answer in opened(desk, min(Report.select().count(), MOST_CASES)):
            tally.take(name, "", answer)
        desk.decide(1, "withdraw", message="=1+1")
        if found := formulas(page):
            tally.broken.append(f"formulas in CSV: {found[:3]}")
    finally:
        limiter.enabled = True
    return tally


def main() -> int:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    began, clock = time.monotonic(), Clock()
    file = Path(mkdtemp()) / "hostile.sqlite3"
    app = create_app(
        Settings(
            secret_key=SECRET,
            database_url=f"sqlite:///{file}",
            redis_url=None,
            public_url="https://widget.example",
            flood_reports=0,
        ),
        now=clock,
    )
    with connection():
        site = sites.add("News", ["https://news.example"], at=clock())
        secret = sites.secrets_of(site, (SECRET,), at=clock())[0]
    page = Page(app.test_client(), site.key, secret)
    tally = run(app, page, signed_in(app, clock, "ada@news.example"), every=every)
    for door, tried in tally.tried.items():
        print(f"{tried:7} {door}")
    print(f"{tally.tried.total():7} in {time.monotonic() - began:.0f} s; broken: {len(tally.broken)}")
    print("\n".join(tally.broken[:40]))
    app.extensions["widget_server"].writer.close()
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
