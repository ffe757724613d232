"""What sites say in their own words."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from widget_server.rules.meanwhile import met
from widget_server.rules.wording import Own
from widget_server.storage import changes, log, sites
from widget_server.storage.tables import Site, Wording, database

AT_ONCE = 500
"""Rows of one statement."""


def of(site: int, lang: str) -> Own:
    """A site's own words in a language: keys and texts, in order."""
    rows = (
        Wording.select(Wording.key, Wording.text)
        .where(Wording.site == site, Wording.lang == lang)
        .order_by(Wording.key)
        .tuples()
    )
    return tuple(rows)


def every(site: int) -> dict[str, dict[str, str]]:
    """A site's own words in all languages."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in Wording.select().where(Wording.site == site).order_by(Wording.lang, Wording.key):
        found[row.lang][row.key] = row.text
    return dict(found)


def has(site: int) -> bool:
    return Wording.select().where(Wording.site == site).exists()


def change(
    site: Site, lang: str, own: Mapping[str, str], *, shown: Mapping[str, Any] | None, moderator: int, at: datetime
) -> None:
    """As `replace`, in one language. `shown`: the own words that whoever types had in view. Raises Contested."""
    with database.atomic():
        sites.locked(site)
        replace(site, {lang: met(own, shown=shown, now=dict(of(site.id, lang)))}, moderator=moderator, at=at)


def replace(site: Site, own: Mapping[str, Mapping[str, str]], *, moderator: int | None, at: datetime) -> None:
    """Have the site say `own`, by language and key, in the languages that `own` names; ours where it names none."""
    rows = [
        {"site": site, "lang": lang, "key": key, "text": text}
        for lang, texts in own.items()
        for key, text in texts.items()
    ]
    with database.atomic():
        Wording.delete().where(Wording.site == site, Wording.lang.in_(list(own))).execute()
        for first in range(0, len(rows), AT_ONCE):
            Wording.insert_many(rows[first : first + AT_ONCE]).execute()
        changes.changed(site.id)
        log.write(
            "set words",
            f"site {site.key}",
            moderator=moderator,
            at=at,
            site=site.id,
            languages=", ".join(sorted(own)),
            own_words=len(rows),
        )
