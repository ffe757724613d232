"""What readers and hosts send, as bytes on the wire. Where NUMBER stands, every request has a number of its own."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from benchmarks.texts import TEXTS
from widget_server.rules.marking import text_sha256

ORIGIN = "https://host.example"
NUMBER = b"########"
SEVERAL = 5
REFERENCE = "bare Flask “hello” under gunicorn"
HELLO = "bare Flask “hello”"
FLASK_STATIC = "GET widget.js of Flask's own static folder"
RENDER = "POST /api/v1/render, 1 KB"
REPORTS = "POST /api/v1/reports, every text new"
SEEN = "POST /api/v1/views, viewer already seen"
NEW = "POST /api/v1/views, every viewer new"
SEEN_SEVERAL, NEW_SEVERAL = f"{SEEN}, {SEVERAL} texts", f"{NEW}, {SEVERAL} texts"
STATIC, STATIC_BROTLI = "GET /widget.js", "GET /widget.js, Brotli"
MODEL = {"model": "jamba-large", "provider": "AI21"}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True)
class Case:
    """One kind of request, at the server that listens on `port`. `texts`: how many each says were seen."""

    name: str
    port: int
    requests: Iterator[bytes]
    texts: int = 0


def texts() -> list[str]:
    """Those that a page shows: 1 KB each, all different."""
    return [f"{number}{TEXTS['text'][1:]}" for number in range(SEVERAL)]


def yardsticks(port: int) -> list[Case]:
    """What is sent to benchmarks/hello.py."""
    return [
        Case(HELLO, port, _numbered(_get("/", {}))),
        Case(FLASK_STATIC, port, _numbered(_get("/static/widget.js", {}))),
    ]


def reference(port: int) -> Case:
    return Case(REFERENCE, port, _numbered(_get("/", {})))


def cases(port: int, *, site: str, secret: str, tokens: Mapping[str, str], etag: str) -> list[Case]:
    """What is sent to us. `tokens`: what the site signed for each of `texts()`. `etag`: of the widget in Brotli."""
    views = [{"text_sha256": text_sha256(text), "content": token, **MODEL} for text, token in tokens.items()]
    bearer = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    brotli = {"Accept-Encoding": "br"}
    number = NUMBER.decode()
    sent = {
        SEEN: (_views(site, "reader", views[:1]), 1),
        NEW: (_views(site, f"reader {number}", views[:1]), 1),
        SEEN_SEVERAL: (_views(site, "reader of several", views), SEVERAL),
        NEW_SEVERAL: (_views(site, f"reader of several {number}", views), SEVERAL),
        RENDER: (_post("/api/v1/render", {"text": TEXTS["text"], **MODEL}, bearer), 0),
        REPORTS: (_post("/api/v1/reports", _report(site, number)), 0),
        STATIC: (_get("/widget.js", {}), 0),
        STATIC_BROTLI: (_get("/widget.js", brotli), 0),
        "GET /widget.js, not modified": (_get("/widget.js", {**brotli, "If-None-Match": etag}), 0),
    }
    return [Case(name, port, _numbered(request), seen) for name, (request, seen) in sent.items()]


def _views(site: str, viewer: str, views: list[dict[str, str]]) -> bytes:
    seen = [{**view, "disclosed": True} for view in views]
    return _post("/api/v1/views", {"site": site, "page": f"{ORIGIN}/article", "views": seen, "viewer": viewer})


def _report(site: str, number: str) -> dict[str, object]:
    text = TEXTS["text"]
    return {
        "site": site,
        "id": f"00000000-0000-4000-8000-0000{number}",
        "category": "misinformation",
        "text": number + text[len(number) :],
        "quote": {"exact": text[100:160], "prefix": text[68:100], "suffix": text[160:192]},
        "comment": "The year is wrong, and the second sentence contradicts the source that it names.",
        "page": f"{ORIGIN}/article",
    }


def _numbered(template: bytes) -> Iterator[bytes]:
    pieces = template.split(NUMBER)
    return ((b"%08d" % number).join(pieces) for number in count())


def _get(path: str, headers: dict[str, str]) -> bytes:
    return _request("GET", path, headers, b"")


def _post(path: str, body: dict[str, object], headers: dict[str, str] | None = None) -> bytes:
    """As the widget posts: JSON as text/plain, so that no preflight is needed."""
    content = json.dumps(body).encode()
    plain = {"Content-Type": "text/plain;charset=UTF-8"}
    return _request("POST", path, {"Content-Length": str(len(content)), **(headers or plain)}, content)


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    every = {"Host": "127.0.0.1", "Origin": ORIGIN, "User-Agent": BROWSER, "Accept": "*/*", **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
