"""Combining marks that are piled up. Languages have under ten on a letter, UAX #15 finds 30 enough for every one.

Canonical order is made by moving marks past each other, one by one: of a run of n that takes n² steps, unless they come
in order. Nothing is taken out of what is compared by its digest, for the browser computes the same; of what people
look at, every run is cut, and what nobody needs to be long is refused.
"""

from itertools import groupby

import unicodedata2 as unicodedata

MOST = 200
"""Combining marks in a row. What people stack for fun stays below."""
REMEDY = f"Has more than {MOST} combining marks in a row, which no writing needs: take them out."

_HIDDEN = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
"""What is no combining mark and becomes one, or two, by being normalised."""


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
    """`text` in a normal form of Unicode (NFC, NFKC)."""
    if not is_stream_safe(text):
        text = _in_order(text, form.replace("C", "D"))
    return unicodedata.normalize(form, text)


def cut(text: str) -> str:
    """The text with the first MOST marks of every run: for what is shown, or compared with others without a digest."""
    if is_stream_safe(text):
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if is_mark(character) else 0
        if run <= MOST:
            kept.append(character)
    return "".join(kept)


def _in_order(text: str, form: str) -> str:
    """Decomposed (NFD, NFKD), the marks of each run in the order of their classes, those of one class as they stood."""
    apart = "".join([unicodedata.normalize(form, one) for one in text])
    runs = groupby(apart, lambda one: unicodedata.combining(one) > 0)
    return "".join([one for _, run in runs for one in sorted(run, key=unicodedata.combining)])


def _run(text: str, place: int) -> int:
    """How many marks stand together where the one at `place` is."""
    first = last = place
    while first > 0 and is_mark(text[first - 1]):
        first -= 1
    while last + 1 < len(text) and is_mark(text[last + 1]):
        last += 1
    return last - first + 1
