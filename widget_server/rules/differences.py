"""What changed from one text to the next, word by word."""

import re
from difflib import SequenceMatcher
from typing import Literal

MOST_PIECES = 1000
"""Texts of more words are compared line by line, and of more lines, as a whole: comparing costs their product."""
_WORDS, _LINES = re.compile(r"\s+|\w+|[^\w\s]"), re.compile(r".*\n|.+")

Kind = Literal["same", "gone", "new"]


def differences(before: str, after: str) -> list[tuple[Kind, str]]:
    """Both texts in one, cut into what stands in both, what is gone, and what is new."""
    olds, news = next(
        (
            (old, new)
            for pieces in (_WORDS, _LINES)
            if max(len(old := pieces.findall(before)), len(new := pieces.findall(after))) <= MOST_PIECES
        ),
        ([before], [after]),
    )
    found: list[tuple[Kind, str]] = []
    for kind, i, j, k, m in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(olds[i:j])))
        else:
            found += [("gone", "".join(olds[i:j])), ("new", "".join(news[k:m]))]
    return [(kind, text) for kind, text in found if text]
