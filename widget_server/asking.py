"""Questions of a host application to the widget host, under the site's secret key: what only the server knows."""

import json
import os
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

SERVER_SECONDS = 5


class Refused(Exception):
    """The guideline refuses this. `clause` is its number ("3"), the text says the remedy."""

    def __init__(self, clause: str, detail: str) -> None:
        super().__init__(f"{detail} (guideline {clause})")
        self.clause = clause


class NotConfigured(Exception):
    """What is asked for lacks the site's secret key or the widget host."""


def needed(name: str, settings: Mapping[str, str]) -> str:
    """A setting, of the application or of the environment. Raises NotConfigured."""
    value = settings.get(name) or os.environ.get(name)
    if not value:
        raise NotConfigured(
            f"{name} is not set. `widget-server site add` prints it; put it into the environment or app.config."
        )
    return value


def ask(host: str, secret: str, path: str, **arguments: Any) -> Mapping[str, Any]:
    """What the server answers to these arguments.

    Raises Refused where the guideline forbids it or no answer came, NotConfigured if the key is not accepted,
    ValueError for what the server finds wrong with the arguments.
    """
    request = Request(  # noqa: S310 (the operator's own host)
        f"{host}/api/v1/{path}",
        json.dumps(arguments).encode(),
        {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    status, told = _answer_to(request)
    detail = str(told.get("detail", ""))
    if status == 200:
        return told
    if status == 401:
        raise NotConfigured(f"The secret key is not accepted by {host}. `widget-server site rotate` prints a new one.")
    if status in (422, 429) and (clause := told.get("clause")):
        raise Refused(str(clause), detail.removesuffix(f" (guideline {clause})"))
    if status == 422 and detail:
        fields = told.get("errors")
        raise ValueError(f"{detail} {json.dumps(fields, ensure_ascii=False)}" if fields else detail)
    raise unanswered(f"{host} answered {status}.")


def unanswered(why: str) -> Refused:
    """Nobody knows whether the text was approved: so it is not."""
    return Refused("2.i", f"Whether this text was approved cannot be asked now: try again. {why}")


class _Stay(HTTPRedirectHandler):
    """A redirect would carry the secret key to wherever it points."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = build_opener(_Stay)


def _answer_to(request: Request) -> tuple[int, Mapping[str, Any]]:
    """The status and the JSON object of the server's answer, empty if it is none. Raises Refused if none came."""
    try:
        try:
            with _opener.open(request, timeout=SERVER_SECONDS) as response:
                status, body = response.status, response.read()
        except HTTPError as error:
            with error:
                status, body = error.code, error.read()
    except (OSError, HTTPException, ValueError) as error:
        raise unanswered(str(error if isinstance(error, OSError) else type(error).__name__)) from error
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = {}
    return status, told if isinstance(told, dict) else {}
