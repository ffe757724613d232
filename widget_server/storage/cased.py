"""Which texts of a site there is a case of, in few bytes, so that of most texts nobody asks the database.

A text whose number is missing here has no case; one whose number is here is asked about. What is remembered is only
taken for whole if it is of as many digests as the site says that its cases have, in one statement with them. A site
that has changed less often than before has come back from a copy, or from a standby that lacked the last of it: nothing
remembered holds.
"""

import threading
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from widget_server.storage.tables import database

MOST = 1_000_000
"""Numbers that one process remembers, of 8 bytes each. A site with more cases is asked about each text."""
LOOSE = 4_000
"""So many new ones are kept beside the others before they are put in order."""

READ = """
SELECT change.cases, "case".id, substr("case".text_sha256, 1, 16), substr(other_digest.text_sha256, 1, 16)
FROM change LEFT JOIN "case" ON "case".site_id = change.site AND "case".id > {0}
LEFT JOIN other_digest ON other_digest.case_id = "case".id
WHERE change.site = {0} ORDER BY "case".id LIMIT {0}
"""


@dataclass
class Cased:
    """The texts of a site that have a case, as of its change `number`. `last`: the number of the newest case.

    `digests`: how many there are, of which a case may have several. Two may share their beginning: which one a report
    names is its sender's word.
    """

    number: int = -1
    last: int = 0
    digests: int = 0
    ordered: "array[int]" = field(default_factory=lambda: array("Q"))
    loose: set[int] = field(default_factory=set)

    def may_have(self, digest: str) -> bool:
        """Whether there may be a case of this text; False is certain."""
        wanted = _short(digest)
        place = bisect_left(self.ordered, wanted)
        return wanted in self.loose or (place < len(self.ordered) and self.ordered[place] == wanted)

    def add(self, digests: Sequence[str]) -> None:
        self.digests += len(digests)
        self.loose.update(map(_short, digests))
        if len(self.loose) > LOOSE:
            self.ordered, self.loose = array("Q", sorted([*self.ordered, *self.loose])), set()


_of: dict[int, Cased | None] = {}
"""None: it has too many, or not as many as it says; nobody tries again to read them all."""
_lock = threading.Lock()
forget = _of.clear


def of(site: int, *, number: int) -> Cased | None:
    """As of this change of the site; None: ask about each text."""
    found = _of.get(site)
    if (found and found.number == number) or (found is None and site in _of):
        return found
    if not _lock.acquire(blocking=False):
        return None  # another thread is just reading them
    try:
        if found and found.number > number:
            found = None
        # What was committed in another order than it was numbered is found by reading all again.
        read = (found and _read(found, site, number)) or _read(Cased(), site, number)
        if sum(one.digests for one in (*_of.values(), read) if one) > MOST:
            _of.clear()
        _of[site] = read
    finally:
        _lock.release()
    return read


def _read(before: Cased, site: int, number: int) -> Cased | None:
    """With what was added since, if that is all. Who reads it meanwhile still has the one before."""
    rows = database.execute_sql(READ.format(database.param), (before.last, site, MOST + 1)).fetchall()
    own = {case: digest for _, case, digest, _ in rows if case}
    found = Cased(number, max(own, default=before.last), before.digests, before.ordered, {*before.loose})
    found.add([*own.values(), *(other for *_, other in rows if other)])
    return found if found.digests == (rows[0][0] if rows else 0) and found.digests <= MOST else None


def _short(digest: str) -> int:
    return int(digest[:16], 16)
