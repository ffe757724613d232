"""Prompts that are more than one text: chat messages, and LangChain's prompt templates, also as it serialises them.

What messages of users hold is the users' words, whatever the template says there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from widget_server.rules import templates
from widget_server.rules.pieces import MOST, MOST_FILLED, Fixed, Pieces, Unreadable, Variable, bounded, filled

USERS = ("user", "human")
LATER = ("placeholder", "messages_placeholder")
"""Roles of messages that are put in when the prompt is made."""
_FORMATS = {"f-string": "format", "jinja2": "jinja", "mustache": "mustache"}
_SAVED = {"prompt": "PromptTemplate", "few_shot": "FewShotPromptTemplate"}
_ROLES = {
    "HumanMessage": "user",
    "HumanMessagePromptTemplate": "user",
    "SystemMessage": "system",
    "SystemMessagePromptTemplate": "system",
    "AIMessage": "assistant",
    "AIMessagePromptTemplate": "assistant",
    "MessagesPlaceholder": "placeholder",
}
_CLASSES = ("PromptTemplate", "PromptWithTemplates", "MessagesPlaceholder", "Message")


def read(prompt: Any, syntax: str = "any") -> Pieces:
    """The pieces of a prompt: a text, a message or a list of them, or one of LangChain's. Raises Unreadable."""
    if isinstance(prompt, str):
        return templates.read(prompt, syntax)
    if kind := _kind(prompt):
        return _langchain(kind, _fields(prompt), syntax)
    if isinstance(prompt, Mapping) and is_message(prompt):
        return _message(prompt, syntax)
    if isinstance(prompt, Sequence):
        return joined((_message(one, syntax) for one in prompt), "\n")
    raise Unreadable("it is neither a text, nor a list of messages, nor a prompt of LangChain’s")


def is_message(value: Any) -> bool:
    """Whether a parsed JSON value is a chat message: OpenAI's and Anthropic's kind, or Gemini's with its parts."""
    return isinstance(value, Mapping) and "role" in value and ("content" in value or "parts" in value)


def is_langchain(value: Any) -> bool:
    """Whether a parsed JSON value is a prompt as LangChain saves it."""
    return isinstance(value, Mapping) and bool(_kind(value))


def _message(message: Any, syntax: str) -> Pieces:
    """One message: {"role", "content"}, (role, template), one of LangChain's, or a text, which is a user's."""
    if isinstance(message, str):
        return (Variable(""),)
    if kind := _kind(message):
        return _langchain(kind, _fields(message), syntax)
    if is_message(message):
        return _said(message["role"], message.get("content", message.get("parts")), syntax)
    match message:
        case [str(role), content]:
            return _said(role, content, syntax)
    raise Unreadable("a message has neither “role” and “content” nor a role and a text")


def _said(role: Any, content: Any, syntax: str) -> Pieces:
    if str(role).lower() in (*USERS, *LATER):
        return (Variable(""),)
    if isinstance(content, str) or not isinstance(content, Sequence):
        return _part(content, syntax)
    return joined((_part(part, syntax) for part in content), "")


def _part(part: Any, syntax: str) -> Pieces:
    """A part of a message's content. What is not text (an image, a call of a tool) holds no characters."""
    if isinstance(part, str):
        return templates.read(part, syntax)
    if (kind := _kind(part)) and not kind.startswith("Image"):
        return read(part, syntax)
    text = part.get("text") if isinstance(part, Mapping) else None
    return templates.read(text, syntax) if isinstance(text, str) else ()


def _kind(value: Any) -> str:
    """The name of LangChain's class, of a prompt that it has saved, serialised, or has in memory."""
    if not isinstance(value, Mapping):
        name = type(value).__name__
        return name if name.endswith(_CLASSES) and hasattr(value, "__dict__") else ""
    if "lc" in value and isinstance(value.get("id"), list) and value["id"]:
        return str(value["id"][-1])
    return _SAVED.get(str(value.get("_type")), "")


def _fields(value: Any) -> Mapping[str, Any]:
    fields = value if isinstance(value, Mapping) else vars(value)
    return fields["kwargs"] if "lc" in fields and isinstance(fields.get("kwargs"), Mapping) else fields


def _langchain(kind: str, fields: Mapping[str, Any], syntax: str) -> Pieces:
    syntax = _FORMATS.get(str(fields.get("template_format")), syntax)
    if role := _ROLES.get(kind) or fields.get("role"):
        return _said(role, fields.get("content", fields.get("prompt")), syntax)
    if isinstance(fields.get("messages"), Sequence):
        return joined((_message(one, syntax) for one in fields["messages"]), "\n")
    if kind.startswith("FewShot"):
        return _few_shot(fields, syntax)
    if not isinstance(fields.get("template"), str):
        raise Unreadable(f"this {kind} does not hold its template")
    return filled(templates.read(fields["template"], syntax), _texts(fields.get("partial_variables")))


def _few_shot(fields: Mapping[str, Any], syntax: str) -> Pieces:
    """Examples that stand in the template are the owner's words; those that are chosen later hold no characters."""
    shape = read(fields.get("example_prompt") or "", syntax)
    examples = fields.get("examples")
    shown = (filled(shape, _texts(example)) for example in (examples if isinstance(examples, list) else []))
    before, after = (read(fields.get(name) or "", syntax) for name in ("prefix", "suffix"))
    separator = str(fields.get("example_separator", "\n\n"))
    return joined([before, joined(shown, separator, most=MOST_FILLED), after], separator)


def _texts(values: Any) -> dict[str, str]:
    given = values if isinstance(values, Mapping) else {}
    return {str(name): value for name, value in given.items() if isinstance(value, str)}


def joined(each: Iterable[Pieces], separator: str, *, most: int = MOST) -> Pieces:
    """One after another, with the separator between those that are not empty. Raises Unreadable for too much."""
    found: list[Any] = []
    size = 0
    for pieces in each:
        size = bounded(pieces, before=size, most=most) + len(separator)
        if found and pieces:
            found.append(Fixed(separator))
        found += pieces
    return tuple(found)


def shown(prompt: Any) -> str:
    """A prompt as people read it: messages one after another, each under its role."""
    if isinstance(prompt, str):
        return prompt
    if isinstance(prompt, list) and all(is_message(message) for message in prompt):
        return "\n\n".join(f"[{message['role']}]\n{_words(message)}" for message in prompt)
    return json.dumps(prompt, ensure_ascii=False, indent=2)


def _words(message: Mapping[str, Any]) -> str:
    content = message.get("content", message.get("parts"))
    if isinstance(content, str):
        return content
    texts = [part.get("text", f"({part.get('type', 'part')})") for part in content or () if isinstance(part, Mapping)]
    return "\n".join(map(str, texts))
