"""Load that comes when it comes: each request has its moment, whether or not those before it have their answers.

A request that has no free connection waits, and that wait counts as the reader's. Requests whose moment is 0 are sent
as fast as answers come.
"""

import json
import selectors
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import quantiles
from typing import NamedTuple

from benchmarks.load import PATIENCE_SECONDS, Connection, _connect
from benchmarks.traffic import BROWSER, ORIGIN

CONNECTIONS = 32
"""To each server."""
IDLE_SECONDS = 5
"""A connection that was silent for longer may have been closed by its server: it is opened anew."""


class Arrival(NamedTuple):
    """`at`: seconds from the start. `port`: the node that gets it."""

    at: float
    port: int
    request: bytes


@dataclass(frozen=True, slots=True)
class Served:
    """What came of the requests. `sent`, `received`: bytes over HTTP, all told."""

    count: int
    refused: int
    seconds: float
    p50_ms: float
    p99_ms: float
    sent: int
    received: int


def serve(arrivals: Iterable[Arrival], ports: Iterable[int], *, connections: int = CONNECTIONS) -> Served:
    """Send all and wait for the last answer."""
    waits: list[float] = []
    refused = sent = received = 0
    coming = iter(arrivals)
    with selectors.DefaultSelector() as selector:
        free = {port: [_connect(port) for _ in range(connections)] for port in ports}
        start = time.perf_counter()
        following = next(coming, None)
        while following or selector.get_map():
            now = time.perf_counter() - start
            while following and following.at <= now and free[following.port]:
                connection = _fresh(free[following.port].pop(), following.port)
                connection.send(following.request)
                connection.sent_at = start + following.at if following.at else connection.sent_at
                selector.register(connection.socket, selectors.EVENT_READ, (connection, following.port))
                sent += len(following.request)
                following = next(coming, None)
            pause = max(0.0, following.at - now) if following and free[following.port] else PATIENCE_SECONDS
            ready = selector.select(pause)
            if not ready and pause >= PATIENCE_SECONDS:
                raise RuntimeError(f"no answer in {PATIENCE_SECONDS} seconds")
            for key, _ in ready:
                connection, port = key.data
                if connection.answered():
                    waits.append(time.perf_counter() - connection.sent_at)
                    refused += not connection.answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
                    received += len(connection.answer)
                    selector.unregister(connection.socket)
                    free[port].append(connection)
        took = time.perf_counter() - start
        for connection in (one for idle in free.values() for one in idle):
            connection.socket.close()
    if refused:
        raise RuntimeError(
            f"{refused:,} of {len(waits):,} refused, one of them with {bytes(connection.answer[:500])!r}"
        )
    hundredths = quantiles(waits, n=100)
    return Served(len(waits), refused, took, hundredths[49] * 1000, hundredths[98] * 1000, sent, received)


def _fresh(connection: Connection, port: int) -> Connection:
    if time.perf_counter() - connection.sent_at < IDLE_SECONDS:
        return connection
    connection.socket.close()
    return _connect(port)


def at_once(requests: Iterable[bytes], port: int) -> Iterator[Arrival]:
    return (Arrival(0.0, port, request) for request in requests)


def post(path: str, body: dict, **headers: str) -> bytes:
    """As the widget posts: JSON as text/plain, so that no preflight is needed."""
    content = json.dumps(body).encode()
    length = {"Content-Length": str(len(content))}
    return _request("POST", path, {"Content-Type": "text/plain;charset=UTF-8", **length, **headers}) + content


def get(path: str, **headers: str) -> bytes:
    return _request("GET", path, headers)


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    every = {"Host": "127.0.0.1", "Origin": ORIGIN, "User-Agent": BROWSER, "Accept": "*/*", **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode()
