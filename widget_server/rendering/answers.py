"""The answers that providers' APIs give, read for their text, model and provider.

Known shapes: plain text; an OpenAI-compatible chat completion (which AI21's Jamba API speaks too) or legacy completion;
an Anthropic message; and for each of the three the list of its streaming chunks or events. Objects of the providers'
Python libraries are read through their `model_dump()`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from widget_server.rendering.sanitising import Format
from widget_server.rules.marking import short

_PROVIDERS = (
    ("jamba", "AI21"),
    ("j2-", "AI21"),
    ("gpt-", "OpenAI"),
    ("chatgpt-", "OpenAI"),
    ("o1", "OpenAI"),
    ("o3", "OpenAI"),
    ("o4", "OpenAI"),
    ("claude-", "Anthropic"),
    ("gemini", "Google"),
    ("gemma", "Google"),
    ("mistral", "Mistral AI"),
    ("mixtral", "Mistral AI"),
    ("codestral", "Mistral AI"),
    ("command", "Cohere"),
    ("deepseek", "DeepSeek"),
    ("llama", "Meta"),
    ("qwen", "Alibaba"),
)


class UnknownShape(ValueError):
    """The answer is of no known shape, or holds no text. The message says which and the remedy."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model produced, and how it is written. `model` and `provider` are empty where the answer does not tell."""

    text: str
    model: str = ""
    provider: str = ""
    format: Format = "text"


def provider_of(model: str) -> str:
    """Who makes a model, by the beginning of its public name; empty when the name does not tell."""
    name = model.lower().rsplit("/", 1)[-1]
    return next((provider for beginning, provider in _PROVIDERS if name.startswith(beginning)), "")


def read(answer: Any, format: Format = "text") -> Answer:  # noqa: A002 (the public argument's name)
    """The text of an answer in any of the known shapes, and how it is written. Raises UnknownShape.

    What templates call Markup is HTML, whatever it is said to be: escaped words are the words again, and what has tags
    is no plain text. U+0000 is left out: a page's parser drops it too, and no request may hold it.
    """
    found = _read(answer)
    text = found.text
    if hasattr(text, "__html__"):
        if format == "text" and "<" in text:
            format = "html"  # noqa: A001 (as above)
        text = str(text) if format == "html" else unescaped(text)
    if "\0" in text:
        text = text.replace("\0", "")
    if text is found.text and format == found.format:
        return found
    return replace(found, text=text, format=format)


def unescaped(text: Any) -> Any:
    """The words of what a template has escaped; anything else as it is."""
    return Markup(text).unescape() if hasattr(text, "__html__") else text


def _read(answer: Any) -> Answer:
    answer = _plain(answer)
    if isinstance(answer, str):
        return Answer(answer)
    if isinstance(answer, Mapping):
        return _whole(answer)
    if isinstance(answer, Iterable):
        return _streamed([_plain(chunk) for chunk in answer])
    raise UnknownShape(
        "Not a text and not an answer that we know. Send the text itself, a chat completion, an Anthropic message, "
        "or the list of its streaming chunks."
    )


def _plain(answer: Any) -> Any:
    return answer.model_dump() if hasattr(answer, "model_dump") else answer


def _whole(answer: Mapping[str, Any]) -> Answer:
    if answer.get("type") == "message" and isinstance(answer.get("content"), list):
        return _answer(_parts(answer["content"]), answer.get("model"), "Anthropic")
    choice = _first_choice(answer)
    if choice is not None:
        message = choice.get("message")
        text = _message_text(message) if isinstance(message, Mapping) else choice.get("text")
        return _answer(text, answer.get("model"))
    raise UnknownShape(
        "Not an answer that we know: expected “choices” (a chat completion) or “type”: “message” with “content” "
        "(Anthropic). Send the text itself instead."
    )


def _streamed(chunks: list[Any]) -> Answer:
    if not chunks or not all(isinstance(chunk, Mapping) for chunk in chunks):
        raise UnknownShape("An answer's chunks are a list of one JSON object or more. Send the text itself instead.")
    if any("type" in chunk for chunk in chunks) and not any("choices" in chunk for chunk in chunks):
        return _anthropic_events(chunks)
    text, model, known = "", None, False
    for chunk in chunks:
        known = known or "choices" in chunk
        model = model or chunk.get("model")
        choice = _first_choice(chunk)
        if choice is not None:
            delta = choice.get("delta")
            piece = _message_text(delta) if isinstance(delta, Mapping) else choice.get("text")
            text += piece if isinstance(piece, str) else ""
    if not known:
        raise UnknownShape("None of these chunks has “choices”. Send the text itself instead.")
    return _answer(text, model)


def _anthropic_events(events: list[Any]) -> Answer:
    text, model = "", None
    for event in events:
        match event:
            case {"type": "message_start", "message": {"model": str(name)}}:
                model = name
            case {"type": "content_block_start", "content_block": {"type": "text", "text": str(piece)}}:
                text += piece
            case {"type": "content_block_delta", "delta": {"type": "text_delta", "text": str(piece)}}:
                text += piece
    return _answer(text, model, "Anthropic")


def _first_choice(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = answer.get("choices")
    if not isinstance(choices, list):
        return None
    return next((choice for choice in choices if isinstance(choice, Mapping) and choice.get("index", 0) == 0), None)


def _message_text(message: Mapping[str, Any]) -> Any:
    content = message.get("content")
    return _parts(content) if isinstance(content, list) else content or message.get("refusal")


def _parts(content: list[Any]) -> str:
    return "".join(
        part["text"]
        for part in content
        if isinstance(part, Mapping)
        and part.get("type") in ("text", "output_text")
        and isinstance(part.get("text"), str)
    )


def _answer(text: Any, model: Any, provider: str = "") -> Answer:
    if not isinstance(text, str) or not text:
        raise UnknownShape("This answer holds no text (it may be a tool call, or empty): there is nothing to label.")
    model = short(model) if isinstance(model, str) else ""
    return Answer(text, model, provider or provider_of(model))
