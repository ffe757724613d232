"""Running the server: the production WSGI server, and what has to happen without a request."""

import contextlib
import errno
import functools
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from widget_server import storage
from widget_server.delivery import mail, screening, webhooks
from widget_server.settings import Settings, WrongSetting
from widget_server.storage import (
    alerts,
    assessments,
    confirmations,
    deliveries,
    disclosure,
    months,
    owners,
    publications,
    reports,
    retention,
    screenings,
    thresholds,
    webhook_deliveries,
)
from widget_server.storage.tables import Report

THREADS = 16
PAUSE_SECONDS = 30
MOST_SECONDS = 30
"""How long one round may begin to send mails, then messages to webhooks, and then to have texts screened."""
CONNECTIONS, OWN_FILES = 20_000, 256
"""How many connections a worker may have open, if the system lets it open as many files beside its own."""

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


def serve(target: str, *, host: str, port: int, workers: int, loop: bool = False) -> None:
    """Serve a WSGI application until the process is told to stop. `loop`: it is a Front (routes/front.py)."""
    # A fork while the housekeeping writes would leave SQLite locked for ever in the worker.
    multiprocessing.set_start_method("spawn", force=True)
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
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        log_level=LogLevels.error,
    ).serve()


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


@contextlib.contextmanager
def housekeeping(settings: Settings) -> Iterator[None]:
    """Find what is late, low or over, close months, send what is owed, forget what is old: every PAUSE_SECONDS."""
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
    done = {
        "cases_late": 0,
        "reviews_expired": 0,
        "months_closed": 0,
        "mails_sent": 0,
        "reports_purged": 0,
        "webhooks_sent": 0,
        "texts_screened": 0,
    }
    passed = _stopwatch()
    try:
        with storage.connection():
            with storage.alone():
                done["cases_late"] = _step("cases that are late", lambda: alerts.find_late(at=at))
                done["reviews_expired"] = _step("reviews that are over", lambda: publications.expire(at=at))
                done["months_closed"] = _step("months that are over", lambda: months.close_months(at=at))
                _step("the month as it stood", lambda: assessments.close_month(at=at))
                _step("thresholds", lambda: thresholds.look_at_all(at=at))
                _step("disclosure", lambda: disclosure.look(at=at))
                if settings.mail_url:
                    _step("renewals", lambda: owners.ask_for_renewals(at=at))
                purge = functools.partial(retention.purge, days=settings.retention_days, at=at)
                done["reports_purged"] = _step("what is old", purge)
            if settings.mail_url:
                deliver, enough = mail.sender(settings.mail_url), _time_limit()
                link, confirm = _link(settings), _confirm(settings)
                for send in (
                    lambda: owners.send(deliver, settings.public_url, at=at + passed(), enough=enough),
                    lambda: alerts.send(deliver, settings.public_url, at=at + passed(), enough=enough),
                    lambda: deliveries.send(deliver, link, confirm=confirm, at=at + passed(), enough=enough),
                ):
                    done["mails_sent"] += _step("mails", send)
            done["webhooks_sent"] = _step("webhooks", lambda: _tell_webhooks(settings, at=at + passed()))
            done["texts_screened"] = _step("screening", lambda: _screen(settings, at=at + passed()))
    except storage.DatabaseError as error:
        log.error("housekeeping was interrupted: %s", error)
    return done


def _step(name: str, work: Callable[[], Any]) -> int:
    """How much was done. What fails holds up nothing else, unless the database is away: then the round is over."""
    try:
        return work() or 0
    except Exception as error:
        if isinstance(error, storage.DatabaseError) and not storage.reachable():
            raise
        log.exception("housekeeping: %s failed, and will be tried again", name)
        return 0


def _tell_webhooks(settings: Settings, *, at: datetime) -> int:
    post = webhooks.poster(public_url=settings.public_url, private_allowed=settings.private_targets)
    return webhook_deliveries.send(post, server_secret=settings.secret_key, at=at, enough=_time_limit())


def _screen(settings: Settings, *, at: datetime) -> int:
    if settings.screen is None:
        return 0
    look = screening.screener(settings.screen, private_allowed=settings.private_targets)
    return screenings.send(look, model=settings.screen.model, at=at, enough=_time_limit())


def _stopwatch() -> Callable[[], timedelta]:
    """Whole seconds since now: what is claimed late in a long round is not free again too early."""
    began = time.monotonic()
    return lambda: timedelta(seconds=int(time.monotonic() - began))


def _time_limit() -> Callable[[], bool]:
    ends = time.monotonic() + MOST_SECONDS
    return lambda: time.monotonic() >= ends


def _link(settings: Settings) -> Callable[[Report], str]:
    """The address of a report's page."""
    return lambda report: f"{settings.public_url}/r/{reports.receipt_of(report, settings.secret_key)}"


def _confirm(settings: Settings) -> Callable[[Report], str]:
    """The address of the page on which a reporter confirms that the mail came to the right person."""
    link = _link(settings)
    return lambda report: f"{link(report)}/confirm?proof={confirmations.proof_of(report, settings.secret_key)}"


@contextlib.contextmanager
def beside(*arguments: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Run a second program of ours as long as the block runs."""
    process = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **environment})  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
