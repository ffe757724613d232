"""Who did what, in the order in which it happened."""

from datetime import datetime
from typing import Any

from widget_server.storage.tables import LogEntry, Moderator


def write(verb: str, subject: str, *, moderator: int | None, at: datetime, **particulars: Any) -> None:
    """Keep that `moderator` (None: the operator) did `verb` to `subject`. Nothing that a reader typed belongs here."""
    LogEntry.insert(at=at, moderator=moderator, verb=verb, subject=subject, particulars=particulars).execute()


def page(*, before: int | None, size: int, subject: str = "") -> list[LogEntry]:
    """The newest entries (about one subject), or those before the entry `before`."""
    entries = LogEntry.select(LogEntry, Moderator).left_outer_join(Moderator).order_by(LogEntry.id.desc()).limit(size)
    if subject:
        entries = entries.where(LogEntry.subject == subject)
    return list(entries.where(LogEntry.id < before) if before else entries)
