"""The log as a chain: each entry's digest covers all of it and the digest before it.

Whoever changes or removes an entry would have to make every later digest anew, and anybody who has kept one of those
elsewhere can tell.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

BEGINNING = "0" * 64
"""What stands before the first entry."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to what, and where (rules/access.py)."""

    at: datetime
    moderator: int | None
    verb: str
    subject: str
    particulars: Mapping[str, Any]
    site: int | None

    def body(self) -> str:
        """All of it, as the end of a JSON list: the same text on every machine and for every order of particulars."""
        moment = (self.at - _EPOCH) // timedelta(microseconds=1)
        parts = [moment, self.moderator, self.verb, self.subject, self.particulars, self.site]
        return json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))[1:]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry where it stands in the chain."""

    number: int
    previous: str
    digest: str
    entry: Entry


def digest(previous: str, number: int, body: str) -> str:
    """The digest of an entry. The database computes the same (storage/log.py)."""
    return hashlib.sha256(f'["{previous}",{number},{body}'.encode()).hexdigest()


def first_broken(links: Iterable[Link], *, after: str) -> int | None:
    """The number of the first entry that does not fit what stands before it (`after`), or its own digest."""
    for link in links:
        if link.previous != after or link.digest != digest(link.previous, link.number, link.entry.body()):
            return link.number
        after = link.digest
    return None
