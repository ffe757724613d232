"""The tables. Each row's meaning is told here; what may be done with it, in the module of its noun."""

from widget_server.storage.tables.accounts import HouseRule, Invitation, Membership, RecoveryCode
from widget_server.storage.tables.assessments import Assessment
from widget_server.storage.tables.base import database
from widget_server.storage.tables.bursts import Attempts, Burst, SourceKey
from widget_server.storage.tables.cases import Case, Likeness, Note, OtherDigest, Report, Ruling
from widget_server.storage.tables.clocks import Alert, Clock
from widget_server.storage.tables.counting import (
    Application,
    Crossing,
    HiddenBadge,
    Month,
    PageTally,
    Tally,
    Viewer,
)
from widget_server.storage.tables.declarations import Declaration, OwnerNotice
from widget_server.storage.tables.deliveries import Delivery
from widget_server.storage.tables.people import Exposure, LogEntry, Moderator, Reason, SavedFilter, SignIn
from widget_server.storage.tables.prompts import PromptTemplate
from widget_server.storage.tables.sites import Change, PublicationRow, PublicationStep, Screening, Site, Wording
from widget_server.storage.tables.webhooks import Webhook, WebhookDelivery

ALL = (
    Site,
    Change,
    Moderator,
    SignIn,
    Case,
    Likeness,
    OtherDigest,
    Report,
    Ruling,
    Note,
    Reason,
    SavedFilter,
    Exposure,
    PublicationRow,
    Screening,
    PublicationStep,
    Viewer,
    Month,
    Tally,
    HiddenBadge,
    PageTally,
    Application,
    Crossing,
    Wording,
    Membership,
    PromptTemplate,
    Invitation,
    RecoveryCode,
    HouseRule,
    Delivery,
    Clock,
    Alert,
    Webhook,
    WebhookDelivery,
    LogEntry,
    SourceKey,
    Burst,
    Attempts,
    Declaration,
    OwnerNotice,
    Assessment,
)

__all__ = [
    "ALL",
    "Alert",
    "Application",
    "Assessment",
    "Attempts",
    "Burst",
    "Case",
    "Change",
    "Clock",
    "Crossing",
    "Declaration",
    "Delivery",
    "Exposure",
    "HiddenBadge",
    "HouseRule",
    "Invitation",
    "Likeness",
    "LogEntry",
    "Membership",
    "Moderator",
    "Month",
    "Note",
    "OtherDigest",
    "OwnerNotice",
    "PageTally",
    "PromptTemplate",
    "PublicationRow",
    "PublicationStep",
    "Reason",
    "RecoveryCode",
    "Report",
    "Ruling",
    "SavedFilter",
    "Screening",
    "SignIn",
    "Site",
    "SourceKey",
    "Tally",
    "Viewer",
    "Webhook",
    "WebhookDelivery",
    "Wording",
    "database",
]
