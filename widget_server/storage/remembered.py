"""Viewers whom this process has stored, so that they cost no statement: as many as there are places for.

A viewer's number is random, and says where its place is. Who comes to a taken place is remembered there instead of who
was: that costs the other a statement more, and room is never looked for.
"""

import mmap
from typing import Final

PLACES: Final = 2**20
BYTES: Final = 8 * PLACES
"""Of which only those count that were ever written to."""


class Remembered:
    """`key in remembered`: numbers of 64 bits with a sign."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        own = mmap.mmap(-1, BYTES, flags=mmap.MAP_PRIVATE)  # a copied process remembers for itself
        places = memoryview(own).cast("q")
        places[0] = 1  # nobody, who would be in another place; an empty one is nobody's but the first
        self._places = places

    def __contains__(self, key: int) -> bool:
        return self._places[key % PLACES] == key

    def add(self, key: int) -> None:
        self._places[key % PLACES] = key
