"""A request that comes in over a connection, as WSGI tells it: all of it, or as much as what is usual needs."""

import sys
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

Headers = list[tuple[bytes, bytes]]
"""In the order in which they came, their names in lower case."""

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


def glance(url: bytes, headers: Headers, client: str) -> WSGIEnvironment | None:
    """As much of a POST as what is usual needs. None: something in it comes twice, or it waits to be told to go on."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": url.decode("ascii"),
        "QUERY_STRING": "",
        "REMOTE_ADDR": client,
    }
    for name, value in headers:
        if key := _GLANCED.get(name):
            if key in environ or key == "HTTP_EXPECT":
                return None
            environ[key] = value.decode("latin-1")
    return environ


def environ_of(scope: Any) -> WSGIEnvironment:
    """The request as WSGI tells it. `scope`: as ASGI does."""
    environ: WSGIEnvironment = _EVERY.copy()
    for said, told in scope["headers"]:
        if b"_" in said:
            continue  # it would pass for another one's
        key = _KEYS.get(said) or _key(said)
        value = told.decode("latin-1")
        if key in environ:
            value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
        environ[key] = value
    host, port = scope["server"] or ("", None)
    environ["REQUEST_METHOD"] = scope["method"]
    environ["PATH_INFO"] = unquote_to_bytes(scope["raw_path"]).decode("latin-1")
    environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
    environ["SERVER_NAME"], environ["SERVER_PORT"] = host, str(port or 0)
    environ["REMOTE_ADDR"] = scope["client"][0] if scope["client"] else ""
    environ["wsgi.url_scheme"] = scope["scheme"]
    return environ


_GLANCED = {
    b"content-type": "CONTENT_TYPE",
    b"content-length": "CONTENT_LENGTH",
    b"content-encoding": "HTTP_CONTENT_ENCODING",
    b"transfer-encoding": "HTTP_TRANSFER_ENCODING",
    b"origin": "HTTP_ORIGIN",
    b"user-agent": "HTTP_USER_AGENT",
    b"x-forwarded-for": "HTTP_X_FORWARDED_FOR",
    b"sec-purpose": "HTTP_SEC_PURPOSE",
    b"purpose": "HTTP_PURPOSE",
    b"authorization": "HTTP_AUTHORIZATION",
    b"accept": "HTTP_ACCEPT",
    b"expect": "HTTP_EXPECT",
}
"""Headers that the lanes of routes/api look at."""

_KEYS = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


def _key(name: bytes) -> str:
    key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
    if len(_KEYS) < 1000 and len(name) <= 64:
        _KEYS[name] = key
    return key
