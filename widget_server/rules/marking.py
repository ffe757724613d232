"""One disclosure state of a text, and every form in which it is told to people and machines."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

Review = Literal["none", "human"]

# The characters with the Unicode property White_Space. Python's \s has four more (U+001C to U+001F).
_WHITE_SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")

GENERATED = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


def fold(text: str) -> str:
    """Unicode NFC, runs of white space folded to one space, ends trimmed: the form in which texts are compared."""
    if text.isascii():  # bytes.split takes exactly the white space that ASCII has, several times faster
        return b" ".join(text.encode().split()).decode()
    return _WHITE_SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")


def text_sha256(text: str) -> str:
    """The identity of a text: SHA-256, in hex, of its folded form in UTF-8. The browser computes the same."""
    return hashlib.sha256(fold(text).encode()).hexdigest()


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


def _structured_string(value: str) -> str:
    """An RFC 9651 String holds printable ASCII only; anything else is told as "?"."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in value)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def find_quote(text: str, *, exact: str, prefix: str = "", suffix: str = "") -> tuple[int, int] | None:
    """Where a quoted passage stands in a text: start and end. What stands around it decides between several places.

    White space may differ, as it does between a selection and the text. None if the passage is not there.
    """
    words = [re.escape(word) for word in fold(exact).split(" ") if word]
    if not words:
        return None
    places = [match.span() for match in re.finditer(f"(?:{_WHITE_SPACE.pattern})?".join(words), text)]

    def fits(place: tuple[int, int]) -> int:
        start, end = place
        return fold(text[:start]).endswith(fold(prefix)) + fold(text[end:]).startswith(fold(suffix))

    return max(places, key=fits, default=None)


def marked(text: str, quotes: Iterable[dict[str, str]]) -> list[tuple[str, bool]]:
    """A text (in NFC) cut into pieces: each, and whether one of the quotes covers it."""
    text = unicodedata.normalize("NFC", text)
    spans = [span for quote in quotes if (span := find_quote(text, **quote))]
    edges = sorted({0, len(text), *(edge for span in spans for edge in span)})
    return [
        (text[start:end], any(left <= start and end <= right for left, right in spans))
        for start, end in pairwise(edges)
    ]
