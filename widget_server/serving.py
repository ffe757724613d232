"""Running the server: the production WSGI server, and what has to happen without a request."""

import contextlib
import errno
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from widget_server import storage
from widget_server.delivery import mail
from widget_server.settings import Settings, WrongSetting
from widget_server.storage import deliveries, owners, reports, retention, viewers
from widget_server.storage.tables import Report

THREADS = 16
PAUSE_SECONDS = 30
log = logging.getLogger("widget_server")


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
    """Serve a WSGI application until the process is told to stop."""
    # A fork while the housekeeping writes would leave SQLite locked for ever in the worker.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        log_level=LogLevels.error,
    ).serve()


@contextlib.contextmanager
def housekeeping(settings: Settings) -> Iterator[None]:
    """Close months, send mail and forget what is old, every PAUSE_SECONDS, beside the server."""
    stopping = threading.Event()

    def work() -> None:
        while True:
            keep_house(settings, at=datetime.now(UTC))
            if stopping.wait(PAUSE_SECONDS):
                return

    thread = threading.Thread(target=work, name="housekeeping", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(PAUSE_SECONDS)


def keep_house(settings: Settings, *, at: datetime) -> dict[str, int]:
    """One round of what is due. Returns how much of each was done. A database that refuses is tried again next time."""
    done = {"months_closed": 0, "mails_sent": 0, "reports_purged": 0}
    try:
        with storage.connection():
            done["months_closed"] = viewers.close_months(at=at)
            if settings.mail_url:
                deliver = mail.sender(settings.mail_url)
                owners.ask_for_renewals(at=at)
                done["mails_sent"] = owners.send(deliver, settings.public_url, at=at)
                done["mails_sent"] += deliveries.send(deliver, _link(settings), at=at)
            done["reports_purged"] = retention.purge(days=settings.retention_days, at=at)
    except storage.DatabaseError as error:
        log.error("housekeeping was interrupted: %s", error)
    return done


def _link(settings: Settings) -> Callable[[Report], str]:
    """The address of a report's page."""
    return lambda report: f"{settings.public_url}/r/{reports.receipt_of(report, settings.secret_key)}"


@contextlib.contextmanager
def beside(*arguments: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Run a second program of ours as long as the block runs."""
    process = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **environment})  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
