"""The tables. Each row's meaning is told here; what may be done with it, in the module of its noun."""

from widget_server.storage.tables.base import database
from widget_server.storage.tables.cases import Case, Likeness, Note, Report, Ruling
from widget_server.storage.tables.counting import HiddenBadge, Month, Tally, Viewer
from widget_server.storage.tables.declarations import Declaration, OwnerNotice
from widget_server.storage.tables.deliveries import Delivery
from widget_server.storage.tables.people import Exposure, LogEntry, Moderator, Reason, SavedFilter, SignIn
from widget_server.storage.tables.sites import PublicationRow, Site, Wording

ALL = (
    Site,
    Moderator,
    SignIn,
    Case,
    Likeness,
    Report,
    Ruling,
    Note,
    Reason,
    SavedFilter,
    Exposure,
    PublicationRow,
    Viewer,
    Month,
    Tally,
    HiddenBadge,
    Wording,
    Delivery,
    LogEntry,
    Declaration,
    OwnerNotice,
)

__all__ = [
    "ALL",
    "Case",
    "Declaration",
    "Delivery",
    "Exposure",
    "HiddenBadge",
    "Likeness",
    "LogEntry",
    "Moderator",
    "Month",
    "Note",
    "OwnerNotice",
    "PublicationRow",
    "Reason",
    "Report",
    "Ruling",
    "SavedFilter",
    "SignIn",
    "Site",
    "Tally",
    "Viewer",
    "Wording",
    "database",
]
