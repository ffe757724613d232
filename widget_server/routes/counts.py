"""Where limits are counted: in Redis, for all nodes together; in this process's memory while Redis does not answer.

One storage of the `limits` library, so that whoever counts by it, on whatever way, falls back and comes back alike.
"""

import logging
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from limits.storage import Storage, storage_from_string
from limits.typing import Callable

from widget_server.refusal import WrongSetting

PATIENCE_SECONDS = 0.5
"""How long one request waits for Redis."""

SWEEP_SECONDS = 60
"""How long an address is kept in memory beyond its window."""

AWAY_SECONDS = 1
"""How long nobody asks a Redis that did not answer."""

log = logging.getLogger("widget_server")


def open_redis(url: str) -> Storage:
    """A storage that fails soon. `valkey…://` is the same protocol; a TLS cluster is rediss+cluster://."""
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as Unreachable
    from redis.retry import Retry

    url = url.replace("valkey", "redis", 1) if url.startswith("valkey") else url
    more: dict[str, Any] = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    scheme = urlsplit(url).scheme
    if scheme.endswith("+cluster"):
        more["ssl"] = scheme.startswith("rediss")
        url = url.replace("rediss+cluster", "redis+cluster", 1)
    # Its server closed an idle connection: said at once. A slow answer is not waited for twice.
    more["retry"] = Retry(NoBackoff(), 1, supported_errors=(Unreachable,))
    return storage_from_string(url, **more)  # type: ignore[return-value]


class Windows(Storage):
    """Counts in this process's memory: for each key, how many in the window that runs, and when that ends.

    By a clock that nobody sets: one that is put right makes no window longer. The library's own starts a thread every
    hundredth of a second that looks at all keys.
    """

    STORAGE_SCHEME = ["windows"]  # noqa: RUF012 (theirs)
    FEWEST = 1_000

    def __init__(self, uri: str | None = None, *, wrap_exceptions: bool = False, **_: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._most = self.FEWEST
        self._sweep_at = time.monotonic() + SWEEP_SECONDS

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.monotonic()
        with self._lock:
            count, ends = self._windows.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._windows[key] = (count + amount, ends)
            if len(self._windows) > self._most or now >= self._sweep_at:
                self._sweep(now)
        return count + amount

    def get(self, key: str) -> int:
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        now = time.monotonic()
        return time.time() + self._windows.get(key, (0, now))[1] - now

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)

    def reset(self) -> int | None:
        with self._lock:
            number = len(self._windows)
            self._windows.clear()
        return number

    def check(self) -> bool:
        return True

    def _sweep(self, now: float) -> None:
        self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
        self._most = max(self.FEWEST, 2 * len(self._windows))
        self._sweep_at = now + SWEEP_SECONDS


class Shared(Storage):
    """Counts in Redis at `at`, and in memory while it is away: it is asked again each second."""

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 (theirs)

    def __init__(self, uri: str | None = None, *, at: str, wrap_exceptions: bool = False) -> None:
        from redis.exceptions import RedisClusterException, RedisError  # only where Redis is used: 6 MiB

        super().__init__(uri, wrap_exceptions)
        self._silence = (RedisError, RedisClusterException, OSError)
        self._at = at
        self._redis: Storage | None = None
        try:
            self._redis = open_redis(at)
        except self._silence:
            pass  # it is asked again
        except (TypeError, ValueError):
            raise WrongSetting("WIDGET_REDIS_URL has a parameter that cannot be used.") from None
        self._memory = Windows()
        self._opening = threading.Lock()
        self._asked_again_at = 0.0
        self.away = False

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self._ask(lambda storage: storage.incr(key, expiry, amount))

    def get(self, key: str) -> int:
        return self._ask(lambda storage: storage.get(key))

    def get_expiry(self, key: str) -> float:
        return self._ask(lambda storage: storage.get_expiry(key))

    def clear(self, key: str) -> None:
        self._ask(lambda storage: storage.clear(key))

    def reset(self) -> int | None:
        self._memory.reset()
        return self._ask(lambda storage: storage.reset())

    def check(self) -> bool:
        """Whether Redis answers now: in a cluster, whether it serves a key."""
        return self._try(lambda storage: storage.get("ready")) is not None

    def _ask(self, work: Callable[[Storage], Any]) -> Any:
        if not self.away or self._my_turn():
            answer = self._try(lambda storage: (work(storage),))
            if answer:
                return answer[0]
        return work(self._memory)

    def _my_turn(self) -> bool:
        """While it is away, one request a second finds out whether it is back; the others do not wait for that."""
        with self._opening:
            if time.monotonic() < self._asked_again_at:
                return False
            self._asked_again_at = time.monotonic() + AWAY_SECONDS
            return True

    def _try(self, work: Callable[[Storage], Any]) -> Any:
        """What Redis says; None if it says nothing."""
        try:
            with self._opening:
                if self._redis is None:
                    self._redis = open_redis(self._at)
            answer = work(self._redis)
        except self._silence as error:
            self._tell(away=True, why=f"{type(error).__name__}: {error}".splitlines()[0])
            return None
        self._tell(away=False)
        return answer

    def _tell(self, *, away: bool, why: str = "") -> None:
        with self._opening:
            turned, self.away = away is not self.away, away
            if away and turned:
                self._asked_again_at = time.monotonic() + AWAY_SECONDS
        if turned and away:
            log.warning("Redis does not answer (%s): until it does, each process counts limits for itself", why)
        elif turned:
            log.warning("Redis answers again: limits are counted for all nodes together")
