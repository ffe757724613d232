"""How often somebody may ask."""

import logging
from contextlib import AbstractContextManager

from flask import Flask, Response
from flask_limiter import Limiter, RateLimitExceeded

from widget_server.routes import counts, errors
from widget_server.routes.current import address, server, settings
from widget_server.routes.errors import Problem
from widget_server.rules import keys
from widget_server.rules.viewers import seen_from

CONFIRMING_MAILS = "3/hour"
TOO_LONG = (
    "Very many long reports have come from your network. Send it again later, or with fewer words: short ones are "
    "taken as ever, and so are those on a text that is known here."
)
TOO_MANY_PROMPTS = (
    "Very many prompts have been registered from your network. Go on later; those that are in use stay so."
)


def asker() -> str:
    """Who shares a limit: an IPv4 address, or the /64 of IPv6."""
    return seen_from(address())


limiter = Limiter(asker, strategy="fixed-window")


def views() -> str:
    return settings().limit_views


def reports() -> str:
    return settings().limit_reports


def render() -> str:
    return settings().limit_render


def sign_in() -> str:
    return settings().limit_sign_in


def init(app: Flask) -> None:
    redis = app.extensions["widget_server"].settings.redis_url
    app.config["RATELIMIT_STORAGE_URI"] = "shared://" if redis else "windows://"
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"at": redis} if redis else {}
    limiter.init_app(app)
    limiter.logger.setLevel(logging.WARNING)  # below that it tells who has reached a limit
    app.register_error_handler(RateLimitExceeded, _beyond)


def _beyond(_: RateLimitExceeded) -> Response:
    limit = limiter.current_limit
    wait = server().purse.wait(limit.key) if limit else errors.RETRY_SECONDS
    return errors.answer(Problem(429, errors.WORDS[429], retry_after=wait))


def spend(limit: str, *, on: str) -> None:
    """One more of these requests by whoever asks. Raises Problem 429 beyond the limit."""
    server().purse.spend(limit, on=on, who=asker())


def store(size: int) -> None:
    """So many more bytes of whoever asks are to be stored. Raises Problem 429 beyond the limit."""
    if size:
        server().purse.spend(settings().limit_words, on="words", who=asker(), many=size, beyond=TOO_LONG)


def register(size: int) -> None:
    """So many more bytes of prompts are to be kept for ever. Raises Problem 429 beyond the limit."""
    server().purse.spend(settings().limit_words, on="prompts", who=asker(), many=size, beyond=TOO_MANY_PROMPTS)


def confirming(email: str) -> AbstractContextManager[bool]:
    """Whether one more mail that nobody has asked for may go to this address: anybody can have typed it.

    If the block fails, none goes, and none is counted.
    """
    mailbox = keys.mailbox(settings().secret_key, email=email)
    return server().purse.allowed(CONFIRMING_MAILS, on="mails", who=mailbox)


def counted_by() -> str:
    """Who counts now: `redis`, for all nodes; or `memory`, each process for itself."""
    storage = limiter.storage
    return "redis" if isinstance(storage, counts.Shared) and not storage.away else "memory"
