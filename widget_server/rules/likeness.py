"""How alike two texts are: near-duplicates of a reported text stand on its card at the desk.

Texts are compared by the Jaccard index of their shingles (runs of three words), which one changed name or number moves
little and another text moves much: a passage of 100 words with one word changed still has 0.94. Candidates are found
without comparing all with all: min-hashes of the shingles in bands, so that two texts of index s share a band with the
chance 1 - (1 - s⁴)⁸: 0.98 at ALIKE, 0.9998 at 0.9, 0.06 at 0.3.
"""

import hashlib
import re

from widget_server.rules import stream_safe

ALIKE = 0.8
"""The Jaccard index from which on two texts are near-duplicates."""
SHINGLE = 3
BANDS, ROWS = 8, 4
MOST_WORDS = 2_000
"""What comes after these is not looked at: it costs, and tells little more."""

# Scripts that are written without spaces: there a character stands for a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_BITS = 2**64 - 1


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


_MIXES = [(_hash(f"times {row}") | 1, _hash(f"plus {row}")) for row in range(BANDS * ROWS)]


def shingles(text: str) -> frozenset[int]:
    """The runs of three words of a text, as numbers; empty for a text without words."""
    words = _WORD.findall(stream_safe.normal("NFKC", stream_safe.cut(text)).casefold())[:MOST_WORDS]
    if not words:
        return frozenset()
    return frozenset(_hash(" ".join(words[at : at + SHINGLE])) for at in range(max(1, len(words) - SHINGLE + 1)))


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of shingles that both have among those that either has, 0 to 1."""
    either = len(one | other)
    return len(one & other) / either if either else 0.0


def bands(found: frozenset[int]) -> list[int]:
    """Numbers (63 bits) of which near-duplicates share at least one; none for a text without words."""
    if not found:
        return []
    least = [min((one * times + plus) & _BITS for one in found) for times, plus in _MIXES]
    return [_hash(f"{band} {least[band * ROWS : (band + 1) * ROWS]}") >> 1 for band in range(BANDS)]
