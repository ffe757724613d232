"""What the server does without a request."""

import functools
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from widget_server import crashes, storage
from widget_server.delivery import mail, screening, webhooks
from widget_server.settings import Settings
from widget_server.storage import (
    alerts,
    assessments,
    certain,
    confirmations,
    deliveries,
    disclosure,
    months,
    owners,
    publications,
    reports,
    retention,
    screenings,
    searching,
    thresholds,
    webhook_deliveries,
)
from widget_server.storage.tables import Report

MOST_SECONDS = 30
"""How long one round may begin to send mails, then messages to webhooks, and then to have texts screened."""
log = logging.getLogger("widget_server")


def move_in(settings: Settings) -> None:
    """Open the database, in a process that only keeps house."""
    storage.use_secrets(settings.secrets)
    storage.connect(settings.database_url)
    storage.stay()


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
                certainly = certain.hear(at=at)
                done["cases_late"] = _step("cases that are late", lambda: alerts.find_late(at=at))
                done["reviews_expired"] = _step("reviews that are over", lambda: publications.expire(at=certainly))
                done["months_closed"] = _step("months that are over", lambda: months.close_months(at=certainly))
                _step("the month as it stood", lambda: assessments.close_month(mails=settings.mails, at=certainly))
                _step("thresholds", lambda: thresholds.look_at_all(at=at))
                _step("disclosure", lambda: disclosure.look(at=at))
                if settings.mail_url:
                    _step("renewals", lambda: owners.ask_for_renewals(at=certainly))
                purge = functools.partial(retention.purge, days=settings.retention_days, at=certainly)
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
            _step("words of texts that are gone", searching.forget_words)
            _step("the log of writes", storage.empty_log)
    except storage.DatabaseError as error:
        log.error("housekeeping was interrupted: %s", storage.refusal(error))
    return done


def _step(name: str, work: Callable[[], Any]) -> int:
    """How much was done. What fails holds up nothing else, unless the database is away: then the round is over."""
    try:
        return work() or 0
    except Exception as error:
        if isinstance(error, storage.DatabaseError) and not storage.reachable():
            raise
        log.error("housekeeping: %s failed, and will be tried again\n%s", name, crashes.told(error))
        return 0


def _tell_webhooks(settings: Settings, *, at: datetime) -> int:
    post = webhooks.poster(public_url=settings.public_url, private_allowed=settings.private_targets)
    return webhook_deliveries.send(post, server_secrets=settings.secrets, at=at, enough=_time_limit())


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
    return lambda report: f"{settings.public_url}/r/{reports.receipt_of(report, settings.secrets)}"


def _confirm(settings: Settings) -> Callable[[Report], str]:
    """The address of the page on which a reporter confirms that the mail came to the right person."""
    link = _link(settings)
    return lambda report: f"{link(report)}/confirm?proof={confirmations.proof_of(report, settings.secrets)}"
