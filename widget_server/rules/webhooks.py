"""What holds for an address that is told what happens."""

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

OVERLAP = timedelta(hours=24)
"""How long a secret that was replaced still signs beside its successor."""
PATIENCE = timedelta(days=5)
"""A webhook that has failed for so long, and has taken nothing in between, is paused."""
SLACK = "hooks.slack.com"


class Kind(StrEnum):
    """How a webhook is told. Standard: signed JSON (standardwebhooks.com). Slack: one sentence, `{"text": …}`."""

    STANDARD = "standard"
    SLACK = "slack"


def of_setting(url: str) -> tuple[Kind, str]:
    """The kind and the address of WIDGET_WEBHOOK_URL, which may begin with slack+https://."""
    if url.startswith("slack+"):
        return Kind.SLACK, url.removeprefix("slack+")
    return (Kind.SLACK if urlsplit(url).hostname == SLACK else Kind.STANDARD), url


def shown(url: str, kind: Kind) -> str:
    """An address as the desk shows it: a Slack one is itself a secret, and a query may be."""
    parts = urlsplit(url)
    path = "/…" if kind is Kind.SLACK else parts.path + ("?…" if parts.query else "")
    return f"{parts.scheme}://{parts.netloc}{path}"


def lost(failing_since: datetime, *, at: datetime) -> bool:
    """Whether a webhook has failed for so long that it is paused."""
    return at - failing_since >= PATIENCE
