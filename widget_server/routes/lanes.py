"""The usual request to a busy address, answered past Flask; whatever is unusual goes on to Flask, which tells why.

Request objects, dispatch and hooks cost more than everything that such a request needs.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec

from widget_server import storage
from widget_server.routes import errors, sharing
from widget_server.routes.answers import Answer
from widget_server.routes.bodies import LONGEST
from widget_server.routes.current import Kept, Server
from widget_server.routes.shelf import Shelf
from widget_server.storage.months import Outdated

Found = dict[str, Any] | Kept | None
Lane = Callable[[Server, WSGIEnvironment, bytes], Found]
"""Answers what is usual, or gives None. Raises what Flask's handlers raise."""

Again = Callable[[Callable[[], Found]], Found]

USUAL = {"application/json", "text/plain;charset=UTF-8", "text/plain; charset=utf-8", "text/plain"}


class Lanes:
    """What stands before shelf and application: `lanes` by the path to which the usual request is posted."""

    def __init__(self, shelf: Shelf, server: Server, lanes: Mapping[str, Lane]) -> None:
        self.shelf, self.server, self._lanes = shelf, server, lanes
        https = server.settings.https
        self._headers = {path: tuple(sharing.fixed(path, https=https).items()) for path in lanes}
        self._told = {path: (*headers, ("Content-Type", "application/json")) for path, headers in self._headers.items()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not self.is_usual(environ):
            return self.shelf(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            storage.begin()
            found = self.look(environ, body, again=storage.repeated)
        except Exception as error:  # noqa: BLE001 (as Flask would, which is not asked)
            found = self.refused(path, error)
        if isinstance(found, Kept):
            try:
                self.server.writer.store(found.item)
                found = self.told(path, found.tell())
            except Outdated:
                found = None
            except Exception as error:  # noqa: BLE001 (as Flask would, which is not asked)
                found = self.refused(path, error)
            finally:
                storage.end()
        if found is None:
            return self.shelf(environ, start_response)
        return found._replace(headers=[*found.headers, found.length]).to(start_response)

    def __contains__(self, path: str) -> bool:
        return path in self._lanes

    def __iter__(self) -> Iterator[str]:
        return iter(self._lanes)

    def is_usual(self, environ: WSGIEnvironment) -> bool:
        """Whether it comes as browsers and programs usually send it."""
        length = environ.get("CONTENT_LENGTH") or ""
        return (
            environ["PATH_INFO"] in self._lanes
            and environ["REQUEST_METHOD"] == "POST"
            and environ.get("CONTENT_TYPE") in USUAL
            and not environ.get("HTTP_CONTENT_ENCODING")
            and not environ.get("QUERY_STRING")
            and length.isascii()
            and length.isdecimal()
            and int(length) <= LONGEST
        )

    def look(self, environ: WSGIEnvironment, body: bytes, *, again: Again | None = None) -> Answer | Kept | None:
        """The answer to what is usual, which lacks its length, or what has to be stored first; None: Flask takes a
        closer look.

        `again`: how it is done again after what undid it. May raise storage.NotAtHand.
        """
        path = environ["PATH_INFO"]
        try:
            lane = self._lanes[path]
            found = again(lambda: lane(self.server, environ, body)) if again else lane(self.server, environ, body)
        except storage.NotAtHand:
            raise
        except Exception as error:  # noqa: BLE001 (as Flask would, which is not asked)
            return self.refused(path, error)
        finally:
            storage.end()
        return self.told(path, found) if isinstance(found, dict) else found

    def told(self, path: str, told: dict[str, Any]) -> Answer:
        return Answer(200, self._told[path], _encoder.encode(told) + b"\n")

    def refused(self, path: str, error: Exception) -> Answer:
        problem = errors.problem(error, at=path)
        content, headers = errors.as_json(problem)
        return Answer(problem.status, (*self._headers[path], *headers.items()), content)


_encoder = msgspec.json.Encoder(order="sorted")
