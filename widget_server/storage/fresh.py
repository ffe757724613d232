"""What every page asks for and what hardly changes: read again after a few seconds, and at once after a change here."""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

SECONDS = 5

Value = TypeVar("Value")


class Fresh(Generic[Value]):
    """Values by their key, each at most SECONDS old. Other processes learn of a change within that time."""

    def __init__(self) -> None:
        self._read: dict[Hashable, tuple[float, Value]] = {}

    def get(self, key: Hashable, read: Callable[[], Value]) -> Value:
        known = self._read.get(key)
        if known is None or time.monotonic() - known[0] >= SECONDS:
            known = self._read[key] = (time.monotonic(), read())
        return known[1]

    def forget(self) -> None:
        self._read.clear()
