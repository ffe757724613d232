"""The fields of prompts: templates and their names."""

from typing import Any

from marshmallow import Schema, ValidationError, fields

from widget_server.routes.api.fields import bounded
from widget_server.rules import conversations, registry
from widget_server.rules.harms import LIMITS

PROMPT = "A text with placeholders, or chat messages with “role” and “content”, or a prompt as LangChain saves it."
MOST_MESSAGES = 1_000
SYNTAX = "Of its placeholders. “any”: what any of them takes for a placeholder is one."


class Content(fields.Field):
    """What a message says: a text, or parts, of which those with “text” count."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and len(value) > LIMITS["text"]:
            raise ValidationError(f"Longer than maximum length {LIMITS['text']}.")
        parts = isinstance(value, list) and all(isinstance(part, dict) for part in value)
        if not isinstance(value, str) and not parts:
            raise ValidationError("Must be a text, or a list of parts such as {“type”: “text”, “text”: “…”}.")
        return value


class MessageSchema(Schema):
    """One message of a chat prompt."""

    role = bounded(40, required=True)
    content = Content(required=True, metadata={"description": "A text, or parts with “type” and “text”."})


class Prompt(fields.Field):
    """A prompt template: a text, chat messages, or one of LangChain's."""

    _messages = MessageSchema(many=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) or conversations.is_langchain(value):
            return value
        if isinstance(value, list) and value:
            if len(value) > MOST_MESSAGES:
                raise ValidationError(f"Longer than maximum length {MOST_MESSAGES}.")
            return self._messages.load(value)
        raise ValidationError("Must be a text, or a list of messages with “role” and “content”.")


class PromptName(fields.String):
    """The name of a prompt in the registry; with its version, where that may be said."""

    def __init__(self, *, versions: bool, **options: Any) -> None:
        super().__init__(**options)
        self._versions = versions

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            found = registry.reference(super()._deserialize(value, attr, data, **kwargs))
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if found.version is not None and not self._versions:
            raise ValidationError("The version is not chosen: it is counted.")
        return found
