"""What a WSGI application answers, whole: in memory, or on the disk where it is long."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from widget_server import crashes
from widget_server.routes.answers import Answer
from widget_server.routes.bodies import REFUSED
from widget_server.routes.errors import problem

AT_ONCE = 256 * 1024
"""Bytes of an answer that are put together in memory, and go out at once; a longer one is put together on the disk."""

log = logging.getLogger("widget_server")


class Long:
    """An answer of any length. It goes out once all of it is there: of one that is cut nobody could see that it is.

    Read a part at a time, so that several that are read at once share the threads.
    """

    def __init__(
        self, status: int, headers: list[tuple[str, str]], begun: bytes, rest: Iterator[bytes], pieces: Iterable[bytes]
    ) -> None:
        self.status, self._headers, self._rest, self._pieces = status, headers, rest, pieces
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (close does)
        self._file.write(begun)
        self.is_whole = False

    @property
    def headers(self) -> list[tuple[str, str]]:
        kept = [(name, value) for name, value in self._headers if name.lower() != "content-length"]
        return [*kept, ("Content-Length", str(self._length))]

    def read(self) -> bool:
        """Whether there may be more to read."""
        ends = self._file.tell() + AT_ONCE
        for piece in self._rest:
            self._file.write(piece)
            if self._file.tell() > ends:
                return True
        self._length = self._file.tell()
        self._file.seek(0)
        self.is_whole = True
        return False

    def piece(self) -> bytes:
        return self._file.read(AT_ONCE)

    def close(self) -> None:
        self._file.close()
        _close(self._pieces)


class _Start:
    """The application's start_response."""

    def __init__(self) -> None:
        self.status, self.headers = 500, list[tuple[str, str]]()

    def __call__(self, status: str, headers: list[tuple[str, str]], _error: Any = None, /) -> Callable[[bytes], object]:
        self.status, self.headers = int(status.split(" ", 1)[0]), headers
        return _no_writing


def _no_writing(_data: bytes) -> object:
    raise NotImplementedError("Give what is answered back, do not write it.")


def answer_of(application: WSGIApplication, environ: WSGIEnvironment) -> "Answer | Long":
    """The application's answer: put together if it is short."""
    started = _Start()
    pieces: Iterable[bytes] = ()
    try:
        pieces = application(environ, started)
        begun, rest = b"", iter(pieces)
        for piece in rest:
            begun += piece
            if len(begun) > AT_ONCE:
                return Long(started.status, started.headers, begun, rest, pieces)
        _close(pieces)
    except Exception as error:  # noqa: BLE001 (it is told, and answered)
        _close(pieces)
        if started.headers:
            return failed(application, environ, error)
        log.error("unexpected error\n%s", crashes.told(error))
        return Answer(500, [], HTTPStatus(500).phrase.encode())
    return Answer(started.status, started.headers, begun)


def failed(application: WSGIApplication, environ: WSGIEnvironment, error: Exception) -> Answer:
    """What failed after its beginning, as the application answers what it refuses."""
    started = _Start()
    pieces = application({**environ, REFUSED: problem(error, at=environ["PATH_INFO"])}, started)
    return Answer(started.status, started.headers, b"".join(pieces))


def _close(pieces: Any) -> None:
    if close := getattr(pieces, "close", None):
        close()
