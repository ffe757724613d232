"""What changed from one text to the next, word by word."""

import re
from collections.abc import Callable
from typing import Literal

from widget_server.rules.matching import Matcher

MOST_PIECES = 4_000
"""Texts of more words, spaces and marks are compared line by line, and of more lines, as a whole: comparing costs up to
their product."""
_WORDS, _LINES = re.compile(r"\s+|[\w\u0300-\u036f]+|[^\w\s]"), re.compile(r".*\n|.+")

Kind = Literal["same", "gone", "new"]


def differences(before: str, after: str, *, alike: Callable[[str], str] = str) -> list[tuple[Kind, str]]:
    """Both texts in one, cut into what stands in both, what is gone, and what is new.

    `alike` gives the form in which words are compared; of what stands in both, `after` is shown.
    """
    olds, news = next(
        (
            (old, new)
            for pieces in (_WORDS, _LINES)
            if max(len(old := pieces.findall(before)), len(new := pieces.findall(after))) <= MOST_PIECES
        ),
        ([before], [after]),
    )
    found: list[tuple[Kind, str]] = []
    for kind, i, j, k, m in Matcher([*map(alike, olds)], [*map(alike, news)]).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(news[k:m])))
        else:
            found += [("gone", "".join(olds[i:j])), ("new", "".join(news[k:m]))]
    return [(kind, text) for kind, text in found if text]
