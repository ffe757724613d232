"""Guideline 3: a prompt holds at least 60 characters that no user wrote, unless the model is a custom one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from widget_server.rules.marking import fold

REQUIRED_CHARACTERS = 60

# {name}, {0}, {name!r:>10}, {{ name }}, {{{ name }}}, {{ name | filter }}, {% … %}, {# … #}, $name, ${name}
_VARIABLE = re.compile(
    r"\{\{\{?\s{0,20}[#/^&>]?\s{0,20}[^\W\d][\w.\-]{0,99}[^{}]{0,200}\}?\}\}"
    r"|\{%.{0,400}?%\}|\{#.{0,400}?#\}"
    r"|\{(?:\w[\w.\[\]]{0,99})?(?:![rsa])?(?::[^{}]{0,99})?\}"
    r"|\$\{[^\W\d]\w{0,99}\}|\$[^\W\d]\w{0,99}",
    re.DOTALL,
)

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class PromptCheck:
    """The fixed part of a prompt, measured in Unicode code points and words after white space is folded."""

    fixed_characters: int
    fixed_words: int
    custom_model: bool

    @property
    def ok(self) -> bool:
        return self.custom_model or self.fixed_characters >= REQUIRED_CHARACTERS


def check(template: str | Sequence[Message], *, custom_model: bool = False) -> PromptCheck:
    """Count what of a prompt template its users did not write.

    `template` is a text with placeholders or a list of chat messages; messages of the role "user" are the users'
    words. No placeholder counts, whoever fills it: what it will hold is not known here.
    """
    if not isinstance(template, str):
        template = "\n".join(message["content"] for message in template if message["role"] != "user")
    fixed = fold(_VARIABLE.sub(" ", template))
    return PromptCheck(fixed_characters=len(fixed), fixed_words=len(fixed.split()), custom_model=custom_model)
