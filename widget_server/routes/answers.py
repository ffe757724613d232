"""An answer as it goes out, whatever the server's protocol."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import NamedTuple
from wsgiref.types import StartResponse


class Answer(NamedTuple):
    status: int
    headers: Sequence[tuple[str, str]]
    content: bytes

    @property
    def length(self) -> tuple[str, str]:
        """The header that tells it."""
        return "Content-Length", str(len(self.content))

    def to(self, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI wants it."""
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", [*self.headers])
        return [self.content] if self.content else []
