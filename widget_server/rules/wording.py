"""A site's own words in the place of ours: which there are, and which fit."""

import re
from collections.abc import Mapping
from typing import Any

Own = tuple[tuple[str, str], ...]
"""A site's own words in one language: keys such as “label.report”, and texts."""

SECTIONS = ("label", "details", "dialog", "page")
LONGEST = 200
TIMES_OURS = 4
"""Own words have room for LONGEST characters, or for so many times ours: a badge must stay one."""

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


def flat(words: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """{"label": {"report": "Report"}} → {"label.report": "Report"}."""
    found: dict[str, Any] = {}
    for name, value in words.items():
        here = f"{path}.{name}" if path else name
        found |= flat(value, here) if isinstance(value, Mapping) else {here: value}
    return found


def ours(words: Mapping[str, Any]) -> dict[str, str]:
    """What can be said in own words, by its key, of the words of one language."""
    return flat({section: words[section] for section in SECTIONS})


def mistakes(own: Mapping[str, Any], ours: Mapping[str, str]) -> dict[str, str]:
    """For each key of `own` that does not fit, why, and the remedy."""
    found = {key: _mistake(text, ours.get(key)) for key, text in own.items()}
    return {key: why for key, why in found.items() if why}


def _mistake(text: Any, default: str | None) -> str:
    if default is None:
        return "There are no words of this name."
    if not isinstance(text, str):
        return "Must be a text."
    if not text.strip():
        return "Must not be empty. Leave it out, and ours are said."
    if _UNFIT.search(text):
        return "Must be valid Unicode, without control characters."
    if set(_PLACEHOLDER.findall(text)) != (placeholders := set(_PLACEHOLDER.findall(default))):
        return f"Must hold {' and '.join(sorted(placeholders)) or 'no placeholder'}, as ours do."
    longest = max(LONGEST, TIMES_OURS * len(default))
    return f"May have {longest} characters." if len(text) > longest else ""
