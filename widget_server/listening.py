"""Running the server: the production WSGI server, and the process beside it that keeps house."""

import contextlib
import errno
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from widget_server.refusal import WrongSetting
from widget_server.settings import Settings

THREADS = 16
COPIES = sys.platform == "linux"
"""Workers begin as copies of the main process and have what it has loaded. Elsewhere that is not safe, or not known."""
FIRST_SECONDS, PAUSE_SECONDS = 1, 30
"""Before the first round, in which the workers start undisturbed, and between two rounds."""
STOP_SECONDS = 5
"""For answers that are under way when the server is told to stop. Whoever reads theirs slowly, or not at all, finds it
cut off: no restart hangs on a stranger.
"""
CONNECTIONS, OWN_FILES = 20_000, 256
"""How many connections a worker may have open, if the system lets it open as many files beside its own."""
HEADER_BYTES = 32 * 1024
"""How long a request's line and headers may be, by and large. In HTTP/2 a kilobyte can stand for megabytes of them: a
proxy speaks it to browsers, and HTTP/1.1 to this server.
"""


def claim(host: str, port: int) -> None:
    """Raises WrongSetting if the address cannot be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = (
                "is taken: stop the other program, or choose another one with --port"
                if taken
                else f"cannot be used: {error.strerror}"
            )
            raise WrongSetting(f"Port {port} of {host} {reason}.") from None


def serve(target: str, *, host: str, port: int, workers: int, loop: bool = False) -> None:
    """Serve a WSGI application until the process is told to stop. `loop`: it is a Front (routes/front.py)."""
    _copying()
    files = _all_files()
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.RSGI if loop else Interfaces.WSGI,
        workers=workers,
        blocking_threads=1 if loop else THREADS,
        # Whoever has a connection and asks nothing counts, too: granian's own 1024 would let them keep others out.
        backpressure=max(1, min(CONNECTIONS, files - OWN_FILES)),
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=HEADER_BYTES),
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    ).serve()


def end_with_main() -> None:
    """This worker ends with the main process, if that was killed: nobody else stops it, and it holds the port.

    At once, as if it was killed too: what is acknowledged is kept. A main process that is told to stop ends it before.
    """

    def follow(main: BaseProcess) -> None:
        main.join()
        os._exit(1)

    if main := multiprocessing.parent_process():
        threading.Thread(target=follow, args=(main,), name="main", daemon=True).start()


def _all_files() -> int:
    """How many files this process and its workers may open, from now on as many as they may at all."""
    try:
        import resource
    except ImportError:  # not a Unix
        return CONNECTIONS
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        allowed = most
    return CONNECTIONS + OWN_FILES if allowed == resource.RLIM_INFINITY else allowed


def _copying() -> None:
    """How processes begin. The main one, of which they are copies, holds no database and has no thread that works."""
    multiprocessing.set_start_method("fork" if COPIES else "spawn", force=True)


@contextlib.contextmanager
def housekeeping(settings: Settings) -> Iterator[None]:
    """Find what is late, low or over, close months, send what is owed, forget what is old: every PAUSE_SECONDS.

    In a process of its own, which ends with this one. One that dies is followed by another.
    """
    _copying()
    stopping, (over, end) = threading.Event(), multiprocessing.Pipe(duplex=False)

    def begin() -> multiprocessing.Process:
        process = multiprocessing.Process(target=_keep_house, args=(settings, over, end), name="housekeeping")
        process.start()
        return process

    keeper = begin()

    def follow() -> None:
        nonlocal keeper
        keeper.join()
        while not stopping.wait(PAUSE_SECONDS):
            keeper = begin()
            keeper.join()

    follower = threading.Thread(target=follow, name="housekeeping", daemon=True)
    follower.start()
    try:
        yield
    finally:
        stopping.set()
        end.close()
        follower.join(PAUSE_SECONDS)
        if follower.is_alive():
            keeper.kill()


def _keep_house(settings: Settings, over: Connection, end: Connection) -> None:
    """Until nobody holds the other `end` any more: the main process has ended, however it did."""
    for asked_to_stop in (signal.SIGINT, signal.SIGTERM):  # which the main process is, too
        signal.signal(asked_to_stop, signal.SIG_IGN)
    end.close()
    from widget_server import serving

    serving.move_in(settings)
    if over.poll(FIRST_SECONDS):
        return
    while True:
        serving.keep_house(settings, at=datetime.now(UTC))
        if over.poll(PAUSE_SECONDS):
            return


@contextlib.contextmanager
def beside(*arguments: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Run a second program of ours as long as the block runs."""
    process = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **environment})  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
