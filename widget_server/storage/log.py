"""Who did what, in the order in which it happened."""

from datetime import datetime
from typing import Any

from widget_server.storage.tables import LogEntry, Moderator


def write(
    verb: str, subject: str, *, moderator: int | None, at: datetime, site: int | None = None, **particulars: Any
) -> None:
    """Keep that `moderator` (None: the operator) did `verb` to `subject`. Nothing that a reader typed belongs here.

    `site`: whose people see it; None: only those who see all sites, and whoever did it.
    """
    row = {"at": at, "moderator": moderator, "verb": verb, "subject": subject, "particulars": particulars}
    LogEntry.insert({**row, "site": site}).execute()


def page(
    *, before: int | None, size: int, subject: str = "", sites: list[int] | None = None, reader: int | None = None
) -> list[LogEntry]:
    """The newest entries (about one subject), or those before the entry `before`.

    Of `sites` (None: of everything) and what `reader` did.
    """
    entries = LogEntry.select(LogEntry, Moderator).left_outer_join(Moderator).order_by(LogEntry.id.desc()).limit(size)
    if subject:
        entries = entries.where(LogEntry.subject == subject)
    if sites is not None:
        entries = entries.where(LogEntry.site.in_(sites) | (LogEntry.moderator == reader))
    return list(entries.where(LogEntry.id < before) if before else entries)
