"""Providers' answers in their documented shapes."""

from dataclasses import dataclass
from typing import Any

import pytest

from widget_server.rendering.answers import Answer, UnknownShape, provider_of, read

USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}


def completion(**message: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1790000000,
        "model": "jamba-large-1.7",
        "choices": [
            {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop", "logprobs": None}
        ],
        "usage": USAGE,
    }


def chunk(delta: dict[str, Any], index: int = 0, **more: Any) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "model": "gpt-5", "choices": [choice], **more}


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5",
    "content": [
        {"type": "text", "text": "Hello, "},
        {"type": "tool_use", "id": "t", "name": "n", "input": {}},
        {"type": "text", "text": "you."},
    ],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 2},
}

EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": []}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hmm"}},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Hello, "}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "you."}},
    {"type": "content_block_stop", "index": 1},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    {"type": "message_stop"},
]


@dataclass
class LibraryObject:
    """What a provider's Python library returns."""

    content: dict[str, Any]

    def model_dump(self) -> dict[str, Any]:
        return self.content


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("plain text", Answer("plain text")),
        (completion(content="Hello."), Answer("Hello.", "jamba-large-1.7", "AI21")),
        (completion(content=[{"type": "text", "text": "Hello."}]), Answer("Hello.", "jamba-large-1.7", "AI21")),
        (completion(content=None, refusal="I cannot."), Answer("I cannot.", "jamba-large-1.7", "AI21")),
        (
            {"object": "text_completion", "model": "x", "choices": [{"index": 0, "text": "Hello."}]},
            Answer("Hello.", "x", ""),
        ),
        (MESSAGE, Answer("Hello, you.", "claude-sonnet-5", "Anthropic")),
        (EVENTS, Answer("Hello, you.", "claude-sonnet-5", "Anthropic")),
        (
            [
                chunk({"role": "assistant", "content": ""}),
                chunk({"content": "Hel"}),
                chunk({"content": "other choice"}, index=1),
                chunk({"content": "lo."}),
                chunk({}),
                chunk({"content": None}),
                {"id": "c", "object": "chat.completion.chunk", "model": "gpt-5", "choices": [], "usage": USAGE},
            ],
            Answer("Hello.", "gpt-5", "OpenAI"),
        ),
        (
            [
                {"object": "text_completion", "model": "j2-ultra", "choices": [{"text": "a"}]},
                {"choices": [{"text": "b"}]},
            ],
            Answer("ab", "j2-ultra", "AI21"),
        ),
        (LibraryObject(completion(content="Hello.")), Answer("Hello.", "jamba-large-1.7", "AI21")),
        ((LibraryObject(chunk({"content": piece})) for piece in ("a", "b")), Answer("ab", "gpt-5", "OpenAI")),
        (completion(content="Hel\0lo."), Answer("Hello.", "jamba-large-1.7", "AI21")),
    ],
)
def test_text_model_and_provider_are_read(answer: Any, expected: Answer) -> None:
    assert read(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"choices": []},
        {"choices": "no"},
        {"choices": [{"index": 0, "message": {"content": None, "tool_calls": [{}]}}]},
        {"choices": [{"index": 1, "message": {"content": "not the first"}}]},
        {"choices": [{"index": 0, "message": "text"}]},
        {"type": "message", "content": []},
        {"type": "error", "error": {"message": "overloaded"}},
        [],
        ["text"],
        [{"choices": []}],
        [{"id": "no choices"}],
        [{"type": "message_stop"}],
        None,
        7,
    ],
)
def test_an_answer_without_text_is_refused_with_the_remedy(answer: Any) -> None:
    with pytest.raises(UnknownShape, match=r"text"):
        read(answer)


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("jamba-mini", "AI21"),
        ("GPT-5", "OpenAI"),
        ("openai/gpt-5", "OpenAI"),
        ("claude-opus", "Anthropic"),
        ("house-model", ""),
    ],
)
def test_the_models_name_tells_its_provider_or_nothing(model: str, provider: str) -> None:
    assert provider_of(model) == provider
