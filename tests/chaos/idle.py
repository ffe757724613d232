"""Connections that ask for nothing, that ask slowly, and that go away: what others see meanwhile.

Of the idle ones a tenth has asked once; the others have never said anything. What stays open afterwards is SQLite's
file: each thread opens it for itself once it works for the first time.
"""

import contextlib
import resource
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.chaos.lone import Lone, on_sqlite
from tests.chaos.visitors import Seen, Visitor
from tests.nodes.machines import until

IDLE, SLOW, VANISHING = 10_000, 200, 500
ADDRESSES = 8
"""From which the idle ones come: one alone gets no more than its share."""
SECONDS = 20
"""Of each kind of trouble. Who asks for nothing is hung up on after thirty."""
HAS_ASKED, SILENT = slice(1, None, 10), slice(0, None, 100)
ASKED = b"GET /healthz HTTP/1.1\r\nHost: widget\r\n\r\n"
BEGUN = b"POST /api/v1/reports HTTP/1.1\r\nHost: widget\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n"
LINGER_NOT = struct.pack("ii", 1, 0)
"""A connection that is closed so is reset."""


def run(idle: int = IDLE, seconds: float = SECONDS) -> dict:
    files = all_files()
    with on_sqlite() as lone:
        alone = meanwhile(lone, seconds / 4)
        quiet = lone.used()
        found: dict[str, Any] = {"files_allowed": files, "alone": alone, "mib_before": quiet.mib}
        began, held = time.monotonic(), connected(lone, idle)
        found["idle"] = {"connections": len(held), "seconds_to_connect": time.monotonic() - began}
        found["idle"] |= {**meanwhile(lone, seconds), **_taken(lone), "still_open": still_open(held)}
        found["idle"]["still_answered"] = answered(held[SILENT])
        close(held)
        found["idle"]["seconds_until_closed"] = _back(lone, quiet.sockets)
        with slowly(lone, SLOW):
            found["slow"] = {"connections": SLOW, **meanwhile(lone, seconds), **_taken(lone)}
        found["slow"]["seconds_until_closed"] = _back(lone, quiet.sockets)
        found["vanishing"] = {"connections": VANISHING, **_vanishing(lone, VANISHING, seconds)}
        found["vanishing"]["seconds_until_closed"] = _back(lone, quiet.sockets)
        found["mib_after"], found["descriptors_before"] = lone.used().mib, quiet.descriptors
        found["descriptors_after"] = lone.used().descriptors
    return found


def all_files() -> int:
    """How many files this program may have open, now as many as it may at all."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def meanwhile(lone: Lone, seconds: float) -> dict:
    """What somebody sees who asks as ever."""
    seen = Seen()
    visitor, end = Visitor(lone, seen), time.monotonic() + seconds
    while time.monotonic() < end:
        visitor.view()
        visitor.static()
        visitor.report()
    return {"requests": len(seen.waits), "errors": seen.errors, "p99_ms": seen.p99_ms}


def connected(lone: Lone, count: int) -> list[socket.socket]:
    """As many as the system lets us have. Some have asked once and keep their connection, the others say nothing."""
    held = list[socket.socket]()
    with contextlib.suppress(OSError):
        for _ in range(count):
            there = (f"127.0.0.{2 + len(held) % ADDRESSES}", 0)
            held.append(socket.create_connection(("127.0.0.1", lone.node.port), timeout=10, source_address=there))
        for connection in held[HAS_ASKED]:
            connection.sendall(ASKED)
            connection.recv(4096)
    return held


def still_open(connections: list[socket.socket]) -> int:
    """How many of them the server has not closed."""
    waiting = select.poll()
    for connection in connections:
        waiting.register(connection, select.POLLIN)
    return len(connections) - len(waiting.poll(0))


def answered(connections: list[socket.socket]) -> float:
    """The share of connections that are still answered."""
    answered = 0
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.sendall(ASKED)
            answered += connection.recv(4096).startswith(b"HTTP/1.1 200")
    return answered / len(connections)


@contextmanager
def slowly(lone: Lone, count: int) -> Iterator[None]:
    """Half of them send their headers a byte a second, the others their body."""
    over = threading.Event()

    def send() -> None:
        connections = [socket.create_connection(("127.0.0.1", lone.node.port)) for _ in range(count)]
        for connection in connections[::2]:
            connection.sendall(BEGUN + b"\r\n")
        for connection in connections[1::2]:
            connection.sendall(BEGUN)
        while not over.wait(1):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")
        close(connections)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()


def _vanishing(lone: Lone, count: int, seconds: float) -> dict:
    """So many that are reset in mid-request, all the while."""
    over = threading.Event()

    def vanish() -> None:
        for number in range(count):
            with socket.create_connection(("127.0.0.1", lone.node.port)) as connection:
                connection.sendall((BEGUN, BEGUN + b"\r\n{", ASKED)[number % 3])
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            if over.wait(seconds / count):
                return

    goer = threading.Thread(target=vanish)
    goer.start()
    try:
        return {**meanwhile(lone, seconds), **_taken(lone)}
    finally:
        over.set()
        goer.join()


def _taken(lone: Lone) -> dict:
    used = lone.used()
    return {"mib": used.mib, "descriptors": used.descriptors, "threads": used.threads}


def close(connections: list[socket.socket]) -> None:
    for connection in connections:
        connection.close()


def _back(lone: Lone, sockets: int, few: int = 5) -> float:
    """Seconds until the server has closed its end of all but a few."""
    return until(lambda: lone.used().sockets <= sockets + few, every=0.2)
