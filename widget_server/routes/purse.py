"""What requests cost whoever sends them, without Flask."""

from functools import lru_cache

from flask_limiter import Limiter
from limits import RateLimitItem, parse_many

from widget_server.routes.errors import WORDS, Problem


class Purse:
    """What is spent of limits, counted where the limiter counts."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def spend(self, limit: str, *, on: str, who: str) -> None:
        """One more of these requests by this asker. Raises Problem 429 beyond the limit.

        The same as the limiter's decorator, for routes of which each microsecond counts.
        """
        for item in _parsed(limit):
            if not self._limiter.limiter.hit(item, who, on):
                raise Problem(429, WORDS[429], retry_after=item.get_expiry())


@lru_cache
def _parsed(limit: str) -> list[RateLimitItem]:
    return parse_many(limit)
