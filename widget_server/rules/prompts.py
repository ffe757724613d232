"""Guideline 3: a prompt holds at least 60 characters that no user wrote, unless the model is a custom one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from widget_server.rules import conversations, templates
from widget_server.rules.guidelines import AI21
from widget_server.rules.marking import fold_space
from widget_server.rules.pieces import Fixed, Pieces, Unreadable, filled, names, shortest, texts

CLAUSE = "3"
REQUIRED_CHARACTERS = AI21.prompt_characters or 0
SYNTAXES = tuple(templates.SYNTAXES)


class Verdict(StrEnum):
    """How a prompt in a source stands: the first line of the table in `verdict` that applies."""

    EXEMPT = "exempt"
    HOLDS = "holds enough"
    ELSEWHERE = "stands elsewhere"
    UNREADABLE = "cannot be read"
    SHORT = "too short"
    UNSURE = "perhaps too short"

    @property
    def fails(self) -> bool:
        return self in (Verdict.UNREADABLE, Verdict.SHORT)

    @property
    def warns(self) -> bool:
        return self in (Verdict.ELSEWHERE, Verdict.UNSURE)


@dataclass(frozen=True, slots=True)
class PromptCheck:
    """The fixed part of a prompt, measured in Unicode code points and words after white space is folded.

    `always_characters`: what of it stands in every prompt, whichever way its conditions and loops go. `parts`: the
    fixed text between the variables. `problem`: why the template cannot be read; it is refused then.
    """

    fixed_characters: int
    fixed_words: int
    always_characters: int
    parts: tuple[str, ...]
    variables: tuple[str, ...]
    custom_model: bool
    problem: str = ""

    clause = CLAUSE
    required_characters = REQUIRED_CHARACTERS

    @property
    def holds(self) -> bool:
        """It holds enough, whatever the model."""
        return not self.problem and self.fixed_characters >= REQUIRED_CHARACTERS

    @property
    def always_holds(self) -> bool:
        """Not only the template, but each prompt that is made of it holds enough."""
        return self.holds and self.always_characters >= REQUIRED_CHARACTERS

    @property
    def ok(self) -> bool:
        return self.custom_model or self.holds

    @property
    def detail(self) -> str:
        """What is found, and the remedy; empty where nothing is wrong."""
        if self.custom_model or self.always_holds:
            return ""
        if self.problem:
            return f"The prompt template cannot be read: {self.problem.rstrip('.')}."
        need = f"it needs {REQUIRED_CHARACTERS}"
        if self.ok:
            return (
                f"The prompt template holds {self.fixed_characters} characters that its users did not write, but only "
                f"{self.always_characters} stand in every prompt that is made of it; {need}. Say more outside of its "
                "conditions and loops."
            )
        remedy = "Say more in the fixed part, or state custom_model."
        if not self.fixed_characters:
            return f"The prompt holds nothing but what its users write; {need} characters that they did not. {remedy}"
        return f"The prompt holds {_characters(self.fixed_characters)} that its users did not write; {need}. {remedy}"


def check(
    prompt: Any,
    *,
    custom_model: bool = False,
    syntax: str = "any",
    values: Mapping[str, str] | None = None,
) -> PromptCheck:
    """Count what of a prompt template its users did not write.

    `prompt` is a text with placeholders, a list of chat messages, or a prompt template of LangChain's; messages of the
    role "user" are the users' words. `syntax` is one of `templates.SYNTAXES`. No placeholder counts, whoever fills it:
    what it will hold is not known here, unless the owner gives it among `values`.
    """
    problem = ""
    try:
        pieces = filled(conversations.read(prompt, syntax), values or {})
    except Unreadable as error:
        pieces, problem = _as_text(prompt), str(error)
    except RecursionError:
        pieces, problem = (), "it is nested too deeply"
    return measure(pieces, custom_model=custom_model, problem=problem)


def measure(pieces: Pieces, *, custom_model: bool = False, problem: str = "") -> PromptCheck:
    """Count the fixed text of a prompt that is read already."""
    fixed = fold_space("".join(texts(pieces)))
    return PromptCheck(
        fixed_characters=len(fixed),
        fixed_words=len(fixed.split()),
        always_characters=len(fold_space(shortest(pieces))),
        parts=tuple(part for part in map(fold_space, texts(pieces)) if part),
        variables=tuple(dict.fromkeys(name for name in names(pieces) if name)),
        custom_model=custom_model,
        problem=problem,
    )


def verdict(found: PromptCheck, *, elsewhere: Iterable[str] = ()) -> Verdict:
    """How a prompt stands of which some text, perhaps, stands elsewhere."""
    table = (
        (found.always_holds, Verdict.HOLDS),
        (found.custom_model, Verdict.EXEMPT),
        (bool(found.problem), Verdict.UNREADABLE),
        (any(elsewhere), Verdict.ELSEWHERE),
        (not found.ok, Verdict.SHORT),
    )
    return next((stands for applies, stands in table if applies), Verdict.UNSURE)


def users_own(values: Iterable[str], users: Iterable[str] | None) -> list[str]:
    """Of the variables that are given a value, those that are said to be written by users: they can have none."""
    return sorted(set(values) & set(users or ()))


def _as_text(prompt: Any) -> Pieces:
    return templates.measured(prompt) if isinstance(prompt, str) else (Fixed(""),)


def _characters(number: int) -> str:
    return "1 character" if number == 1 else f"{number} characters"
