"""One disclosure state of a text, and every form in which it is told to people and machines."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from widget_server.rules import normal_forms, stream_safe

Review = Literal["none", "human"]

# The characters with the Unicode property White_Space. Python's \s has four more (U+001C to U+001F).
_SPACES = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_WHITE_SPACE = re.compile(f"{_SPACES}+")
_LONG_WHITE_SPACE = re.compile(f"{_SPACES}{{3,}}")
_ENDS = re.compile(rf"\A{_SPACES}++|(?<!{_SPACES}){_SPACES}++\Z")
_LINE_END = re.compile("\r\n|[\n-\r\x85\u2028\u2029]")

MOST_LINE_ENDS = 2
"""One empty line between two others."""
MOST_SPACES = 24
"""As deep as code is indented."""

SHORTEST_BEGINNING = 1_000
LONGEST_LABEL = 200
"""Of a model's or a provider's name."""
GENERATED = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


def fold(text: str) -> str:
    """Unicode NFC, runs of white space folded to one space, ends trimmed: the form in which texts are compared."""
    if not text.isascii():
        return fold_space(stream_safe.normal("NFC", text))
    for space in "\t\n\v\f\r":  # as below for the white space that ASCII has, several times faster
        text = text.replace(space, " ")
    while "  " in text:
        text = " ".join(text.split("  "))
    return text.strip(" ")


def is_blank(text: str) -> bool:
    """Whether nothing is left of a text once it is folded."""
    return not text or _WHITE_SPACE.fullmatch(text) is not None


def fold_space(text: str) -> str:
    """Runs of white space folded to one space, ends trimmed; every other code point as it is."""
    return _WHITE_SPACE.sub(" ", text).strip(" ")


def line(text: str) -> str:
    """A text in a list: in one line, and without marks piled up."""
    return fold_space(stream_safe.cut(text))


def is_whole(text: str, digest: str) -> bool:
    """Whether this is the text that has the digest, not the beginning of one that was too long for a report."""
    return text_sha256(text) == digest or digest in digests(text)


def tidy(text: str) -> str:
    """A text for people to read: no more white space in a row than writing needs, and none alone.

    It keeps its identity, which knows nothing of white space: whoever reports a text could choose it all.
    """
    return "" if _WHITE_SPACE.fullmatch(text) else _LONG_WHITE_SPACE.sub(lambda run: _bounded(run[0]), text)


def trimmed(text: str) -> str:
    """A text as it stands on a page, without the white space between it and what is around it."""
    return _ENDS.sub("", text)


def _bounded(space: str) -> str:
    *lines, last = _LINE_END.split(space)
    if len(lines) <= MOST_LINE_ENDS and len(space) <= MOST_SPACES:
        return space
    return "\n" * min(len(lines), MOST_LINE_ENDS) + last[:MOST_SPACES]


def may_be_beginning(text: str) -> bool:
    """Whether a text may be the beginning of one that is too long for a report: a shorter one comes whole."""
    return len(text) >= SHORTEST_BEGINNING


def short(name: str) -> str:
    """A model's or a provider's name, no longer than one may be."""
    return name[:LONGEST_LABEL]


def text_sha256(text: str) -> str:
    """The identity of a text: SHA-256, in hex, of its folded form in UTF-8. The browser computes the same."""
    return _digest(fold(text))


def digests(text: str) -> set[str]:
    """Under which views may ask for a text where not every browser computes its identity (rules/normal_forms.py).

    That is among them; of most texts there are none.
    """
    return {_digest(fold_space(form)) for form in normal_forms.others(text)}


def _digest(folded: str) -> str:
    return hashlib.sha256(folded.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How a text came to be. `review` is "human" once a person has reviewed exactly this text."""

    model: str = ""
    provider: str = ""
    review: Review = "none"

    @property
    def mode(self) -> str:
        """The `mode` of the AI-Disclosure header."""
        return "ai-originated" if self.review == "human" else "machine-generated"

    @property
    def attributes(self) -> dict[str, str]:
        """The W3C Community Group's attributes for the element that holds the text; empty ones are left out."""
        attributes = {
            "ai-disclosure": "ai-assisted" if self.review == "human" else "ai-autonomous",
            "ai-model": self.model,
            "ai-provider": self.provider,
        }
        return {name: value for name, value in attributes.items() if value}

    @property
    def header(self) -> str:
        """The AI-Disclosure header of a response that is wholly this text: an RFC 9651 Dictionary."""
        members = [f"mode={self.mode}"]
        members += [
            f"{name}={_structured_string(value)}"
            for name, value in (("model", self.model), ("provider", self.provider))
            if value
        ]
        return ", ".join(members)

    def json_ld(self, selector: str) -> dict[str, str]:
        """schema.org's statement about the part of a page that the CSS `selector` names."""
        return {
            "@context": "https://schema.org",
            "@type": "WebPageElement",
            "cssSelector": selector,
            "digitalSourceType": GENERATED,
        }

    def as_json(self) -> dict[str, Any]:
        """The `disclosure` of a render answer: the state and its machine-readable forms."""
        return {
            "review": self.review,
            "model": self.model,
            "provider": self.provider,
            "attributes": self.attributes,
            "header": self.header,
            "digital_source_type": GENERATED,
        }


@lru_cache
def _structured_string(value: str) -> str:
    """An RFC 9651 String holds printable ASCII only; anything else is told as "?"."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in value)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


MOST_PLACES = 100
"""Of a passage that stands in a text more often than this, the first ones are compared."""


class _Compact:
    """A text without its white space, and where each character stood: selections differ from texts in white space."""

    def __init__(self, text: str) -> None:
        self.places = [place for place, character in enumerate(text) if not _WHITE_SPACE.match(character)]
        self.text = "".join(text[place] for place in self.places)

    def find(self, exact: str, prefix: str, suffix: str) -> tuple[int, int] | None:
        exact, prefix, suffix = (_without_space(part) for part in (exact, prefix, suffix))
        best, most, start = None, -1, self.text.find(exact) if exact else -1
        for _ in range(MOST_PLACES):
            if start < 0:
                break
            end = start + len(exact)
            fits = self.text[:start].endswith(prefix) + self.text.startswith(suffix, end)
            if fits > most:
                best, most = (start, end), fits
            start = self.text.find(exact, start + 1)
        return best and (self.places[best[0]], self.places[best[1] - 1] + 1)


def _without_space(text: str) -> str:
    return fold(text).replace(" ", "")


def find_quote(text: str, *, exact: str, prefix: str = "", suffix: str = "") -> tuple[int, int] | None:
    """Where a quoted passage stands in a text (in NFC): start and end, or None.

    White space may differ. Where the passage stands several times, what stands around it decides.
    """
    return _Compact(text).find(exact, prefix, suffix)


def marked(text: str, quotes: Iterable[dict[str, str]]) -> list[tuple[str, bool]]:
    """A text cut into pieces, as it is shown: each, and whether one of the quotes covers it."""
    text = stream_safe.normal("NFC", stream_safe.cut(text))
    compact = _Compact(text)
    distinct = {(quote["exact"], quote.get("prefix", ""), quote.get("suffix", "")) for quote in quotes}
    spans = sorted(span for quote in distinct if (span := compact.find(*quote)))
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in spans:
        if start > done:
            pieces.append((text[done:start], False))
        if end > done:
            pieces.append((text[max(start, done) : end], True))
        done = max(done, end)
    return [*pieces, (text[done:], False)] if done < len(text) else pieces
