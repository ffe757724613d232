"""A request that comes in by granian's RSGI, as WSGI tells it: all of it, or as much as what is usual needs."""

import sys
from typing import Any, Protocol
from wsgiref.types import WSGIEnvironment


class Scope(Protocol):
    """What granian tells of a request."""

    proto: str
    client: str
    server: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Any


_EVERY = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def glance(scope: Scope) -> WSGIEnvironment:
    """As much of the request as what is usual needs."""
    header = scope.headers.get
    environ: WSGIEnvironment = {key: value for name, key in _GLANCED if (value := header(name)) is not None}
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = scope.path
    environ["QUERY_STRING"] = scope.query_string
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    if "HTTP_X_FORWARDED_FOR" in environ:  # a proxy may have added a line of its own
        lines = [value for name, value in scope.headers.items() if name == "x-forwarded-for"]
        environ["HTTP_X_FORWARDED_FOR"] = ",".join(lines)
    return environ


def environ_of(scope: Scope) -> WSGIEnvironment:
    """The request as WSGI tells it."""
    environ: WSGIEnvironment = _EVERY.copy()
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # it would pass for another one's
        key = _KEYS.get(name) or _key(name)
        if key in environ:
            value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
        environ[key] = value
    host, _, port = scope.server.rpartition(":")
    path = scope.path
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = path if path.isascii() else path.encode().decode("latin-1")
    environ["QUERY_STRING"] = scope.query_string
    environ["SERVER_NAME"], environ["SERVER_PORT"] = host.strip("[]"), port
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    environ["wsgi.url_scheme"] = scope.scheme
    if scope.authority and "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority
    return environ


_GLANCED = [
    ("content-type", "CONTENT_TYPE"),
    ("content-length", "CONTENT_LENGTH"),
    ("content-encoding", "HTTP_CONTENT_ENCODING"),
    ("origin", "HTTP_ORIGIN"),
    ("user-agent", "HTTP_USER_AGENT"),
    ("x-forwarded-for", "HTTP_X_FORWARDED_FOR"),
    ("sec-purpose", "HTTP_SEC_PURPOSE"),
    ("purpose", "HTTP_PURPOSE"),
    ("authorization", "HTTP_AUTHORIZATION"),
    ("accept", "HTTP_ACCEPT"),
]
"""Headers that the lanes of routes/api look at."""

_KEYS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def _key(name: str) -> str:
    key = "HTTP_" + name.upper().replace("-", "_")
    if len(_KEYS) < 1000 and len(name) <= 64:
        _KEYS[name] = key
    return key
