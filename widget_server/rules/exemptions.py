"""Guideline 3 does not ask custom models for their prompts. Who claims it says for which model, and since when.

In a file: `widget-server: custom-model NAME since 2026-11-01`, in a comment of whatever kind the file has.
"""

import re
from dataclasses import dataclass
from datetime import date

_STATED = re.compile(r"^.*widget-server:\s*custom-model\b[ \t]*(.*)$", re.MULTILINE)
_WHOLE = re.compile(r"(\S++(?:\s++\S++)*?)\s+since\s+(\d{4}-\d\d-\d\d)(?!\S*\d)")
LONGEST_MODEL = 200


@dataclass(frozen=True, slots=True)
class Exemption:
    """A custom model, by its name, and the day since which it is used."""

    model: str
    since: date

    def __str__(self) -> str:
        return f"custom model {self.model} since {self.since.isoformat()}"


class NotExempt(Exception):
    """What is said of a custom model does not hold. The text says why, and the remedy."""


def exemption(model: str, since: str | date, *, today: date) -> Exemption:
    """What is claimed, if it holds today. Raises NotExempt."""
    model = model.strip()
    if not 1 <= len(model) <= LONGEST_MODEL:
        raise NotExempt(f"Name the custom model, in {LONGEST_MODEL} characters at most.")
    try:
        day = since if isinstance(since, date) else date.fromisoformat(since)
    except ValueError:
        raise NotExempt("Say since when the custom model is used, as a date such as 2026-11-01.") from None
    if day > today:
        raise NotExempt(f"The custom model is used from {day.isoformat()} on, which is still to come.")
    return Exemption(model, day)


@dataclass(frozen=True, slots=True)
class Statement:
    """An exemption that a file states: in which line, and why it does not hold, if it does not."""

    line: int
    exemption: Exemption | None
    why_not: str = ""


def stated(text: str, *, today: date) -> list[Statement]:
    """The exemptions that a file states, in order."""
    line, counted, statements = 1, 0, []
    for found in _STATED.finditer(text):
        line, counted = line + text.count("\n", counted, found.start()), found.start()
        statements.append(_statement(found[1], line, today=today))
    return statements


def without(text: str) -> str:
    """The file without the lines that state exemptions: they are no part of its prompt. Its other lines stay put."""
    return _STATED.sub("", text)


def _statement(said: str, line: int, *, today: date) -> Statement:
    whole = _WHOLE.match(said)
    if whole is None:
        return Statement(line, None, "Say it whole: widget-server: custom-model NAME since 2026-11-01.")
    try:
        return Statement(line, exemption(whole[1], whole[2], today=today))
    except NotExempt as error:
        return Statement(line, None, str(error))
