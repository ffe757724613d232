"""Where a file in JSON holds prompts: LangChain's, conversations, and texts that are called a prompt."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Set
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from widget_server.rules import conversations, templates
from widget_server.rules.naming import SYSTEM, Found, is_called, is_prose, short
from widget_server.rules.pieces import Purse, Unreadable, weight

Path = tuple[str | int, ...]
Position = tuple[int, int]
"""A line and a column, counted from 1."""
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def find(text: str, *, called: str = "", line: int = 1) -> list[Found]:
    """The prompts of a file in JSON that is called so, and begins in this line. Raises ValueError for what is not JSON.

    In a file that is itself called a prompt, every text is one.
    """
    return _find(text, Purse(text), called=called, line=line)


def find_in_lines(text: str, *, called: str = "") -> list[Found]:
    """The prompts of a file of JSON Lines. Raises ValueError."""
    purse = Purse(text)
    return [
        found
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
        for found in _find(line, purse, called=called, line=number)
    ]


def _find(text: str, purse: Purse, *, called: str, line: int) -> list[Found]:
    try:
        prompts = list(_prompts(json.loads(text), (), every=is_called(called)))
        asked = {path for path, _ in prompts}
        places, position = _places(text, asked) if asked else {}, _positions(text, line)
        each = [_found(path, prompt, purse, *map(position, places[path])) for path, prompt in prompts]
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return [found for found in each if found.problem or is_prose(found.pieces)]


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


def _found(path: Path, prompt: Any, purse: Purse, start: Position, end: Position) -> Found:
    name = short(".".join(short(str(part)) for part in path) or "prompt")
    try:
        pieces = conversations.read(prompt)
        purse.spend(weight(pieces))
        return Found(name, *start, *end, pieces)
    except Unreadable as error:
        return Found(name, *start, *end, templates.measured(prompt) if isinstance(prompt, str) else (), str(error))


def _positions(text: str, line: int) -> Callable[[int], Position]:
    """Where an offset into a text stands that begins in this line."""
    begins = [0, *(found.end() for found in re.finditer("\n", text))]

    def position(offset: int) -> Position:
        number = bisect_right(begins, offset)
        return line + number - 1, offset - begins[number - 1] + 1

    return position


def _places(text: str, asked: Set[Path]) -> dict[Path, tuple[int, int]]:
    """Where the values of a text in JSON begin and end whose paths are asked for."""
    found: dict[Path, tuple[int, int]] = {}

    def after_space(at: int) -> int:
        space = _SPACE.match(text, at)
        return space.end() if space else at

    def value(at: int, path: Path) -> int:
        start = after_space(at)
        if text[start] in "{[":
            end = members(start + 1, path, named=text[start] == "{")
        else:
            _, end = _DECODER.raw_decode(text, start)
        if path in asked:
            found[path] = (start, end)
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
    return found
