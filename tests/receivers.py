"""Real servers on this machine that answer well, badly, slowly or not at all."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket, bytes], None]


@dataclass
class Receiver:
    """A server that speaks as `behave` does. `requests`: what it was asked, each from the first byte to the last."""

    behave: Behaviour
    host: str = "127.0.0.1"
    port: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"


@contextlib.contextmanager
def receiving(
    behave: Behaviour,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    silent: bool = False,
) -> Iterator[Receiver]:
    """Listen until the block ends; each connection is served in a thread of its own.

    `silent`: a server that speaks first, or should: no request is waited for.
    """
    receiver = Receiver(behave, host)
    with socket.create_server((host, port)) as listener:
        receiver.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=[connection], daemon=True).start()

        def serve(connection: socket.socket) -> None:
            with contextlib.suppress(OSError):
                line = tls.wrap_socket(connection, server_side=True) if tls else connection
                with line:
                    asked = b"" if silent else read_request(line)
                    if asked:
                        receiver.requests.append(asked)
                    receiver.behave(line, asked)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def read_request(line: socket.socket) -> bytes:
    """One request: its head, and as much body as it announces."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = line.recv(65536)
        if not more:
            return got
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(row[15:]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def saying(status: str, body: bytes = b"", *headers: str) -> Behaviour:
    """Answers always this."""
    head = "".join(f"{row}\r\n" for row in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers))

    def behave(line: socket.socket, _: bytes) -> None:
        line.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)

    return behave
