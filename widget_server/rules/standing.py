"""A reported text as it stands on its page now: where, and in how many words it differs."""

import re
from collections.abc import Iterable
from difflib import Match

from widget_server.rules.likeness import likeness, shingles
from widget_server.rules.marking import fold
from widget_server.rules.matching import Matcher

ENOUGH = 0.3
"""The share of a text that must still be there to say that a page shows it: of its words in order, or its shingles."""
RUN = 3
"""So many words in a row are taken for the text's; fewer may stand anywhere."""
MOST_WORDS = 20_000
"""Of a page that is longer, the rest is not looked at."""

_WORD = re.compile(r"\S+\s*")


def now(text: str, *, marked: list[str], body: str) -> str | None:
    """What stands on a page in the place of `text`: the marked element most like it, else a passage of all words.

    None if the page does not show it (any more). `marked`: the texts that the page says a machine wrote.
    """
    own = shingles(text)
    compared = [(likeness(own, shingles(one)), one) for one in marked]
    alike, nearest = max(compared, default=(0.0, ""), key=lambda pair: pair[0])
    return nearest.strip() if alike >= ENOUGH else passage(text, body)


def passage(text: str, page: str) -> str | None:
    """The passage of a page's words that is most like `text`; None if the page does not show it (any more)."""
    wanted, found = _words(text), _words(page)
    runs = [run for run in _alike(wanted, found) if run.size >= min(RUN, len(wanted))]
    if not wanted or sum(run.size for run in runs) < ENOUGH * len(wanted):
        return None
    first, last = runs[0], runs[-1]
    begin = max(0, first.b - first.a)
    end = last.b + last.size + (len(wanted) - last.a - last.size)
    return "".join(found[begin:end]).strip()


def words_changed(pieces: Iterable[tuple[str, str]]) -> int:
    """How many words are gone or new (rules/differences.py), the greater of both."""
    changed = {"gone": 0, "new": 0}
    for kind, words in pieces:
        if kind in changed:
            changed[kind] += len(_words(words))
    return max(changed.values())


def _words(text: str) -> list[str]:
    """The words of a text, each with the white space behind it."""
    return _WORD.findall(text)[:MOST_WORDS]


def _plain(words: list[str]) -> list[str]:
    return [fold(word) for word in words]


def _alike(wanted: list[str], found: list[str]) -> list[Match]:
    return Matcher(_plain(wanted), _plain(found)).get_matching_blocks()[:-1]
