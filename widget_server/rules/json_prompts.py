"""Where a file in JSON holds prompts: LangChain's, conversations, and texts that are called a prompt."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from widget_server.rules import conversations, templates
from widget_server.rules.naming import SYSTEM, Found, is_called, is_prose, short
from widget_server.rules.pieces import Unreadable

Path = tuple[str | int, ...]
Position = tuple[int, int]
"""A line and a column, counted from 1."""
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def find(text: str, *, called: str = "", line: int = 1) -> list[Found]:
    """The prompts of a file in JSON that is called so, and begins in this line. Raises ValueError for what is not JSON.

    In a file that is itself called a prompt, every text is one.
    """
    try:
        prompts = list(_prompts(json.loads(text), (), every=is_called(called)))
        places, position = dict(_places(text)) if prompts else {}, _positions(text, line)
        each = [_found(path, prompt, *map(position, places[path])) for path, prompt in prompts]
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return [found for found in each if found.problem or is_prose(found.pieces)]


def find_in_lines(text: str, *, called: str = "") -> list[Found]:
    """The prompts of a file of JSON Lines. Raises ValueError."""
    return [
        found
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
        for found in find(line, called=called, line=number)
    ]


def _prompts(value: Any, path: Path, *, every: bool) -> Iterator[tuple[Path, Any]]:
    if conversations.is_langchain(value) or _is_conversation(value):
        yield path, value
    elif isinstance(value, dict):
        yield from _of_object(value, path, every=every)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _prompts(one, (*path, place), every=every)
    elif isinstance(value, str) and path and (every or is_called(str(path[-1]))):
        yield path, value


def _of_object(value: dict[str, Any], path: Path, *, every: bool) -> Iterator[tuple[Path, Any]]:
    """A system prompt beside messages belongs to them."""
    spoken = next((name for name, one in value.items() if _is_conversation(one)), "")
    system = next((name for name in SYSTEM if spoken and isinstance(value.get(name), str)), "")
    for name, one in value.items():
        if name == spoken and system:
            yield (*path, name), [{"role": "system", "content": value[system]}, *one]
        elif not spoken or name != system:
            yield from _prompts(one, (*path, name), every=every)


def _is_conversation(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(conversations.is_message(one) for one in value)


def _found(path: Path, prompt: Any, start: Position, end: Position) -> Found:
    name = short(".".join(map(str, path)) or "prompt")
    try:
        return Found(name, *start, *end, conversations.read(prompt))
    except Unreadable as error:
        return Found(name, *start, *end, templates.measured(prompt) if isinstance(prompt, str) else (), str(error))


def _positions(text: str, line: int) -> Callable[[int], Position]:
    """Where an offset into a text stands that begins in this line."""
    begins = [0, *(found.end() for found in re.finditer("\n", text))]

    def position(offset: int) -> Position:
        number = bisect_right(begins, offset)
        return line + number - 1, offset - begins[number - 1] + 1

    return position


def _places(text: str) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Where each value of a text in JSON begins and ends, by its path."""
    found: list[tuple[Path, tuple[int, int]]] = []

    def after_space(at: int) -> int:
        space = _SPACE.match(text, at)
        return space.end() if space else at

    def value(at: int, path: Path) -> int:
        start = after_space(at)
        if text[start] in "{[":
            end = members(start + 1, path, named=text[start] == "{")
        else:
            _, end = _DECODER.raw_decode(text, start)
        found.append((path, (start, end)))
        return end

    def members(at: int, path: Path, *, named: bool) -> int:
        at, number = after_space(at), 0
        while text[at] not in "}]":
            key: str | int = number
            if named:
                key, at = scanstring(text, at + 1)
                at = after_space(at) + len(":")
            at = after_space(value(at, (*path, key)))
            at, number = after_space(at + len(",")) if text[at] == "," else at, number + 1
        return at + 1

    value(0, ())
    yield from found
