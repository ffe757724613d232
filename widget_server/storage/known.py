"""What a process remembers of the sites that pages and hosts ask about, so that most requests cost no statement.

It is at most EVERY_SECONDS behind what other processes have changed, and never behind what this one has.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from peewee import SQL

from widget_server.rules import keys
from widget_server.rules.keys import Secrets
from widget_server.rules.moderation import State
from widget_server.rules.policy import Policy
from widget_server.rules.viewers import Reporting
from widget_server.rules.wording import Own
from widget_server.storage import (
    applications,
    cased,
    changes,
    declarations,
    holding,
    policies,
    sites,
    standing,
    wording,
)
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Case, Change, OtherDigest, Site

EVERY_SECONDS = 0.5
"""How long what is remembered counts without asking whether it has changed."""

OLDEST_SECONDS = 60
"""How long it is remembered at all: secret keys run out by themselves."""

MOST_SITES = 2_000
MOST_TEXTS = 10_000
"""Of a site: what is read beyond them drives out all."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds on a text: what was decided, on which day (UTC), and the corrected label, if it was that."""

    outcome: State
    on: date
    label: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that somebody reported, or that the desk withdrew."""

    case: int
    decided: Decided | None

    @property
    def outcome(self) -> State | None:
        return self.decided.outcome if self.decided else None


@dataclass
class Known:
    """A site as it was when it had changed so often (`number`; by this process: `here`). Nobody changes `site`.

    `id` and `origins` are its own: every view asks for them, and a row's fields take longer.
    """

    site: Site
    id: int
    origins: tuple[str, ...]
    number: int
    here: int
    policy: Policy
    numbers: tuple[int, ...]
    """Under what its viewers are counted: the site, and the application that it is part of, if any."""
    reporting: Reporting
    """Whether readers see the report control."""
    until: float
    end: float
    tokens: set[str] = field(default_factory=set)
    """Content tokens that the site has signed, as far as they were read."""
    _texts: dict[str, Text | None] = field(default_factory=dict)
    _words: dict[str, Own] = field(default_factory=dict)

    def texts(self, digests: Iterable[str]) -> dict[str, Text]:
        """Those of these texts that there is a case of, by their digests."""
        wanted, read = dict.fromkeys(digests), self._texts
        if missing := [digest for digest in wanted if digest not in read]:
            found = self._read(missing)
            if not found and len(missing) == len(wanted):
                return {}
            read = {**{digest: read.get(digest) for digest in wanted}, **found}
        return {digest: text for digest in wanted if (text := read.get(digest))}

    def words(self, lang: str) -> Own:
        """What it says in its own words in one of our languages."""
        if lang not in self._words:
            self._words[lang] = wording.of(self.id, lang)
        return self._words[lang]

    @cached_property
    def declared(self) -> tuple[str, ...] | None:
        """What its texts are for, by code; None: nobody has declared anything."""
        declaration = declarations.newest(self.id)
        return declarations.codes(declaration) if declaration else None

    def vouch(self, token: str) -> None:
        """The site has signed this token."""
        if len(self.tokens) >= MOST_TEXTS:
            self.tokens.clear()
        self.tokens.add(token)

    def _read(self, digests: list[str]) -> dict[str, Text | None]:
        """What there is of these texts. Those that there is a case of are remembered."""
        cases = cased.of(self.id, number=self.number)
        asked = [digest for digest in digests if cases.may_have(digest)] if cases else digests
        if not asked:
            return {}
        found: dict[str, Text | None] = dict.fromkeys(asked)
        for row in self._cases(asked):
            before = found[row.text_sha256]
            if before is None or (row.outcome and before.outcome is not State.WITHDRAWN):
                found[row.text_sha256] = _text(row)
        if len(self._texts) + len(found) > MOST_TEXTS:
            self._texts = found
        else:
            self._texts.update(found)
        return found

    def _cases(self, digests: list[str]) -> list[Case]:
        """Of these texts, by their own digests and then by others, which tell more: of what came as the beginning of a
        text, its own is its sender's word.
        """
        decided = holding.decided_at().alias("decided_at")
        about = (Case.id, Case.outcome, Case.label, decided)
        own = Case.select(Case.text_sha256, *about, SQL("0 AS other"))
        other = Case.select(OtherDigest.text_sha256, *about, SQL("1 AS other")).join(OtherDigest)
        found = own.where(Case.site == self.id, Case.text_sha256.in_(digests)).union_all(
            other.where(Case.site == self.id, OtherDigest.text_sha256.in_(digests))
        )
        return sorted(found, key=lambda row: row.other)


def _text(row: Case) -> Text:
    decided = Decided(State(row.outcome), row.decided_at.date(), row.label or {}) if row.outcome else None
    return Text(row.id, decided)


_known: dict[str, Known] = {}


def forget() -> None:
    """Another database: ask again."""
    _known.clear()
    cased.forget()


def by_secret(secret: str, server_secrets: Secrets, *, at: datetime) -> Known | None:
    """The site that this secret key belongs to, if it holds now."""
    one = by_key(keys.site_of(secret) or "")
    if one and any(keys.same(secret, valid) for valid in sites.secrets_of(one.site, server_secrets, at=at)):
        return one
    return None


def by_key(key: str) -> Known | None:
    """The site with this public key."""
    one = _known.get(key)
    if one and _holds(one):
        return one
    return _read(key)


def _holds(one: Known) -> bool:
    now = time.monotonic()
    here = changes.here(one.id)
    if here == one.here and now < one.until:
        return True
    if now >= one.end:
        return False
    before = one.until
    if now < before + EVERY_SECONDS:
        one.until = now + EVERY_SECONDS  # who comes first asks, the others go on meanwhile
    try:
        number = changes.number(one.id)
    except BaseException:
        one.until = before
        raise
    if number != one.number:
        one.until = one.end = 0.0  # nobody goes on with it
        return False
    one.here, one.until = here, now + EVERY_SECONDS
    return True


_with_number = Ready(
    lambda key: (
        Site.select(Site, Change.number).left_outer_join(Change, on=(Change.site == Site.id)).where(Site.key == key)
    )
)


def _read(key: str) -> Known | None:
    now = time.monotonic()
    row = next(iter(_with_number.rows(Site, key)), None)
    if row is None:
        return None
    one = Known(
        site=row,
        id=row.id,
        origins=tuple(row.origins),
        number=row.number or 0,
        here=changes.here(row.id),
        policy=policies.of(row),
        numbers=tuple(dict.fromkeys([row.id, applications.number_of(row)])),
        reporting=standing.shows_report(row),
        until=now,  # the next look finds what changed while it was read
        end=now + OLDEST_SECONDS,
    )
    if len(_known) >= MOST_SITES:
        _known.clear()
    _known[key] = one
    return one
