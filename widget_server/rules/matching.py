"""What two rows of words have in common, for a bounded price."""

from difflib import Match, SequenceMatcher
from itertools import accumulate

MOST_STEPS = 5_000_000
"""Pairs of like words that are looked at. Of the longest text in the longest page that we take, written by people, half
of it is needed. Of others, which repeat few words over and over, what is found by then is all: long runs come first."""


class Matcher(SequenceMatcher[str]):
    """As difflib has it, whose price is the cube of the length where few words are repeated in many places."""

    a: list[str]
    b2j: dict[str, list[int]]

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after)
        prices = (1 + len(self.b2j.get(word, ())) for word in before)
        self._prices = list(accumulate(prices, initial=0))
        self.steps = 0

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        price = self._prices[len(self.a) if ahi is None else ahi] - self._prices[alo]
        if self.steps + price > MOST_STEPS:
            return Match(alo, blo, 0)
        self.steps += price
        return super().find_longest_match(alo, ahi, blo, bhi)
