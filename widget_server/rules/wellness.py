"""What keeps moderators well: what is masked, when a pause is offered, and what somebody leaves to others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from widget_server.rules import meanwhile
from widget_server.rules.harms import HARMS
from widget_server.rules.meanwhile import Contested

PAUSE_AFTER = 40
"""After so many harmful texts in a day a pause is offered, unless the moderator chose another number."""


class Mask(StrEnum):
    """Which texts are hidden until they are asked for."""

    URGENT = "urgent"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a moderator wants the desk to be.

    `pause_after`: harmful texts a day, 0 for no pause. `not_me`: categories that are handed to others. `grey`: the desk
    without colours. `wide`: larger spacing.
    """

    mask: Mask = Mask.URGENT
    pause_after: int = PAUSE_AFTER
    not_me: tuple[str, ...] = ()
    grey: bool = False
    wide: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "mask": self.mask,
            "pause_after": self.pause_after,
            "not_me": list(self.not_me),
            "grey": self.grey,
            "wide": self.wide,
        }

    def apart(self) -> dict[str, Any]:
        """Each wish by its name, and each category that is left to others by its own."""
        others = {name: wish for name, wish in self.as_json().items() if name != "not_me"}
        return others | dict.fromkeys(self.not_me, True)


def wishes(kept: dict[str, Any] | None) -> Wishes:
    """What was kept of somebody's wishes; what is missing is as it is for everybody."""
    kept = kept or {}
    return Wishes(
        mask=Mask(kept.get("mask", Mask.URGENT)),
        pause_after=kept.get("pause_after", PAUSE_AFTER),
        not_me=tuple(code for code in kept.get("not_me", ()) if code in HARMS),
        grey=kept.get("grey", False),
        wide=kept.get("wide", False),
    )


def without(wishes: Wishes, category: str) -> Wishes:
    """The same, with a category more that is left to others."""
    return replace(wishes, not_me=tuple(dict.fromkeys((*wishes.not_me, category))))


def changed(typed: Wishes, *, shown: Mapping[str, Any] | None, now: Wishes) -> Wishes:
    """What somebody wishes who has typed this over what was `shown` (apart; None: nobody says), and has perhaps wished
    something else meanwhile on another page. What they say last holds.
    """
    try:
        kept = meanwhile.met(typed.apart(), shown=shown, now=now.apart())
    except Contested as both:
        kept = both.typed
    return wishes({**kept, "not_me": [code for code in HARMS if kept.get(code)]})


def masked(category: str, mask: Mask, *, urgent: bool) -> bool:
    """Whether a text that is reported so is hidden until it is asked for."""
    return mask is Mask.ALL or (mask is Mask.URGENT and (urgent or HARMS[category].urgent))


def pause_due(texts: int, pause_after: int) -> bool:
    """Whether somebody who has opened so many harmful texts today is offered a pause."""
    return 0 < pause_after <= texts
