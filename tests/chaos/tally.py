"""What became of what was tried, by door."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

INSIDE = ("Traceback (most recent", "sqlite3.", "psycopg.", "peewee.", "werkzeug.", "jinja2.", "/site-packages/")
"""What no answer may tell."""
LIVE = ("<img src=x onerror", "<script>__ran", "<svg onload", "<iframe srcdoc", "62710561")
"""Of our own strings, what no page may hold as it was sent: it would run, or has been computed."""


@dataclass
class Tally:
    """`wrong`: by door and by what is wrong, how often; `examples`: the first ones."""

    tried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    accepted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    examples: list[str] = field(default_factory=list)

    def take(self, door: str, sent: object, answer: TestResponse) -> None:
        """One answer: neither broken, nor telling of the inside, nor with our markup alive."""
        self.tried[door] += 1
        told = (
            answer.get_data(as_text=True)
            if answer.mimetype.startswith("text/") or answer.mimetype.endswith("json")
            else ""
        )
        if answer.status_code >= 500:
            self.blame(door, "500s", f"{answer.status_code} for {sent!r}")
        if any(word in told for word in INSIDE):
            self.blame(door, "traces of the inside", repr(sent))
        if answer.mimetype == "text/html" and any(word in told for word in LIVE):
            self.blame(door, "markup alive", repr(sent))

    def check(self, door: str, good: bool, why: str, sent: object) -> None:
        """One more that was tried, where there is no answer of HTTP."""
        self.tried[door] += 1
        if not good:
            self.blame(door, why, repr(sent))

    def blame(self, door: str, why: str, what: str) -> None:
        self.wrong[door][why] += 1
        self.examples.append(f"{door}: {why}: {what}"[:300])

    def _accepted(self, door: str) -> dict[str, int]:
        return {"accepted": self.accepted[door]} if door in self.accepted else {}

    def figures(self) -> dict[str, Any]:
        return {
            "doors": {
                door: {"tried": number, **self._accepted(door), **self.wrong.get(door, {})}
                for door, number in self.tried.items()
            },
            "examples": self.examples[:40],
        }
