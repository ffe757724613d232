"""What a screen (a moderation endpoint, or a guard model) says of a text, in our categories: a hint, never a state.

A screen only ever adds to what a person sees. Nothing is decided, hidden, approved or put elsewhere in a list by it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_server.rules.harms import HARMS

HINT = "This is a machine’s hint and decides nothing: a person does."
HARMLESS = "The weather is fine today, and the library opens at nine."
"""What a screen is asked to see whether it answers."""
MOST_FINDINGS = 40

MODERATIONS: dict[str, tuple[str, ...]] = {
    "harassment": ("harassment",),
    "harassment/threatening": ("intimidation",),
    "hate": ("hate",),
    "hate/threatening": ("hate", "intimidation"),
    "illicit": ("dangerous_advice",),
    "illicit/violent": ("dangerous_advice", "violence"),
    "self-harm": ("self_harm",),
    "self-harm/intent": ("self_harm",),
    "self-harm/instructions": ("self_harm",),
    "sexual": ("sexual",),
    "sexual/minors": ("child_sexual",),
    "violence": ("violence",),
    "violence/graphic": ("violence",),
}
"""The categories of a moderation endpoint, and ours."""

GUARD: dict[str, tuple[str, ...]] = {
    code: tuple(harm.code for harm in HARMS.values() if harm.llama_guard == code)
    for code in dict.fromkeys(harm.llama_guard for harm in HARMS.values() if harm.llama_guard)
} | {"S3": ("sexual",), "S9": ("dangerous_advice",)}
"""The hazards of Llama Guard 3, and ours. S3 are sex crimes, S9 weapons of mass harm: nobody reports them as such."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _./-]{0,63}")


class NotUnderstood(Exception):
    """The answer is not of the shape that was asked for. The text says so in one line, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a screen sees in a text: its own `code`, and how sure it is (0 to 1), if it says so."""

    code: str
    score: float | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """Ours that it may be; none, where we have no such category."""
        return MODERATIONS.get(self.code) or GUARD.get(self.code, ())

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "score": self.score}


def moderations(answer: object) -> list[Finding]:
    """What an answer of /v1/moderations says; categories that we do not know are kept. Raises NotUnderstood."""
    result = _first(answer, "results")
    flags, scores = result.get("categories"), result.get("category_scores")
    if not isinstance(flags, dict) or not all(flag is None or isinstance(flag, bool) for flag in flags.values()):
        raise NotUnderstood("It did not answer as a moderation endpoint does.")
    scores = scores if isinstance(scores, dict) else {}
    found = [Finding(_named(code), _score(scores.get(code))) for code, flag in flags.items() if flag]
    if not found and result.get("flagged") is True:
        found = [Finding("flagged")]
    return sorted(found, key=lambda one: -(one.score or 0))[:MOST_FINDINGS]


def guard(answer: object) -> list[Finding]:
    """What a guard model says in an answer of /v1/chat/completions: safe, or unsafe and its codes.

    Raises NotUnderstood.
    """
    message = _first(answer, "choices").get("message")
    said = message.get("content") if isinstance(message, dict) else None
    verdict, _, rest = said.strip().partition("\n") if isinstance(said, str) else ("", "", "")
    if verdict.strip().casefold() == "safe" and not rest.strip():
        return []
    if verdict.strip().casefold() != "unsafe":
        raise NotUnderstood("It did not answer “safe” or “unsafe”, as a guard model does.")
    codes = [_named(code.strip()) for code in re.split(r"[,\n]", rest) if code.strip()]
    return [Finding(code) for code in dict.fromkeys(codes)][:MOST_FINDINGS] or [Finding("unsafe")]


def kept(found: list[dict[str, Any]]) -> list[Finding]:
    """What `Finding.as_json` gave."""
    return [Finding(**one) for one in found]


def sentence(model: str, found: list[Finding] | None, failure: str, *, again: bool, words: Mapping[str, str]) -> str:
    """What a person reads. `found` None: it has not looked, or could not. `words`: our categories' names."""
    screen = f"A screen ({model})" if model else "A screen"
    if found:
        return f"{screen} found: {'; '.join(_in_words(one, words) for one in found)}."
    if found is not None:
        return f"{screen} found nothing in this text."
    if failure:
        return f"{screen} could not look at this text: {failure} It is {'' if again else 'not '}tried again."
    return f"{screen} has not looked at this text yet."


def _in_words(found: Finding, words: Mapping[str, str]) -> str:
    names = " / ".join(words[code] for code in found.categories) or "something that has no category here"
    return f"{names} (“{found.code}”{'' if found.score is None else f', score {found.score:.2f}'})"


def _first(answer: object, name: str) -> dict[str, Any]:
    several = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(several, list) or not several or not isinstance(several[0], dict):
        raise NotUnderstood(f"Its answer has no “{name}”, and so is none that can be read.")
    return several[0]


def _named(code: object) -> str:
    """A code as it can be shown: what does not look like one is not quoted."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "unsafe"


def _score(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= 1 else None
