"""The doors that are open to everybody, and those that a site's secret key opens."""

import io
import json
import uuid
from collections.abc import Callable

from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from tests.chaos.corpora import bodies, encodable, sample, texts
from tests.chaos.inside import Inside
from tests.chaos.tally import Tally
from tests.conftest import Page
from widget_server.rules.marking import text_sha256
from widget_server.storage.tables import Case, PublicationRow, PublicationStep, Report

Door = Callable[[str], TestResponse]
HTTPS = "https://widget.example"
KEPT = (Report, Case, PublicationRow, PublicationStep)
"""Of which nothing more may be there after a refusal."""
HEADERS = (
    "HTTP_HOST HTTP_X_FORWARDED_HOST HTTP_X_FORWARDED_FOR HTTP_X_FORWARDED_PROTO HTTP_X_FORWARDED_PREFIX "
    "HTTP_FORWARDED HTTP_X_HTTP_METHOD_OVERRIDE HTTP_REFERER HTTP_ORIGIN HTTP_COOKIE HTTP_AUTHORIZATION "
    "HTTP_ACCEPT HTTP_USER_AGENT HTTP_ACCEPT_LANGUAGE HTTP_IF_NONE_MATCH HTTP_IF_MODIFIED_SINCE "
    "HTTP_RANGE HTTP_SEC_FETCH_SITE CONTENT_TYPE HTTP_CONTENT_ENCODING CONTENT_LENGTH HTTP_X_REAL_IP "
).split()
ADDRESSES = (
    ("GET", "/"), ("GET", "/report?site={site}"), ("GET", "/r/AAAA"), ("GET", "/admin/login"),
    ("GET", "/admin/reports"), ("GET", "/api/v1/usage"), ("POST", "/api/v1/views"), ("POST", "/api/v1/reports"),
    ("POST", "/api/v1/render"),
    ("POST", "/report"), ("POST", "/admin/login"), ("GET", "/widget.js"), ("GET", "/healthz"),
)  # fmt: skip


def api(page: Page) -> dict[str, Door]:
    """Each takes one string, in every field that takes text."""
    receipt = page.report().json["receipt"]

    def post(path: str, body: object) -> TestResponse:
        return page.client.post(path, json=body, headers={**page.bearer, "Origin": page.origin})

    def report(text: str) -> TestResponse:
        quote = {"exact": text[:500], "prefix": text[:30], "suffix": text[:30]}
        said = {"site": page.key, "id": str(uuid.uuid4()), "category": "misinformation", "text": text or "x"}
        more = {"comment": text[:2000], "quote": quote, "page": f"{page.origin}/{text[:200]}"}
        return post("/api/v1/reports", {**said, **more})

    def views(text: str) -> TestResponse:
        seen = {"text_sha256": text_sha256("x"), "disclosed": True, "model": text[:200], "content": text[:500]}
        said = {"site": page.key, "views": [seen], "viewer": text[:200], "page": f"{page.origin}/{text[:200]}"}
        return post("/api/v1/views", said)

    def rendered(kind: str) -> Door:
        named = ("model", "provider", "lang", "reviewed_by", "purpose")
        return lambda text: post(
            "/api/v1/render", {"text": text, "format": kind, **dict.fromkeys(named[:2], text[:200])}
        )

    return {
        "reports": report,
        "report’s e-mail": lambda text: page.report(email=text[:254]),
        "views": views,
        "render text": rendered("text"),
        "render markdown": rendered("markdown"),
        "render html": rendered("html"),
        "render’s other fields": lambda text: page.render(
            lang=text[:50], reviewed_by=text[:200], purpose=text[:100], prompt_template=text[:500], layout=text[:20]
        ),
        "publications": lambda text: post("/api/v1/publications", {"text": text, "author": text[:100]}),
        "approvals": lambda text: post(
            "/api/v1/approvals", {"site": page.key, "texts": [{"text_sha256": text[:64], "content": text[:8000]}]}
        ),
        "prompts": lambda text: post("/api/v1/prompts/check", {"template": text, "variables": [text[:100]]}),
        "appeals": lambda text: post(f"/api/v1/reports/{receipt}/appeal", {"comment": text}),
        "receipts": lambda text: page.client.get("/r/" + encodable(text)[:200].replace("/", "%2F")),
    }


def through_the_api(server: Inside, tally: Tally, doors: list[str] | None, number: int) -> None:
    """Every string through the named doors; what is refused leaves nothing behind."""
    for name, door in api(server.news).items():
        if doors is not None and name not in doors:
            continue
        before = _kept()
        for text in sample(number) if number < len(texts()) else texts():
            answer = door(text)
            tally.take(name, text, answer)
            after = _kept()
            if answer.status_code >= 400 and after != before:
                tally.blame(name, "stored that should not be", f"{answer.status_code} {text!r}")
            before = after


