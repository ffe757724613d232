"""Files that stay as they are while the server runs, answered from memory: past Flask, and without a system call."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from widget_server.routes.answers import Answer

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
}
CODINGS = {"br": ".br", "gzip": ".gz"}
"""By what HTTP calls them, how the compressed form of a file is named beside it."""


class Shelved:
    """A file in all its codings, the smallest first, each with the headers that go out with it.

    Parts of it are not served: that is left to the server by RFC 9110, and these files are small. So one weak tag
    names the file in whichever coding.
    """

    def __init__(self, path: Path, headers: Mapping[str, str]) -> None:
        forms = _forms(path)
        self._tag = f'"{hashlib.sha256(forms[""]).hexdigest()[:32]}"'
        self._unchanged = [*headers.items(), ("ETag", f"W/{self._tag}"), ("Vary", "Accept-Encoding")]
        every = [*self._unchanged, ("Content-Type", TYPES[path.suffix])]
        self._forms = [
            (coding, form, [*every, ("Content-Length", str(len(form))), *_coded(coding)])
            for coding, form in sorted(forms.items(), key=lambda one: len(one[1]))
        ]

    def answer(self, environ: WSGIEnvironment) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return Answer(405, [("Allow", "GET, HEAD"), ("Content-Length", "0")], b"")
        if (known := environ.get("HTTP_IF_NONE_MATCH")) and (self._tag in known or known == "*"):
            return Answer(304, self._unchanged, b"")
        accepted = _accepted(environ.get("HTTP_ACCEPT_ENCODING", "")[:500])
        content, headers = next((form, headers) for coding, form, headers in self._forms if coding in accepted)
        return Answer(200, headers, content if method == "GET" else b"")


class Shelf:
    """What stands before an application: files by their address."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._files: dict[str, Shelved] = {}

    def put(self, address: str, path: Path, headers: Mapping[str, str]) -> None:
        self._files[address] = Shelved(path, headers)

    def put_all(self, prefix: str, folder: Path, headers: Mapping[str, str]) -> None:
        """All files of a folder, but for their compressed forms, which are never asked for by name."""
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix not in CODINGS.values():
                self.put(f"{prefix}/{path.relative_to(folder).as_posix()}", path, headers)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.look(environ)
        return self._application(environ, start_response) if answer is None else answer.to(start_response)

    def look(self, environ: WSGIEnvironment) -> Answer | None:
        """The answer, if a file stands at this address."""
        shelved = self._files.get(environ["PATH_INFO"])
        return shelved.answer(environ) if shelved else None


@cache
def _forms(path: Path) -> dict[str, bytes]:
    """A file as it is and as it was compressed, by coding."""
    forms = {"": path.read_bytes()}
    for coding, suffix in CODINGS.items():
        if (compressed := path.with_name(path.name + suffix)).is_file():
            forms[coding] = compressed.read_bytes()
    return forms


def _coded(coding: str) -> list[tuple[str, str]]:
    return [("Content-Encoding", coding)] if coding else []


@lru_cache
def _accepted(header: str) -> frozenset[str]:
    """The codings that a reader takes; what is not coded, everybody does."""
    named = (coding.partition(";") for coding in header.replace(" ", "").lower().split(","))
    return frozenset({"", *(name for name, _, weight in named if weight.rstrip("0.") != "q=")})
