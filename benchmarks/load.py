"""Load on a server of this machine: a few connections, each sends its next request as soon as it has its answer.

What it costs itself is told with what it saw: on a small machine the load takes from the servers that it measures.
"""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

CONNECTIONS = 32
PATIENCE_SECONDS = 10
PIECE = 1 << 16
_NAME = b"\r\ncontent-length:"


@dataclass(slots=True)
class Connection:
    """One reader's connection. `answer` is what has come of the answer to the request sent at `sent_at`."""

    socket: socket.socket
    sent_at: float = 0.0
    answer: bytes = b""

    def send(self, request: bytes) -> None:
        self.answer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Take what has come. Whether that is the whole answer."""
        piece = self.socket.recv(PIECE)
        self.answer += piece
        if not piece:
            raise RuntimeError(f"closed after {self.answer[:500]!r}")
        return whole(self.answer)


def whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    before, named, length = head.lower().partition(_NAME)
    if named:
        return len(body) >= int(length.partition(b"\r")[0])
    if not before.startswith(b"http/1.1 304"):
        raise RuntimeError(f"not an answer: {answer[:500]!r}")
    return True


def accepted(answer: bytes) -> bool:
    return answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 304"))


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
    refused = 0
    with selectors.DefaultSelector() as selector:
        connections = [_connect(port) for _ in range(CONNECTIONS)]
        own, start = time.process_time(), time.perf_counter()
        now, end = start, start + seconds
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(requests))
        while selector.get_map():
            ready = selector.select(PATIENCE_SECONDS)
            if not ready:
                raise RuntimeError(f"no answer in {PATIENCE_SECONDS} seconds")
            for key, _ in ready:
                connection = key.data
                if not connection.answered():
                    continue
                now = time.perf_counter()
                waits.append(now - connection.sent_at)
                if not accepted(connection.answer):
                    refused, refusal = refused + 1, connection.answer
                if now < end:
                    connection.send(next(requests))
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
    if refused > len(waits) / 2:
        raise RuntimeError(f"most are refused, the last one with {refusal[:1000]!r}")
    took = now - start
    hundredths = quantiles(waits, n=100)
    return Answers(
        count=len(waits),
        accepted=len(waits) - refused,
        per_second=(len(waits) - refused) / took,
        p50_ms=hundredths[49] * 1000,
        p99_ms=hundredths[98] * 1000,
        own_share=(time.process_time() - own) / took,
    )


def _connect(port: int) -> Connection:
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(connection)
