"""What is told to other people's programs: the names of events, what each says, and how it reads as one sentence.

Never a person, and never a word that a reader typed: a text is told by its digest, a case by its number and its address
at the desk.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from widget_server.rules.harms import HARMS


class Event(StrEnum):
    """Something that happened."""

    CASE_OPENED = "case.opened"
    CASE_URGENT = "case.urgent"
    CASE_ESCALATED = "case.escalated"
    CASE_DECIDED = "case.decided"
    CASE_REOPENED = "case.reopened"
    CASE_APPEALED = "case.appealed"
    CASE_LATE = "case.late"
    PUBLICATION_HELD = "publication.held"
    PUBLICATION_DECIDED = "publication.decided"
    THRESHOLD_PROJECTED = "threshold.projected"
    THRESHOLD_NEAR = "threshold.near"
    THRESHOLD_REQUIRED = "threshold.required"
    REPORT_ON = "report.on"
    REPORT_OFF = "report.off"
    DISCLOSURE_LOW = "disclosure.low"
    PUBLICATION_EXPIRED = "publication.expired"
    WEBHOOK_TEST = "webhook.test"


MEANINGS = {
    Event.CASE_OPENED: "A text was reported, and its case waits for a moderator",
    Event.CASE_URGENT: "A case that waits is urgent: child abuse, self-harm, threats or violence",
    Event.CASE_ESCALATED: "A moderator has handed a case on",
    Event.CASE_DECIDED: "A case was decided",
    Event.CASE_REOPENED: "A decision was taken back as a mistake, and the case stands as before it",
    Event.CASE_APPEALED: "A reporter disagrees, and the case is back at the desk",
    Event.CASE_LATE: "A case waits for longer than it should",
    Event.PUBLICATION_HELD: "A text for many people waits for a review",
    Event.PUBLICATION_DECIDED: "A text for many people was approved or rejected",
    Event.THRESHOLD_PROJECTED: "A month heads for the number of viewers from which readers must be able to report",
    Event.THRESHOLD_NEAR: "A month is near the number of viewers from which readers must be able to report",
    Event.THRESHOLD_REQUIRED: "From this viewer on, readers must be able to report",
    Event.REPORT_ON: "Readers see the report control from now on",
    Event.REPORT_OFF: "Readers do not see the report control any more",
    Event.DISCLOSURE_LOW: "Too few readers can see the badge",
    Event.PUBLICATION_EXPIRED: "The review of a text for many people has run out, and it waits for another",
    Event.WEBHOOK_TEST: "A moderator tries whether a webhook works",
}
CHOICES = tuple(event for event in Event if event is not Event.WEBHOOK_TEST)
"""The events that a webhook may ask for. A test goes to the webhook that is tried."""

_SENTENCES = {
    Event.CASE_OPENED: "{link} on {site} waits for a moderator: {category}, guideline {clause}",
    Event.CASE_URGENT: "*Urgent:* {link} on {site} waits for a moderator: {category}, guideline {clause}",
    Event.CASE_ESCALATED: "{link} on {site} was escalated: {category}, guideline {clause}",
    Event.CASE_DECIDED: "{link} on {site} was decided: {decision} ({category}, guideline {clause})",
    Event.CASE_REOPENED: "{link} on {site}: the decision “{decision}” was taken back as a mistake",
    Event.CASE_APPEALED: "{link} on {site} is back at the desk: a reporter disagrees",
    Event.CASE_LATE: "{link} on {site} waits for longer than it should: {category}, guideline {clause}",
    Event.PUBLICATION_HELD: "{link} on {site} waits for a review, guideline 2.i",
    Event.PUBLICATION_DECIDED: "{link} on {site} was {state}",
    Event.THRESHOLD_PROJECTED: "{link} of {site}: heading for {viewers} this month; with more than {threshold}, "
    "readers must be able to report, guideline {clause}",
    Event.THRESHOLD_NEAR: "{link} of {site}: {viewers} this month; with more than {threshold}, readers must be able to "
    "report, guideline {clause}",
    Event.THRESHOLD_REQUIRED: "{link} of {site}: {viewers} this month; readers must be able to report, guideline "
    "{clause}",
    Event.REPORT_ON: "{link} of {site} see the report control from now on, guideline {clause}",
    Event.REPORT_OFF: "{link} of {site} do not see the report control any more, guideline {clause}",
    Event.DISCLOSURE_LOW: "{link} of {site} could see the badge on {share} % of the views of the last seven days, less "
    "than {least} %, guideline {clause}",
    Event.PUBLICATION_EXPIRED: "{link} on {site} waits for another review: the last one has run out, guideline 2.i",
    Event.WEBHOOK_TEST: "This is a test from {link}: the webhook works",
}

_NAMES = {"case": "Case {case}", "publication": "A text", "viewers": "Viewers", "report": "Readers", "share": "Readers"}
"""What a sentence calls that which its link leads to, by what the event tells."""
_PARTS = ("category", "clause", "decision", "state", "viewers", "threshold", "share", "least")


def about_case(
    *,
    number: int,
    text_sha256: str,
    state: str,
    category: str,
    urgent: bool,
    model: str,
    provider: str,
    **more: str | int | bool | None,
) -> dict[str, Any]:
    """What an event tells about a case. `more`: what is said of this kind of event only, such as the decision."""
    return {
        "case": number,
        "path": f"/admin/reports/{number}",
        "text_sha256": text_sha256,
        "state": state,
        "category": category,
        "clause": HARMS[category].clause,
        "urgent": urgent,
        "model": model,
        "provider": provider,
        **more,
    }


def about_publication(
    *, number: str, text_sha256: str, state: str, audience: str, audience_size: int | None, model: str, provider: str
) -> dict[str, Any]:
    """What an event tells about a text for many people (guideline 2.i)."""
    return {
        "publication": number,
        "path": f"/admin/publications/{number}",
        "text_sha256": text_sha256,
        "state": state,
        "clause": "2.i",
        "audience": audience,
        "audience_size": audience_size,
        "model": model,
        "provider": provider,
    }


def about_viewers(*, clause: str, **told: str | float | None) -> dict[str, Any]:
    """What an event tells about a site's viewers: numbers, never who they are."""
    return {"path": "/admin/viewers", "clause": clause, **told}


def about_test() -> dict[str, Any]:
    return {"path": "/admin/webhooks"}


def envelope(event: Event, about: dict[str, Any], *, at: datetime, site: str | None, public_url: str) -> dict[str, Any]:
    """The body of a Standard Webhook. `at`: when it happened, whenever it is sent. `site`: the site's key."""
    told = {name: value for name, value in about.items() if name != "path"}
    return {
        "type": str(event),
        "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {**told, "site": site, "url": public_url + about["path"]},
    }


def sentence(event: Event, about: dict[str, Any], *, site: str | None, public_url: str) -> str:
    """The event in Slack's mrkdwn. `site`: the site's name."""
    name = next((words for part, words in _NAMES.items() if part in about), "widget-server").format(**about)
    parts = {part: _plain(str(about.get(part, "")).replace("_", " ")) for part in _PARTS}
    link = f"<{_plain(public_url + about['path'])}|{name}>"
    return _SENTENCES[event].format(link=link, site=_plain(site or ""), **parts) + "."


def _plain(text: str) -> str:
    """Text that Slack shows as it is, and takes neither for a link nor for a call to everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
