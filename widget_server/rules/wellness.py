"""What keeps moderators well: what is masked, when a pause is offered, and what somebody leaves to others."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from widget_server.rules.harms import HARMS

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


def masked(category: str, mask: Mask, *, urgent: bool) -> bool:
    """Whether a text that is reported so is hidden until it is asked for."""
    return mask is Mask.ALL or (mask is Mask.URGENT and (urgent or HARMS[category].urgent))


def pause_due(texts: int, pause_after: int) -> bool:
    """Whether somebody who has opened so many harmful texts today is offered a pause."""
    return 0 < pause_after <= texts
