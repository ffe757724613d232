"""What readers and hosts send, as bytes on the wire. Where NUMBER stands, every request has a number of its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from benchmarks.texts import TEXTS
from widget_server.rules.marking import text_sha256

ORIGIN = "https://host.example"
NUMBER = b"########"
HELLO = "bare Flask “hello”"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True)
class Case:
    """One kind of request, at the server that listens on `port`."""

    name: str
    port: int
    requests: Iterator[bytes]


def cases(*, server: int, hello: int, site: str, secret: str, content: str) -> list[Case]:
    """Everything that is measured, the yardstick first. `content` is the token that the site signed for the text."""
    text = TEXTS["text"]
    number = NUMBER.decode()
    view = {"text_sha256": text_sha256(text), "content": content, "model": "jamba-large", "provider": "AI21"}
    views = {"site": site, "page": f"{ORIGIN}/article", "views": [{**view, "disclosed": True}]}
    report = {
        "site": site,
        "id": f"00000000-0000-4000-8000-0000{number}",
        "category": "misinformation",
        "text": number + text[len(number) :],
        "quote": {"exact": text[100:160], "prefix": text[68:100], "suffix": text[160:192]},
        "comment": "The year is wrong, and the second sentence contradicts the source that it names.",
        "page": f"{ORIGIN}/article",
    }
    bearer = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    ask = {"text": text, "model": "jamba-large", "provider": "AI21"}
    sent = {
        "POST /api/v1/render, 1 KB": _post("/api/v1/render", ask, bearer),
        "POST /api/v1/views, viewer already seen": _post("/api/v1/views", {**views, "viewer": "reader"}),
        "POST /api/v1/views, every viewer new": _post("/api/v1/views", {**views, "viewer": f"reader {number}"}),
        "POST /api/v1/reports, every text new": _post("/api/v1/reports", report),
        "GET /widget.js, Brotli": _get("/widget.js", {"Accept-Encoding": "br"}),
    }
    return [
        Case(HELLO, hello, _numbered(_get("/", {}))),
        *(Case(name, server, _numbered(request)) for name, request in sent.items()),
    ]


def _numbered(template: bytes) -> Iterator[bytes]:
    pieces = template.split(NUMBER)
    return ((b"%08d" % number).join(pieces) for number in count())


def _get(path: str, headers: dict[str, str]) -> bytes:
    return _request("GET", path, headers, b"")


def _post(path: str, body: dict, headers: dict[str, str] | None = None) -> bytes:
    """As the widget posts: JSON as text/plain, so that no preflight is needed."""
    content = json.dumps(body).encode()
    plain = {"Content-Type": "text/plain;charset=UTF-8"}
    return _request("POST", path, {"Content-Length": str(len(content)), **(headers or plain)}, content)


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    every = {"Host": "127.0.0.1", "Origin": ORIGIN, "User-Agent": BROWSER, "Accept": "*/*", **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
