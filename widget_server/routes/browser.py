"""A browser in which somebody has signed in before, with all that it takes.

Who guesses at their account elsewhere does not keep it out.
Its cookie opens nothing: it only says whose guesses are whose (as OWASP's “device cookies”).
"""

import secrets
from datetime import datetime, timedelta

from flask import request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from widget_server.routes.current import now, settings
from widget_server.rules import accounts, keys

REMEMBERED = timedelta(days=180)


def known_to(email: str) -> str | None:
    """The browser's own number, if this account has signed in here within REMEMBERED."""
    try:
        account, number, since = _signed().loads(request.cookies.get(_name(), ""))
        fresh = datetime.fromisoformat(since) > now() - REMEMBERED
    except (BadData, ValueError, TypeError):
        return None
    return number if fresh and account == _account(email) else None


def remember(answer: Response, email: str) -> None:
    """From now on this browser is one of this account's. It keeps its number, and what it has guessed."""
    number = known_to(email) or secrets.token_urlsafe(12)
    answer.set_cookie(
        _name(),
        str(_signed().dumps([_account(email), number, now().isoformat()])),
        max_age=REMEMBERED,
        secure=settings().https,
        httponly=True,
        samesite="Strict",
    )


def _account(email: str) -> str:
    return keys.digest(accounts.account(email))


def _name() -> str:
    return "__Host-known" if settings().https else "known"


def _signed() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secrets[::-1], salt="known browser")
