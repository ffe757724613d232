"""Texts that normalising reads in one go: few combining marks in a row, as in UAX #15's Stream-Safe Text Format.

Canonical order is made by moving marks past each other, one by one: of a run of n that takes n² steps. Languages have
under ten marks on a letter, UAX #15 finds 30 enough for every one of them. Nothing is taken out of what is compared by
its digest, for the browser computes the same: it is refused.
"""

import unicodedata2 as unicodedata

MOST = 200
"""Combining marks in a row. What people stack for fun stays below."""
REMEDY = f"Has more than {MOST} combining marks in a row, which no writing needs: take them out."

_HIDDEN = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
"""What is no combining mark and becomes one, or two, by being normalised."""


class TooManyMarks(ValueError):
    """This text is not normalised."""


def is_mark(character: str) -> bool:
    """Whether normalising may move it past its neighbours."""
    return unicodedata.combining(character) > 0 or character in _HIDDEN


def is_stream_safe(text: str) -> bool:
    """Whether no run of marks is longer than MOST. One character in so many is looked at: no longer run avoids them."""
    if text.isascii():
        return True
    step = MOST + 1
    return not any(is_mark(mark) and _run(text, place * step) > MOST for place, mark in enumerate(text[::step]))


def normal(form: str, text: str) -> str:
    """`text` in a normal form of Unicode (NFC, NFKC). Raises TooManyMarks."""
    if not is_stream_safe(text):
        raise TooManyMarks(REMEDY)
    return unicodedata.normalize(form, text)


def cut(text: str) -> str:
    """The text with the first MOST marks of every run: for what is compared with others, and has no digest."""
    if is_stream_safe(text):
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if is_mark(character) else 0
        if run <= MOST:
            kept.append(character)
    return "".join(kept)


def _run(text: str, place: int) -> int:
    """How many marks stand together where the one at `place` is."""
    first = last = place
    while first > 0 and is_mark(text[first - 1]):
        first -= 1
    while last + 1 < len(text) and is_mark(text[last + 1]):
        last += 1
    return last - first + 1
