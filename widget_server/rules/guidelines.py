"""The guidelines of model providers as data: what each asks, with its numbers, and the strictest of several.

A site follows one or more of them. Whoever adds one adds a row here, with its source and its date, and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

WARNING_PERCENT = 80
"""People behind one address can be counted as one, so the owner is warned before the threshold (docs/counting.md)."""

FORESEEN_PERCENT = 75
"""Earlier, if so many are foreseen for the month's end: where many share an address, 80 are counted too late."""


class Subject(StrEnum):
    """What a clause is about: it says which evidence answers it (rules/guideline.py)."""

    PROHIBITED = "prohibited uses"
    REVIEW = "review before publication"
    DISCLOSURE = "disclosure"
    REPORTING = "reporting"
    PROMPTS = "prompts"
    DECISIONS = "decisions about people"
    PROFILING = "sorting of people"


@dataclass(frozen=True, slots=True)
class Asked:
    """One numbered sentence of a guideline, in our words. `title`: the same as a line of a table."""

    number: str
    subject: Subject
    title: str
    asks: str


@dataclass(frozen=True, slots=True)
class Guideline:
    """What a provider asks of whoever uses its models. None: it names no such number.

    `people_unreviewed`: a text that more people than this may see is reviewed first. `viewers_unreported`: with more
    viewers a month than this, readers must be able to report. `prompt_characters`: the least that a prompt holds which
    its users did not write. `reviewed_purposes`: texts for them are reviewed whoever sees them.
    """

    code: str
    provider: str
    name: str
    source: str
    version: str
    clauses: tuple[Asked, ...]
    people_unreviewed: int | None = None
    viewers_unreported: int | None = None
    prompt_characters: int | None = None
    reviewed_purposes: frozenset[str] = frozenset()


AI21 = Guideline(
    code="ai21",
    provider="AI21",
    name="Responsible use",
    source="AI21 Studio, Responsible use",
    version="2026-11",
    people_unreviewed=100,
    viewers_unreported=100,
    prompt_characters=60,
    clauses=(
        Asked(
            "1.i",
            Subject.PROHIBITED,
            "No illegal use",
            "No hate speech, gambling, sexual content about children, or use of what belongs to others.",
        ),
        Asked(
            "1.ii",
            Subject.PROHIBITED,
            "No harassment, intimidation, fraud or spam",
            "Nobody is harassed, victimised, intimidated, defrauded or sent spam.",
        ),
        Asked(
            "1.iii",
            Subject.PROHIBITED,
            "No misinformation, self-harm or violence",
            "Nothing misinforms, promotes self-harm, or praises or calls for violence.",
        ),
        Asked(
            "2.i",
            Subject.REVIEW,
            "A person reviews what many people see",
            "A text is not posted without a person’s intervention where more than 100 people may see it.",
        ),
        Asked(
            "2.ii",
            Subject.DISCLOSURE,
            "The first person who sees a text knows that a machine wrote it",
            "Whoever sees a text first is not led to believe that a person wrote it.",
        ),
        Asked(
            "2.iii",
            Subject.REPORTING,
            "With more than 100 people a month, readers can report and are answered",
            "With more than 100 people a month, there is a way to report harm; reports are watched and answered.",
        ),
        Asked(
            "3",
            Subject.PROMPTS,
            "Prompts hold 60 characters that users did not write",
            "But for custom models, a prompt holds at least 60 characters that its users did not write.",
        ),
        Asked(
            "4",
            Subject.DECISIONS,
            "No automated decisions about people",
            "Nobody is denied benefits or access, or otherwise harmed, by an automated decision on protected grounds.",
        ),
        Asked(
            "5",
            Subject.PROFILING,
            "No sorting of people by protected characteristics",
            "Nobody is classified or profiled by race, religion, politics, health or another protected characteristic.",
        ),
    ),
)
OPENAI = Guideline(
    code="openai",
    provider="OpenAI",
    name="Safety best practices, and sharing and publication",
    source="OpenAI, Safety best practices (2026-11); Sharing & publication policy (2022-11-14)",
    version="2026-11",
    people_unreviewed=0,
    viewers_unreported=0,
    clauses=(
        Asked(
            "OpenAI: human in the loop",
            Subject.REVIEW,
            "A person reviews each text before it is shared",
            "A person reviews each text before it is shared with a group or the public.",
        ),
        Asked(
            "OpenAI: disclosure",
            Subject.DISCLOSURE,
            "No reader can miss that a machine wrote a text",
            "Readers are told that a text is generated in a way that nobody can miss or misunderstand.",
        ),
        Asked(
            "OpenAI: report issues",
            Subject.REPORTING,
            "Readers can report, a person watches and answers",
            "Users have an easy way to report a problem; a person watches it and responds as is appropriate.",
        ),
    ),
)
ANTHROPIC = Guideline(
    code="anthropic",
    provider="Anthropic",
    name="Usage policy, high-risk uses",
    source="Anthropic, Usage Policy (2025-09-15)",
    version="2026-11",
    reviewed_purposes=frozenset({"health_information", "legal_information", "financial_information", "news"}),
    clauses=(
        Asked(
            "Anthropic: human in the loop",
            Subject.REVIEW,
            "A professional reviews texts on health, law, money and news",
            "In uses of high risk a qualified person reviews a text before it goes out.",
        ),
        Asked(
            "Anthropic: disclosure",
            Subject.DISCLOSURE,
            "Readers know that they deal with a machine",
            "Whoever talks to a chatbot, or reads its help in a use of high risk, is told that it is a machine.",
        ),
    ),
)
GUIDELINES: dict[str, Guideline] = {guideline.code: guideline for guideline in (AI21, OPENAI, ANTHROPIC)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What several guidelines ask together: of each number the strictest, of each duty all. See Guideline."""

    people_unreviewed: int | None = None
    viewers_unreported: int | None = None
    prompt_characters: int | None = None
    reviewed_purposes: frozenset[str] = frozenset()

    @property
    def warning(self) -> int | None:
        """From how many viewers on the owner is warned."""
        return self._percent(WARNING_PERCENT)

    @property
    def foreseen(self) -> int | None:
        """From how many viewers on, foreseen for the month's end, the owner is warned."""
        return self._percent(FORESEEN_PERCENT)

    def _percent(self, percent: int) -> int | None:
        return None if self.viewers_unreported is None else self.viewers_unreported * percent // 100


def strictest(codes: Iterable[str]) -> Limits:
    """What the guidelines of these codes ask together."""
    chosen = [GUIDELINES[code] for code in codes]
    return Limits(
        people_unreviewed=min(
            (one.people_unreviewed for one in chosen if one.people_unreviewed is not None), default=None
        ),
        viewers_unreported=min(
            (one.viewers_unreported for one in chosen if one.viewers_unreported is not None), default=None
        ),
        prompt_characters=max(
            (one.prompt_characters for one in chosen if one.prompt_characters is not None), default=None
        ),
        reviewed_purposes=frozenset().union(*(one.reviewed_purposes for one in chosen)),
    )


def which(codes: Iterable[str], subject: Subject) -> str:
    """The number of the first clause about this: what a refusal names."""
    return next((one.number for code in codes for one in GUIDELINES[code].clauses if one.subject is subject), "")
