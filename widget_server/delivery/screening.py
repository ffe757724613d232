"""Asks the operator's screen about a text: any /v1/moderations, or a guard model behind /v1/chat/completions."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from widget_server.delivery import outside
from widget_server.rules import screening
from widget_server.rules.addresses import Network
from widget_server.rules.screening import Finding, NotUnderstood
from widget_server.settings import Screen
from widget_server.storage.screenings import Looked

SECONDS = 20
MOST_BYTES = 200_000
MOST_TOKENS = 100
"""“unsafe” and every code there is take fewer."""

Read = Callable[[object], list[Finding]]
WAYS: dict[str, tuple[str, Callable[[Screen, str], dict[str, Any]], Read]] = {
    "moderations": (
        "/v1/moderations",
        lambda screen, text: {"model": screen.model, "input": text},
        screening.moderations,
    ),
    "guard": (
        "/v1/chat/completions",
        lambda screen, text: {
            "model": screen.model,
            "messages": [{"role": "user", "content": text}],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        },
        screening.guard,
    ),
}
_REMEDIES = {
    HTTPStatus.UNAUTHORIZED: "look at WIDGET_SCREEN_KEY",
    HTTPStatus.FORBIDDEN: "look at WIDGET_SCREEN_KEY",
    HTTPStatus.NOT_FOUND: "look at WIDGET_SCREEN_URL, _KIND and _MODEL",
    HTTPStatus.TOO_MANY_REQUESTS: "it wants fewer questions",
}


def screener(
    screen: Screen, *, private_allowed: tuple[Network, ...], seconds: float = SECONDS
) -> Callable[[str], Looked]:
    """A function that has the screen look at a text. What goes wrong is told in one line that quotes no answer."""
    path, question, read = WAYS[screen.kind]
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if screen.key:
        headers["Authorization"] = f"Bearer {screen.key}"

    def look(text: str) -> Looked:
        try:
            answer = outside.request(
                "POST",
                screen.url + path,
                headers=headers,
                body=json.dumps(question(screen, text)).encode(),
                seconds=seconds,
                most_bytes=MOST_BYTES,
                redirects=0,
                private_allowed=private_allowed,
                private_only=screen.url.startswith("http:"),
            )
        except outside.NotReached as why:
            return Looked(None, str(why))
        if answer.status != HTTPStatus.OK:
            return Looked(None, _why(answer.status))
        try:
            return Looked(read(json.loads(answer.body)))
        except NotUnderstood as why:
            return Looked(None, str(why))
        except (ValueError, RecursionError):
            return Looked(None, "It did not answer with JSON.")

    return look


def _why(status: int) -> str:
    try:
        phrase, remedy = f" {HTTPStatus(status).phrase}", _REMEDIES.get(HTTPStatus(status), "")
    except ValueError:
        phrase = remedy = ""
    if status in outside.ELSEWHERE:
        remedy = "it leads elsewhere, which is not followed"
    return f"It answered {status}{phrase}{': ' if remedy else ''}{remedy}."
