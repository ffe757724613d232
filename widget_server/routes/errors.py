"""Every error is answered here: RFC 9457 for the API, a page for people; never more than the asker needs."""

import json
import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as ResponseBase

from widget_server import crashes
from widget_server.storage import DatabaseError, may_have_kept, refusal, room
from widget_server.storage.hashing import Crowded
from widget_server.storage.seals import CannotOpen
from widget_server.storage.ways_in import Changed
from widget_server.storage.writer import Busy

RETRY_SECONDS = 10
PROGRAMS = ("/api/", "/words/")
"""What programs read: these answer with JSON, errors too."""
log = logging.getLogger("widget_server")

WORDS = {
    400: "The request was not understood.",
    401: "A valid secret key is needed.",
    403: "This is not allowed.",
    404: "There is nothing here.",
    405: "This address does not answer that method.",
    413: "The request is too large.",
    415: "The request is of a kind that is not accepted here.",
    422: "Some fields are missing or not as expected.",
    429: "Too many requests. Wait a moment, then try again.",
    500: "Something went wrong on our side.",
    503: "The server cannot store anything at the moment. Try again soon; nothing was kept.",
}
KEPT = "The server could not store all of it: some was kept. Look at what there is, then do the rest again."


class Problem(Exception):
    """A refusal: `detail` says why and the remedy, `errors` names the fields, `clause` is the guideline's number.

    `challenge`: what a program can do to be let through. `onward`: where a person goes from here, in words and as an
    address.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: dict[str, list[str]] | None = None,
        clause: str | None = None,
        challenge: dict[str, Any] | None = None,
        retry_after: int | None = None,
        onward: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.clause, self.retry_after = (
            status,
            detail,
            errors,
            clause,
            retry_after,
        )
        self.challenge, self.onward = challenge, onward


def init(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, lambda _: _forged())
    app.register_error_handler(Exception, lambda error: answer(problem(error, at=request.endpoint)))


def problem(error: Exception, *, at: str | None) -> Problem:
    """What whoever asks is told about an error. What the operator has to know is logged, with where it happened."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Busy):
        return Problem(503, WORDS[503], retry_after=RETRY_SECONDS)
    if isinstance(error, Crowded):
        return Problem(503, "Very many people try to sign in at the moment. Try again soon.", retry_after=RETRY_SECONDS)
    if isinstance(error, Changed):
        return Problem(409, "This account has changed or your session has ended meanwhile. Sign in, then do it again.")
    if isinstance(error, DatabaseError):
        room.note(error)
        log.error("the database refused: %s", refusal(error))
        return Problem(503, KEPT if may_have_kept() else WORDS[503], retry_after=RETRY_SECONDS)
    if isinstance(error, CannotOpen):
        log.error("%s: name that one in WIDGET_OLD_SECRET_KEYS, restart, and run `widget-server keys rotate`", error)
        return Problem(503, WORDS[503], retry_after=RETRY_SECONDS)
    log.error("unexpected error at %s\n%s", at, crashes.told(error))
    return Problem(500, WORDS[500])


def as_json(problem: Problem) -> tuple[bytes, dict[str, str]]:
    """A refusal in the form of RFC 9457: body and headers."""
    title = HTTPStatus(problem.status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": problem.status, "detail": problem.detail}
    body |= {name: value for name in ("errors", "clause", "challenge") if (value := getattr(problem, name)) is not None}
    return json.dumps(body).encode(), {"Content-Type": "application/problem+json", **_headers(problem)}


def _headers(problem: Problem) -> dict[str, str]:
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return {**headers, "WWW-Authenticate": "Bearer"} if problem.status == HTTPStatus.UNAUTHORIZED else headers


def answer(problem: Problem) -> Response:
    """A refusal as whoever asks reads it: JSON for programs, a page for people."""
    if request.path.startswith(PROGRAMS):
        content, headers = as_json(problem)
        return Response(content, problem.status, headers)
    title = HTTPStatus(problem.status).phrase
    page = render_template("error.html", title=title, problem=problem)
    return Response(page, problem.status, _headers(problem), content_type="text/html; charset=utf-8")


def _http(error: HTTPException) -> ResponseBase:
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    response = answer(Problem(status, WORDS.get(status, error.description or "")))
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _forged() -> Response:
    log.warning("form without a valid token refused: %s", request.endpoint)
    return answer(
        Problem(
            400, "This form is too old or was not opened here. Go back, load the page again, and send it once more."
        )
    )
