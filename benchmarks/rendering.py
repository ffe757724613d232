"""`render` in the host's own process: microseconds of CPU for 1 KB, and where they go."""

import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime

from markupsafe import escape

from benchmarks.texts import TEXTS
from widget_server import render
from widget_server.rendering import badge, tokens
from widget_server.rendering.sanitising import Format, sanitise
from widget_server.rules import keys
from widget_server.rules.marking import Disclosure, text_sha256

HOST, SITE = "https://widget.example", "0123456789abcdef"
SECRET = keys.site_secret("a server's secret of 32 characters", site=SITE, generation=1)
LABEL = Disclosure("jamba-large", "AI21")
REPEATS, LEAST_SECONDS = 7, 0.02


def measure() -> dict[str, dict[str, float]]:
    """For each format, the microseconds of the whole, of its parts, and of `markupsafe.escape` of the same text."""
    return {kind: _measure(kind, text) for kind, text in TEXTS.items()}


def _measure(format: Format, text: str) -> dict[str, float]:
    passage = sanitise(text, format)
    content = tokens.Content(text_sha256(passage.text), LABEL, datetime.now(UTC))
    token = tokens.sign(content, SECRET)
    return {
        "render": microseconds(
            lambda: render(
                text, model=LABEL.model, provider=LABEL.provider, format=format, site=SITE, secret=SECRET, host=HOST
            )
        ),
        "escape": microseconds(lambda: escape(text)),
        "safe HTML": microseconds(lambda: sanitise(text, format)),
        "hash": microseconds(lambda: text_sha256(passage.text)),
        "token": microseconds(lambda: tokens.sign(content, SECRET)),
        "template": microseconds(
            lambda: badge.labelled(
                passage.html, LABEL, host=HOST, site=SITE, content=token, preformatted=format == "text"
            )
        ),
    }


def microseconds(call: Callable[[], object]) -> float:
    """CPU time of one call: the least of several repeats, since whatever else runs on the machine only adds."""
    timer = timeit.Timer(call, timer=time.thread_time)
    once = max(timer.timeit(20) / 20, 1e-7)
    calls = int(LEAST_SECONDS / once) + 1
    return min(timer.repeat(REPEATS, calls)) / calls * 1e6
