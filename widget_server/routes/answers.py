"""An answer as it goes out, whatever the server's protocol."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple
from wsgiref.types import StartResponse


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    content: bytes

    def to(self, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI wants it."""
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", [*self.headers])
        return [self.content] if self.content else []
