"""What a reader cannot see, or takes for something else: told to whoever reviews a text."""

import re
from itertools import groupby

import unicodedata2 as unicodedata

_BLANKS = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
"""Letters and marks of which nothing is drawn."""
_PLAIN = {"\n", "\t", "\r", " "}
_SELECTORS = re.compile("[\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_WORDS = re.compile(r"[^\W_]+|[^\x00-\x7f\s]")
_KINDS = {"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"}


def is_unseen(character: str) -> bool:
    """Whether it leaves no mark of its own, or looks like a plain space and is none."""
    if character in _PLAIN:
        return False
    return unicodedata.category(character) in _KINDS or character in _BLANKS or _SELECTORS.match(character) is not None


def name_of(character: str) -> str:
    """Its code point and, where it has one, its name: “U+200B ZERO WIDTH SPACE”."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def shown(text: str) -> list[tuple[str, str]]:
    """A text cut into pieces: each with the empty string if it is read as it stands, else the name of the character."""
    pieces: list[tuple[str, str]] = []
    for unseen, run in groupby(text, is_unseen):
        if unseen:
            pieces += [(character, name_of(character)) for character in run]
        else:
            pieces.append(("".join(run), ""))
    return pieces


def says_more(source: str, text: str) -> bool:
    """Whether a source has other words than the text that is made of it, or has them in another order."""
    return _WORDS.findall(source) != _WORDS.findall(text)


def kept_back(source: str, read: str) -> list[tuple[str, bool]]:
    """A source cut into pieces: each with whether it is a word that stands nowhere in what readers `read`."""
    known, pieces, at = set(_WORDS.findall(read)), list[tuple[str, bool]](), 0
    for word in _WORDS.finditer(source):
        if word[0] not in known:
            pieces += [(source[at : word.start()], False), (word[0], True)]
            at = word.end()
    return [(piece, hidden) for piece, hidden in (*pieces, (source[at:], False)) if piece]
