"""From about how many sources reports come, without knowing anybody.

A source is a number that stands for an address (IPv6: its /64) and a browser's name, on one site, on one day (UTC). Its
key is random, belongs to that day and site alone, and is destroyed together with the numbers after KEPT; what stays is
how many they were. The number is never compared with those of viewers: other keys, another month, another table.

What it can say: these reports of a day came through one address with one browser, or did not. What it cannot: who it
was; whether two days' sources are one; whether one source is one person (a school, an office and a mobile network share
addresses, and their browsers one name) or two are two (whoever changes browser or address is counted again). So it is
"about", it is shown to people, and nothing is ever decided by it.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta

from widget_server.rules.viewers import day_of, seen_from

KEPT = timedelta(days=7)
"""How long after its day a source still means something."""


def source(day_key: bytes, *, address: str, user_agent: str) -> int:
    """The number of a source under its day's key: 64 bits, signed, as databases store them."""
    digest = hmac.digest(day_key, json.dumps([seen_from(address), user_agent]).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big", signed=True)


def first_day_kept(at: datetime) -> int:
    """The oldest day (the number 20261123) whose key still exists at this moment."""
    return day_of(at - KEPT)


def about(*, reports: int, known: int, past: int) -> int:
    """About how many sources so many reports have: different ones that are `known`, after `past` ones of other days.

    Never more than reports; and reports have at least one, also when nothing is known of it any more.
    """
    return min(reports, max(known + past, 1))
