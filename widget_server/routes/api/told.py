"""What webhooks are told, described for programs: rules/events.py in the words of OpenAPI."""

from typing import Any

from widget_server.rules.events import MEANINGS, Event
from widget_server.rules.harms import HARMS
from widget_server.rules.moderation import Decision, State
from widget_server.rules.publishing import Audience, Publication


def _object(properties: dict[str, Any], *, sometimes: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in sometimes],
    }


_TEXT = {
    "text_sha256": {"type": "string", "description": "The text’s digest; the text itself is not told"},
    "model": {"type": "string"},
    "provider": {"type": "string"},
    "clause": {"type": "string", "description": "The guideline’s clause"},
    "site": {"type": "string", "description": "The site’s key"},
    "url": {"type": "string", "format": "uri", "description": "Where it stands at the desk"},
}
_RULING = {
    "ruling": {"type": "integer", "description": "The decision’s number"},
    "decision": {"type": "string", "enum": [str(decision) for decision in Decision]},
    "ground": {"type": "string", "enum": ["guideline", "law"]},
    "message": {"type": "string", "description": "What the reporters were told"},
}
SCHEMAS = {
    "CaseEvent": _object(
        {
            "case": {"type": "integer", "description": "The case’s number"},
            "state": {"type": "string", "enum": [str(state) for state in State]},
            "category": {"type": "string", "enum": list(HARMS)},
            "urgent": {"type": "boolean"},
            **_TEXT,
            **_RULING,
        },
        sometimes=tuple(_RULING),
    ),
    "PublicationEvent": _object(
        {
            "publication": {"type": "string", "description": "The publication’s id"},
            "state": {"type": "string", "enum": [str(state) for state in Publication]},
            "audience": {"type": "string", "enum": [str(audience) for audience in Audience]},
            "audience_size": {"type": ["integer", "null"]},
            **_TEXT,
        }
    ),
    "TestEvent": _object({"site": {"type": "null"}, "url": _TEXT["url"]}),
}
HEADERS = {
    "webhook-id": "The same for the same event, however often it is sent",
    "webhook-timestamp": "When it was sent, in seconds since 1970",
    "webhook-signature": "“v1,” and the signature; two of them, with a space between, for a day after a new secret",
}
ANSWERS = {
    "2XX": "Taken",
    "410": "Nothing more is wanted: the webhook is paused",
    "default": "Not taken: sent again after a pause that doubles, twelve times in all",
}


def schema_of(event: Event) -> str:
    """The name of the schema of what an event tells as `data`."""
    return {"case": "CaseEvent", "publication": "PublicationEvent", "webhook": "TestEvent"}[event.partition(".")[0]]


def webhooks() -> dict[str, Any]:
    """OpenAPI's `webhooks`: each event as the request that a receiver gets (standardwebhooks.com)."""
    return {str(event): {"post": _request(event)} for event in Event}


def _request(event: Event) -> dict[str, Any]:
    body = _object(
        {
            "type": {"type": "string", "const": str(event)},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened"},
            "data": {"$ref": f"#/components/schemas/{schema_of(event)}"},
        }
    )
    return {
        "summary": MEANINGS[event],
        "parameters": [
            {"in": "header", "name": name, "description": meaning, "required": True, "schema": {"type": "string"}}
            for name, meaning in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {status: {"description": words} for status, words in ANSWERS.items()},
    }
