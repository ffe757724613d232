"""What requests cost whoever sends them, without Flask."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from math import ceil

from flask_limiter import Limiter
from limits import RateLimitItem, parse_many

from widget_server.routes.errors import WORDS, Problem
from widget_server.storage import NotAtHand


class Purse:
    """What is spent of limits, counted where the limiter counts."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def spend(self, limit: str, *, on: str, who: str, many: int = 1, beyond: str = WORDS[429]) -> None:
        """One more of these requests by this asker, or so many. Raises Problem 429 beyond the limit, in these words.

        The same as the limiter's decorator, for routes of which each microsecond counts.
        """
        for item, key, seconds in _counted(limit, on, who):
            if self._limiter.limiter.storage.incr(key, seconds, many) > item.amount:
                raise Problem(429, beyond, retry_after=self.wait(key))

    def wait(self, key: str) -> int:
        """Seconds until the window of what `key` counts is over, for `Retry-After`: whole ones, and one at least."""
        return max(1, ceil(self._limiter.limiter.storage.get_expiry(key) - time.time()))

    def allows(self, limit: str, *, on: str, who: str) -> bool:
        """Whether one more of these is within the limit; then it is counted."""
        hits = [self._limiter.limiter.hit(item, who, on) for item in _parsed(limit)]
        return all(hits)

    @contextmanager
    def allowed(self, limit: str, *, on: str, who: str) -> Iterator[bool]:
        """As `allows`, and given back if what it is for fails."""
        allowed = self.allows(limit, on=on, who=who)
        try:
            yield allowed
        except BaseException:
            self._give_back(limit, on=on, who=who)
            raise

    @contextmanager
    def spent(self, limit: str, *, on: str, who: str) -> Iterator[None]:
        """As `spend`, and given back if the same request begins anew in a thread (storage.NotAtHand)."""
        self.spend(limit, on=on, who=who)
        try:
            yield
        except NotAtHand:
            self._give_back(limit, on=on, who=who)
            raise

    def _give_back(self, limit: str, *, on: str, who: str) -> None:
        for item in _parsed(limit):
            self._limiter.limiter.storage.incr(item.key_for(who, on), item.get_expiry(), -1)


@lru_cache(1_000)
def _counted(limit: str, on: str, who: str) -> list[tuple[RateLimitItem, str, int]]:
    """The parts of a limit, each with what counts it and for how long: as a fixed window of the library does."""
    return [(item, item.key_for(who, on), item.get_expiry()) for item in _parsed(limit)]


@lru_cache
def _parsed(limit: str) -> list[RateLimitItem]:
    return parse_many(limit)
