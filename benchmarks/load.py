"""Load on a server of this machine: a few connections, each sends its next request as soon as it has its answer."""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles

CONNECTIONS = 16
PATIENCE_SECONDS = 10
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Connection:
    """One reader's connection. `answer` is what has come of the answer to the request sent at `sent_at`."""

    socket: socket.socket
    sent_at: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        self.answer.clear()
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Take what has come. Whether that is the whole answer."""
        piece = self.socket.recv(1 << 16)
        self.answer += piece
        end = self.answer.find(b"\r\n\r\n")
        length = _LENGTH.search(self.answer, 0, end) if end > 0 else None
        if not piece or (end > 0 and not length):
            raise RuntimeError(f"not an answer: {bytes(self.answer[:500])!r}")
        return length is not None and len(self.answer) >= end + 4 + int(length[1])

    @property
    def accepted(self) -> bool:
        return self.answer.startswith(b"HTTP/1.1 2")


@dataclass(frozen=True)
class Answers:
    """What one run of load saw: `accepted` answers of `count`, the others were refusals.

    `own_share`: how much of one core the load itself took, so that its limit shows.
    """

    count: int
    accepted: int
    per_second: float
    p50_ms: float
    p99_ms: float
    own_share: float


def load(port: int, requests: Iterator[bytes], *, seconds: float) -> Answers:
    """Send `requests` over CONNECTIONS connections until `seconds` are over and the last answer is there."""
    waits: list[float] = []
    accepted = 0
    with selectors.DefaultSelector() as selector:
        connections = [_connect(port) for _ in range(CONNECTIONS)]
        own, start = time.process_time(), time.perf_counter()
        now = start
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(requests))
        while selector.get_map():
            ready = selector.select(PATIENCE_SECONDS)
            if not ready:
                raise RuntimeError(f"no answer in {PATIENCE_SECONDS} seconds")
            for key, _ in ready:
                if not key.data.answered():
                    continue
                now = time.perf_counter()
                waits.append(now - key.data.sent_at)
                accepted += key.data.accepted
                if now < start + seconds:
                    key.data.send(next(requests))
                else:
                    selector.unregister(key.data.socket)
                    key.data.socket.close()
    if accepted < len(waits) / 2:
        raise RuntimeError(f"most are refused, the last one with {bytes(key.data.answer[:1000])!r}")
    took = now - start
    hundredths = quantiles(waits, n=100)
    return Answers(
        count=len(waits),
        accepted=accepted,
        per_second=accepted / took,
        p50_ms=hundredths[49] * 1000,
        p99_ms=hundredths[98] * 1000,
        own_share=(time.process_time() - own) / took,
    )


def _connect(port: int) -> Connection:
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(connection)
