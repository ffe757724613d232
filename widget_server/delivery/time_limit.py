"""How long one exchange with another server may take in all, however often it answers in between."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


def in_time(ask: Callable[[], Answer], *, seconds: float) -> Answer:
    """What `ask` gives or raises. Raises TimeoutError if that takes longer: what cannot be stopped is left."""
    answer = Future[Answer]()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 (it is raised where somebody waits)
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return answer.result(seconds)


class TimeLimit:
    """`over`: a connection was cut because the time had passed."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.ends, self.over = seconds, time.monotonic() + seconds, False

    @property
    def left(self) -> float:
        return max(self.ends - time.monotonic(), 0.001)

    @contextlib.contextmanager
    def on(self, connection: socket.socket) -> Iterator[None]:
        """When the time has passed, the connection is cut under whoever waits for the next answer."""
        with socket.socket(fileno=os.dup(connection.fileno())) as held:  # TLS takes the original away

            def cut() -> None:
                self.over = True
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)

            timer = threading.Timer(self.left, cut)
            timer.daemon = True
            timer.start()
            try:
                yield
            finally:
                timer.cancel()