def _kept() -> list[int]:
    return [table.select().count() for table in KEPT]


def bodies_of_json(server: Inside, tally: Tally, number: int) -> None:
    """What should be JSON, to every address of the API that takes some."""
    page = server.news
    rules = server.app.url_map.iter_rules()
    paths = sorted({rule.rule for rule in rules if "POST" in (rule.methods or ()) and "<" not in rule.rule})
    every = bodies()
    for path in [path for path in paths if path.startswith("/api/")]:
        for body in every[:: max(1, len(every) // number)]:
            headers = {**page.bearer, "Origin": page.origin}
            tally.take(
                "JSON bodies", body, page.client.post(path, data=body, content_type="application/json", headers=headers)
            )


def both_ways(server: Inside, tally: Tally, number: int) -> None:
    """The usual lane and Flask answer the same to the same body: a query sends it to Flask."""
    page, raw = server.news, bodies()
    strings = sample(number)
    for path in ("/api/v1/views", "/api/v1/render"):
        said = [_as_body(page, path, text) for text in strings] + [*raw[:: max(1, len(raw) // number)]]
        for body in said:
            headers = {**page.bearer, "Origin": page.origin}
            at = server.clock.moment
            usual = page.client.post(path, data=body, content_type="application/json", headers=headers)
            server.clock.moment = at
            flask = page.client.post(f"{path}?", data=body, content_type="application/json; x=y", headers=headers)
            tally.take("both ways", body, usual)
            if (usual.status_code, usual.json) != (flask.status_code, flask.json):
                tally.blame(
                    "both ways", "answered otherwise", f"{usual.status_code}/{flask.status_code} {body[:200]!r}"
                )


def _as_body(page: Page, path: str, text: str) -> bytes:
    seen = {"text_sha256": text_sha256("x"), "disclosed": True, "model": text[:200]}
    said = {"text": text, "model": text[:200]}
    if path.endswith("views"):
        said = {"site": page.key, "views": [seen], "page": f"{page.origin}/{text[:99]}"}
    return json.dumps(said).encode()


def headers(server: Inside, tally: Tally, number: int) -> None:
    """Every header that anybody reads, as a server hands it to the application: Latin-1, no line ends."""
    for at, text in enumerate(sample(number)):
        said = encodable(text).encode().decode("latin-1").translate({0: None, 10: None, 13: None})
        for header in HEADERS:
            method, path = ADDRESSES[(at + HEADERS.index(header)) % len(ADDRESSES)]
            builder = EnvironBuilder(
                path.format(site=server.news.key),
                base_url=HTTPS,
                method=method,
                data=b"{}" if method == "POST" else None,
            )
            environ = {**builder.get_environ(), header: said, "REMOTE_ADDR": "127.0.0.1"}
            if header == "HTTP_X_HTTP_METHOD_OVERRIDE":
                environ["HTTP_X_METHOD_OVERRIDE"] = environ["HTTP_X_HTTP_METHOD"] = "DELETE"
            found = TestResponse(*run_wsgi_app(server.app, environ, buffered=True), builder.get_request())
            tally.take("headers", f"{header}: {said}", found)
            if header in ("HTTP_HOST", "HTTP_X_FORWARDED_HOST") and "evil.example" in found.headers.get("Location", ""):
                tally.blame("headers", "led elsewhere", f"{header}: {said}")


def forms(server: Inside, tally: Tally, number: int) -> None:
    """The form that needs no script: as a form, in parts, and with bodies that are no form."""
    page, addressed = server.news, {"Origin": HTTPS}
    for text in sample(number):
        typed = encodable(text)
        fields = {"site": page.key, "id": str(uuid.uuid4()), "category": "hate", "text": typed, "comment": typed}
        more = {"page": page.origin, "email": typed[:200], "quote": typed, "lang": typed[:20], "content": typed[:300]}
        tally.take("report form", text, page.client.post("/report", data={**fields, **more}, headers=addressed))
        parts = {**fields, typed[:50] or "x": typed, "file": (io.BytesIO(typed.encode()), typed[:80] or "x")}
        sent = page.client.post("/report", data=parts, content_type="multipart/form-data", headers=addressed)
        tally.take("multipart bodies", text, sent)
        kind = (
            "multipart/form-data; boundary="
            + typed.encode().decode("latin-1").translate({0: None, 10: None, 13: None})[:70]
        )
        sent = page.client.post(
            "/report", data=b"--" + typed.encode() + b"\r\n\r\n", content_type=kind, headers=addressed
        )
        tally.take("multipart bodies", text, sent)
        asked = {"site": page.key, "content": typed, "lang": typed[:20], "page": typed}
        tally.take("form opened", text, page.client.get("/report", query_string=asked))
