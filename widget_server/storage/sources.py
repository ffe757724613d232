"""Under which key a day's sources of reports are hashed, and their end after a week (rules/sources.py)."""

import logging
import secrets
import threading
from datetime import datetime

from peewee import fn

from widget_server.rules.sources import first_day_kept, source
from widget_server.rules.viewers import day_of
from widget_server.storage import counted, seals
from widget_server.storage.seals import CannotOpen, Kind
from widget_server.storage.tables import Case, Report, SourceKey, database

_log = logging.getLogger("widget_server")
_lock = threading.Lock()
_known: dict[int, tuple[int, bytes]] = {}
"""The day's key of each site, as this process last read it."""


def identify(site: int, *, address: str, user_agent: str, at: datetime) -> int:
    """The number that stands for this source on this site today."""
    return source(_key(site, day_of(at)), address=address, user_agent=user_agent)


def rotate(*, at: datetime) -> int:
    """Destroy old days' keys, and what was hashed under them; how many sources a case had stays. Returns the days."""
    first = first_day_kept(at)
    over = list(SourceKey.select(SourceKey.day).where(SourceKey.day < first).distinct().tuples())
    if not over:
        return 0
    begins = datetime.strptime(f"{first}+0000", "%Y%m%d%z")
    old = Report.source.is_null(False) & (Report.received_at < begins)
    with database.atomic():
        of_case = Report.select(fn.COUNT(Report.source.distinct())).where(Report.case == Case.id, old, counted.counts())
        with_old = Report.select(Report.case).where(old)
        Case.update(sources_past=Case.sources_past + of_case).where(Case.id.in_(with_old)).execute()
        Report.update(source=None).where(old).execute()
        SourceKey.delete().where(SourceKey.day < first).execute()
    forget()
    return len(over)


def forget() -> None:
    """Another database, or a key that is destroyed: ask again."""
    with _lock:
        _known.clear()


def _key(site: int, day: int) -> bytes:
    known = _known.get(site)
    if known and known[0] == day:
        return known[1]
    SourceKey.insert(
        site=site, day=day, key=seals.seal_key(Kind.SOURCES, secrets.token_bytes(32))
    ).on_conflict_ignore().execute()
    try:
        key = _stored(site, day)
    except CannotOpen as why:
        _log.error("%s: site %s goes on under a new key today, and counts today's sources anew", why, site)
        _replace(site, day)
        key = _stored(site, day)
    with _lock:
        _known[site] = (day, key)
    return key


def _stored(site: int, day: int) -> bytes:
    return seals.opened_key(Kind.SOURCES, bytes(SourceKey.get(SourceKey.site == site, SourceKey.day == day).key))


def _replace(site: int, day: int) -> None:
    """Another process sealed it under a secret that this one does not have: a report must not wait for tomorrow."""
    made = seals.seal_key(Kind.SOURCES, secrets.token_bytes(32))
    this = (SourceKey.site == site) & (SourceKey.day == day)
    SourceKey.update(key=made).where(this).execute()
