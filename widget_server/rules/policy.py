"""What the owner of a site has chosen: which guidelines it follows, and how they are kept there."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Any

from widget_server.rules.guidelines import AI21, GUIDELINES, Limits, strictest

LONGEST_REVIEW = 3650
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Control(StrEnum):
    """When readers see the report control: from the first of them on, or once the guideline requires it (2.iii)."""

    ALWAYS = "always"
    WHEN_REQUIRED = "when_required"


@dataclass(frozen=True, slots=True)
class Policy:
    """A site's choices.

    `application`: sites that share this name are one application, and their viewers count together. `least_disclosed`:
    the owner is warned where fewer of a hundred views than this had a visible badge. `responsible` and `contact`: who
    answers for what is published. `small_audiences`: its owner states that no text of it is for many people.
    `four_eyes`: whoever wrote or amended a text does not approve it. `review_days`: how long a review holds; None: as
    long as the text stays the same.
    """

    guidelines: tuple[str, ...] = (AI21.code,)
    control: Control = Control.ALWAYS
    application: str = ""
    least_disclosed: int = 95
    responsible: str = ""
    contact: str = ""
    small_audiences: bool = False
    four_eyes: bool = False
    review_days: int | None = None

    @property
    def limits(self) -> Limits:
        return _limits(self.guidelines)

    def as_json(self) -> dict[str, Any]:
        """What differs from the default: that is kept."""
        plain = Policy()
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != getattr(plain, name)
        }


_limits = lru_cache(strictest)
NAMES = {
    "guidelines": "Guidelines",
    "control": "Report control",
    "application": "Application",
    "least_disclosed": "Least share of visible badges",
    "responsible": "Responsible",
    "contact": "Contact",
    "small_audiences": "Audiences",
    "four_eyes": "Four eyes",
    "review_days": "A review holds for",
}
"""How the owner calls each choice, in the order of the form."""
LONGEST = {"application": 100, "responsible": 200, "contact": 254}


def policy(kept: Mapping[str, Any]) -> Policy:
    """What `Policy.as_json` gave. A guideline that this version does not know any more is left out."""
    known = {field.name for field in fields(Policy)}
    given = {name: value for name, value in kept.items() if name in known}
    if "guidelines" in given:
        given["guidelines"] = tuple(code for code in given["guidelines"] if code in GUIDELINES) or (AI21.code,)
    if "control" in given:
        given["control"] = Control(given["control"])
    return Policy(**given)


def mistakes(wanted: Policy) -> dict[str, str]:
    """For each choice that cannot be kept, why, and the remedy."""
    found = {
        name: "Must be valid Unicode, without control characters."
        if _UNFIT.search(getattr(wanted, name))
        else f"May have {longest} characters."
        if len(getattr(wanted, name)) > longest
        else ""
        for name, longest in LONGEST.items()
    }
    unknown = [code for code in wanted.guidelines if code not in GUIDELINES]
    if not wanted.guidelines:
        found["guidelines"] = "Choose at least one guideline."
    elif unknown:
        found["guidelines"] = f"There is no guideline “{unknown[0]}”. There are: {', '.join(GUIDELINES)}."
    if not 0 <= wanted.least_disclosed <= 100:
        found["least_disclosed"] = "Write a whole number from 0 to 100."
    if wanted.review_days is not None and not 1 <= wanted.review_days <= LONGEST_REVIEW:
        found["review_days"] = f"Write whole days, from 1 to {LONGEST_REVIEW}, or leave it empty."
    return {name: why for name, why in found.items() if why}
