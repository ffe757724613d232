"""The one door through which this server speaks HTTP to addresses that people typed.

An address that leads into our own network must not be reached by anybody who may type one: a name is resolved once,
every address that it has is checked, and the connection goes to exactly what was checked. Time and size are bounded
for the whole exchange, whatever the other side does.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url

from widget_server.delivery import targets
from widget_server.delivery.targets import Found, NotReached, Resolver
from widget_server.delivery.time_limit import TimeLimit, in_time
from widget_server.rules.addresses import Network

__all__ = ["Answer", "NotReached", "asked_by", "request"]

MOST_ASKED = 4
"""Questions at a time that people wait for: whoever is asked may take all the time there is, and threads are few."""

ELSEWHERE = (301, 302, 303, 307, 308)
SAME_AGAIN = (307, 308)
"""Redirects that keep method and body; the others are followed with GET."""
SECRETS = {"authorization", "cookie"}
AGENT = "widget-server"


_asking: set[int] = set()
_changing = threading.Lock()


@contextlib.contextmanager
def asked_by(person: int) -> Iterator[None]:
    """One of the few places for those who wait for an answer from elsewhere, one a person. Raises NotReached."""
    with _changing:
        if person in _asking or len(_asking) >= MOST_ASKED:
            raise NotReached("Another answer is still waited for. Try again in a moment.")
        _asking.add(person)
    try:
        yield
    finally:
        _asking.remove(person)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. `headers` do not mind case; `url` is where it was said, after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    seconds: float = 10,
    most_bytes: int | None = 1_000_000,
    private_allowed: tuple[Network, ...] = (),
    private_only: bool = False,
    redirects: int = 3,
    resolve: Resolver = socket.getaddrinfo,
) -> Answer:
    """Ask `url`, and give its answer whatever its status. Raises NotReached.

    `most_bytes`: a longer body is refused; None, it is not even read. `private_allowed`: networks that may be reached
    though they are not public (Settings.private_targets); `private_only`: and no others. `redirects`: how many are
    followed; with 0 the redirect itself is the answer.
    """
    limit = _Limit(seconds)
    question = _Question(method, {"User-Agent": AGENT, "Accept-Encoding": "gzip", **(headers or {})}, body)
    target = targets.parsed(url)
    for _ in range(redirects + 1):
        found = limit.resolved(target, resolve)
        targets.check(found, target, private_allowed, only=private_only)
        answer = _exchange(question, target, found, limit, most_bytes)
        if answer.status not in ELSEWHERE or "location" not in answer.headers or redirects == 0:
            return answer
        after = targets.parsed(urljoin(answer.url, answer.headers["location"]))
        question, target = question.elsewhere(answer.status, target, after), after
    raise NotReached(f"{target.host} leads elsewhere: {redirects} redirects are followed and no more.")


@dataclass(frozen=True, slots=True)
class _Question:
    method: str
    headers: Mapping[str, str]
    body: bytes | None

    def elsewhere(self, status: int, before: Url, after: Url) -> "_Question":
        """What is asked where a redirect leads: no secret of one server for another."""
        if before.scheme == "https" and after.scheme != "https":
            raise NotReached(f"{before.host} leads from https to http, which is not followed.")
        same = (before.scheme, before.host, targets.port(before)) == (after.scheme, after.host, targets.port(after))
        kept = {name: value for name, value in self.headers.items() if same or name.lower() not in SECRETS}
        if status in SAME_AGAIN or self.method == "HEAD":
            return _Question(self.method, kept, self.body)
        return _Question("GET", {name: kept[name] for name in kept if name.lower() != "content-type"}, None)


class _Limit(TimeLimit):
    """One that says of whom nothing came in time."""

    def passed(self, host: str | None) -> NotReached:
        return NotReached(f"{host} did not answer within {self.seconds:g} seconds.")

    def resolved(self, target: Url, resolve: Resolver) -> Found:
        """What `target` leads to. The system's resolver cannot be told when to stop: one that hangs is left."""
        try:
            return in_time(lambda: targets.resolved(target, resolve), seconds=self.left)
        except TimeoutError:
            raise self.passed(target.host) from None


def _exchange(question: _Question, target: Url, found: Found, limit: _Limit, most_bytes: int | None) -> Answer:
    """One question and its answer, on a connection to what was found."""
    kind = _Secure if target.scheme == "https" else _Plain
    try:
        with _connected(found, limit) as line, limit.on(line):
            connection = kind((target.host or "").strip("[]"), targets.port(target), timeout=limit.left)
            connection.line = line
            with contextlib.closing(connection):
                connection.request(
                    question.method, target.request_uri, question.body, question.headers, preload_content=False
                )
                answer = connection.getresponse()
                content = b"" if most_bytes is None else _body(answer, target, most_bytes)
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        if limit.over or isinstance(error, TimeoutError):
            raise limit.passed(target.host) from None
        raise NotReached(_why(error, target.host)) from None
    if limit.over and most_bytes is not None:
        raise limit.passed(target.host)
    return Answer(answer.status, answer.headers, content, target.url)


def _body(answer: BaseHTTPResponse, target: Url, most_bytes: int) -> bytes:
    """What was not asked for is not unpacked: not every encoding can be stopped when it grows too large."""
    if answer.headers.get("content-encoding", "").strip().lower() not in ("", "identity", "gzip"):
        raise NotReached(f"{target.host} answers in an encoding that was not asked for.")
    content = answer.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise NotReached(f"{target.host} answers with more than {most_bytes:,} bytes.")
    return content


def _connected(found: Found, limit: _Limit) -> socket.socket:
    """A connection to the first of the addresses that takes one. Each gets its share of the time."""
    failure = OSError("no address")
    for number, (family, kind, protocol, _, place) in enumerate(found):
        line = socket.socket(family, kind, protocol)
        line.settimeout(limit.left / (len(found) - number))
        try:
            line.connect(place)
        except OSError as error:
            line.close()
            failure = error
        else:
            return line
    raise failure


class _Plain(HTTPConnection):
    """Resolves nothing: `line` is connected already."""

    line: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.line


class _Secure(HTTPSConnection):
    """The same, with TLS for the name that was asked for."""

    line: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.line


def _why(error: Exception, host: str | None) -> str:
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return f"{host} has no TLS or no certificate that is accepted here."
    if isinstance(error, OSError) and error.strerror:
        return f"{host} cannot be reached: {error.strerror}."
    return f"{host} did not give a whole HTTP answer."
