"""Who counts as a viewer, in which month, and from how many viewers on reports must be possible (guideline 2.iii)."""

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted

from widget_server.rules.guidelines import Limits

HIDDEN_BY = {
    "display": "Not displayed",
    "opacity": "Transparent",
    "size": "Too small",
    "off_screen": "Out of the page’s sight",
    "clip": "Cut off",
    "covered": "Covered by something else",
    "colour": "In the colour of its ground",
}
"""What can keep the badge from a reader's eyes, as the widget finds it and as its owner is told."""

LONGEST_PAGE = 2000
"""Bytes of a page's address that is kept: what an index of PostgreSQL can hold."""

BLOCK = 64
"""Bytes that SHA-256 takes in at a time."""

LONGEST_NAME = 1000
"""Characters of a browser's name in which a crawler says that it is one."""

_BOT = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|facebookexternalhit|embedly|quora link|bingpreview|ia_archiver"
    r"|mediapartners|feedfetcher|google-|lighthouse|pingdom|uptime|monitor|archive\.org|whatsapp/|skypeuripreview|wget/",
    re.IGNORECASE,
)


class Reporting(StrEnum):
    """Whether the report control is shown."""

    ON = "on"
    OFF = "off"


class ThresholdState(StrEnum):
    BELOW = "below"
    NEAR = "near"
    REQUIRED = "required"


def month_of(moment: datetime) -> int:
    """The calendar month (UTC) of a moment, as the number 202611 for November 2026."""
    return moment.year * 100 + moment.month


def following(month: int) -> int:
    """The month after this one: 202612 → 202701."""
    return month + 1 if month % 100 < 12 else month + 89


def bounds(month: int) -> tuple[datetime, datetime]:
    """When a month (UTC) begins, and when it is over."""
    begins, ends = (datetime(*divmod(one, 100), 1, tzinfo=UTC) for one in (month, following(month)))
    return begins, ends


def month_name(month: int) -> str:
    """202611 → "2026-11"."""
    return f"{month // 100:04d}-{month % 100:02d}"


def day_of(moment: datetime) -> int:
    """The day (UTC) of a moment, as the number 20261123."""
    return month_of(moment) * 100 + moment.day


def day_name(day: int) -> str:
    """20261123 → "2026-11-23"."""
    return f"{month_name(day // 100)}-{day % 100:02d}"


def threshold_state(viewers: int, *, limits: Limits, projected: int | None = None) -> ThresholdState:
    """Where a month's unique viewers stand against the guidelines' threshold (2.iii).

    `projected`: how many there will be at the month's end (rules/projection.py). It can only warn: required is what was
    counted.
    """
    if limits.viewers_unreported is None or limits.warning is None or limits.foreseen is None:
        return ThresholdState.BELOW
    if viewers > limits.viewers_unreported:
        return ThresholdState.REQUIRED
    near = viewers >= limits.warning or (projected or 0) >= limits.foreseen
    return ThresholdState.NEAR if near else ThresholdState.BELOW


def is_person(*, user_agent: str, purpose: str) -> bool:
    """False for crawlers that say so, and for pages loaded ahead in case somebody opens them.

    `purpose` is the `Sec-Purpose` (or older `Purpose`) header.
    """
    return "prefetch" not in purpose.lower() and not _is_bot(user_agent[:LONGEST_NAME])


@lru_cache
def _is_bot(user_agent: str) -> bool:
    return _BOT.search(user_agent) is not None


def page_of(address: str, *, origins: Iterable[str]) -> str:
    """The page that an address leads to, without query and fragment, which may tell who reads it.

    Empty for what is not a page of these origins: whoever sends views could write anything there.
    """
    page = address.partition("?")[0].partition("#")[0]
    ours = page.startswith(tuple(f"{origin}/" for origin in origins))
    return page if ours and len(page.encode()) <= LONGEST_PAGE else ""


@lru_cache
def seen_from(address: str) -> str:
    """The part of an address that stays with a person: all of IPv4, the /64 of IPv6."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)


def viewer_key(month_key: bytes, *, viewer: str | None, address: str, user_agent: str) -> int:
    """A number that stands for one viewer of one site in one month, and tells nothing once `month_key` is destroyed.

    `viewer` is the host's own id of a person, if it gave one; otherwise address and user agent stand for the person.
    64 bits, signed, as databases store them: among a million viewers two collide with a chance of 3 in 100 million.
    """
    person = f'["id", {_quoted(viewer)}]' if viewer else f'["seen", "{seen_from(address)}", {_quoted(user_agent)}]'
    begun, end = (half.copy() for half in _keyed(month_key))
    begun.update(person.encode())
    end.update(begun.digest())
    return int.from_bytes(end.digest()[:8], "big", signed=True)


@lru_cache
def _keyed(key: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """HMAC-SHA256 (RFC 2104) with the key taken in once: its two hashes, each as it begins.

    `hmac.new` takes it in each time, and `hmac.digest` lets other threads go first, which takes longer than the rest.
    """
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in block)), hashlib.sha256(bytes(byte ^ 0x5C for byte in block))


forget_keys = _keyed.cache_clear
"""What is over is over in memory, too."""
