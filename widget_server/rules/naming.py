"""What prompts are called in sources and files, and what only looks like one."""

import re
from dataclasses import dataclass

from widget_server.rules.pieces import Pieces, names, texts

_CALLED = re.compile(
    r"prompt|instructions?$|(^|_)(system|template)s?$|(^|_)(system|template)_(message|text|string)s?$|preamble$", re.I
)
_NOT_CALLED = re.compile(
    r"(tokens?|id|name|key|path|file|dir|folder|url|type|format|version|length|engine|loader|suffix)s?$", re.I
)
LONGEST_NAME = 300
"""Characters of what a prompt is called by its place in a source."""
SYSTEM = ("system", "system_prompt", "system_instruction", "system_message", "instructions")
"""What stands before the messages of a conversation."""
# What is called a prompt or a template, but is none: "index.html", "https://a.example/{id}", "{name}@{n}"; "chat".
_ADDRESS = re.compile(r"[\x21-\x2d\x30-\x7e]*+[./][\x21-\x7e]*+|[^\w\s]+")
_WORD = re.compile(r"[A-Za-z0-9_:@-]*")


@dataclass(frozen=True, slots=True)
class Found:
    """A prompt in a source: what it is called, where it stands, counted from 1, and its pieces.

    `elsewhere`: texts that are part of it, but that this source does not show.
    """

    name: str
    line: int
    column: int
    end_line: int
    end_column: int
    pieces: Pieces
    problem: str = ""
    elsewhere: tuple[str, ...] = ()


def short(name: str) -> str:
    """What a prompt is called, as it is told: thousands of them may stand in what has a very long name."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def is_called(name: str) -> bool:
    """Whether a name is one that prompts have."""
    return bool(_CALLED.search(name)) and not _NOT_CALLED.search(name)


def is_prose(pieces: Pieces) -> bool:
    """Whether a text can be a prompt, and is not only an address or a word."""
    fixed = "".join(texts(pieces))
    return not _ADDRESS.fullmatch(fixed) and (any(True for _ in names(pieces)) or not _WORD.fullmatch(fixed))
