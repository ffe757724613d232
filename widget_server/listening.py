"""Running the server: its workers, and the process beside them that keeps house."""

import asyncio
import contextlib
import errno
import importlib
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import uvicorn

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
BACKLOG = 2048
"""How many connections may wait to be taken."""
PAUSE_AFTER_DEATH_SECONDS = 0.5


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


def serve(target: str, *, host: str, port: int, workers: int) -> None:
    """Serve `target`, “module:name” of a routes.front.Front, until the process is told to stop.

    Each worker is a process of its own, which is followed by another if it dies.
    """
    _copying()
    connections = max(1, min(CONNECTIONS, _all_files() - OWN_FILES))
    doors = _doors(host, port, workers)
    stopping = threading.Event()

    def begin(place: int) -> BaseProcess:
        process = multiprocessing.Process(
            target=_work, args=(target, doors[place % len(doors)], connections), name=f"worker {place + 1}"
        )
        process.start()
        return process

    every = [begin(place) for place in range(workers)]
    ends, ended = os.pipe()
    os.set_blocking(ended, False)
    signal.set_wakeup_fd(ended)
    for told_to_stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told_to_stop, lambda *_: stopping.set())
    while not stopping.is_set():
        wait([ends, *(process.sentinel for process in every)])
        for place, process in enumerate(every):
            if not process.is_alive() and not stopping.wait(PAUSE_AFTER_DEATH_SECONDS):
                every[place] = begin(place)
    _end(every)


def _doors(host: str, port: int, workers: int) -> list[socket.socket]:
    """Where connections wait to be taken, all through the life of the main process.

    Of one socket the first worker that wakes up takes all; on Linux each has its own, and the system shares out.
    """
    share = COPIES and workers > 1
    doors = [socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) for _ in range(workers if share else 1)]
    for door in doors:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        door.bind((host, port))
    return doors


def _end(every: list[BaseProcess]) -> None:
    for process in every:
        process.terminate()
    last = time.monotonic() + STOP_SECONDS
    for process in every:
        process.join(max(0.0, last - time.monotonic()))
        process.kill()
        process.join()


def _work(target: str, door: socket.socket, connections: int) -> None:
    """One worker's life."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_main()
    module, _, name = target.partition(":")
    front = getattr(importlib.import_module(module), name)
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # what went wrong is told without what was typed
    config = uvicorn.Config(
        front,
        http=front.connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_SECONDS - 1,
    )
    server = uvicorn.Server(config)

    async def live() -> None:
        front.begin(server.server_state.connections, most=connections)
        await server.serve([door])

    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(live())
    front.end()


def _end_with_main() -> None:
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
