"""Messages to webhooks: signed as standardwebhooks.com says, or as a sentence that Slack and its like take."""

import json
from collections.abc import Callable
from http import HTTPStatus

from standardwebhooks import Webhook

from widget_server.delivery import outside
from widget_server.rules import events
from widget_server.rules.addresses import Network
from widget_server.rules.webhooks import Kind
from widget_server.storage.webhook_deliveries import Letter, Sent

SECONDS = 10


def poster(
    *, public_url: str, private_allowed: tuple[Network, ...], seconds: float = SECONDS
) -> Callable[[Letter], Sent]:
    """A function that sends a letter and tells what became of it. Taken is what was answered with 2xx."""

    def post(letter: Letter) -> Sent:
        body, headers = _written(letter, public_url)
        try:
            answer = outside.request(
                "POST",
                letter.url,
                headers={"Content-Type": "application/json", **headers},
                body=body,
                seconds=seconds,
                most_bytes=None,
                redirects=0,
                private_allowed=private_allowed,
            )
        except outside.NotReached as why:
            return Sent(None, str(why))
        taken = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
        return Sent(answer.status, None if taken else _why(answer.status))

    return post


def _written(letter: Letter, public_url: str) -> tuple[bytes, dict[str, str]]:
    """The body, and the headers that prove where it comes from."""
    if letter.kind is Kind.SLACK:
        said = events.sentence(letter.event, letter.about, site=letter.site_name, public_url=public_url)
        return json.dumps({"text": said}).encode(), {}
    told = events.envelope(letter.event, letter.about, at=letter.happened_at, site=letter.site, public_url=public_url)
    body = json.dumps(told, separators=(",", ":"))
    signatures = (Webhook(secret).sign(letter.event_id, letter.sent_at, body) for secret in letter.secrets)
    return body.encode(), {
        "webhook-id": letter.event_id,
        "webhook-timestamp": str(int(letter.sent_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _why(status: int) -> str:
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    led = ": it leads elsewhere, which is not followed" if status in outside.ELSEWHERE else ""
    return f"It answered {status}{phrase}{led}."
