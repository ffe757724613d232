"""How a site's prompts are named: NAME is the version in use, NAME@3 exactly that version."""

import re
from dataclasses import dataclass

LONGEST_NAME = 80
LONGEST = 100
"""Of a name with its version."""
_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,79})(?:@([1-9][0-9]{0,8}))?")
HOW = f"Must be a name of letters, digits, “.”, “_” and “-”, {LONGEST_NAME} at most, perhaps with a version: answer@3."


@dataclass(frozen=True, slots=True)
class Reference:
    """A prompt of the registry. `version` None: the one in use."""

    name: str
    version: int | None = None

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name}@{self.version}"


def reference(text: str) -> Reference:
    """What a name with or without a version refers to. Raises ValueError, with the remedy."""
    found = _NAMED.fullmatch(text)
    if found is None:
        raise ValueError(HOW)
    return Reference(found[1], int(found[2]) if found[2] else None)
