"""Guideline 2.i: no generated text goes out to many people without a person's review of exactly that text."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from widget_server.rules.accounts import is_named_in
from widget_server.rules.guidelines import AI21, Limits, strictest

DEFAULT = strictest([AI21.code])
CLAUSE = "2.i"
CHECKS = {
    "accuracy": "What it says is true, as far as I can tell",
    "plausibility": "It makes sense as a whole, and nothing in it looks made up",
    "sources": "Its sources exist and say what it says they say, or it needs none",
    "harm": "It harms nobody: no hate, threats, fraud, danger or private data",
}
"""What a person confirms who approves a text."""

MOST_HELD = 1_000
"""Texts of one site: twenty pages of the desk, each text at worst twice what a body holds (64 KiB)."""
NO_ROOM = (
    f"{MOST_HELD} texts of this site wait for a person's review, and no more can. Approve or reject some at "
    f"/admin/publications, then ask again (guideline {CLAUSE})."
)


class Audience(StrEnum):
    """Who may see a text: one person in private, a closed group of known size, or anybody."""

    ONE_TO_ONE = "one_to_one"
    LIMITED = "limited"
    PUBLIC = "public"


class Publication(StrEnum):
    """What became of a text that was held."""

    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


class Step(StrEnum):
    """What happens to a publication."""

    SUBMITTED = "submitted"
    AMENDED = "amended"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"


WHY = {
    Publication.HELD: "A person must review exactly this text first (guideline 2.i).",
    Publication.REJECTED: "A person has reviewed this text and rejected it (guideline 2.i).",
}
RUN_OUT = "Its review has run out: a person must review it again (guideline 2.i)."


def needs_review(
    audience: Audience, audience_size: int | None, *, purpose: str | None = None, limits: Limits = DEFAULT
) -> bool:
    """Whether the guidelines ask for a person's review before this audience sees the text.

    `audience_size` is the number of people in a limited audience; unknown counts as many. `purpose`: what the text is
    for, a code of rules/purposes.py.
    """
    if purpose in limits.reviewed_purposes:
        return True
    if audience is Audience.ONE_TO_ONE or limits.people_unreviewed is None:
        return False
    if audience is Audience.LIMITED and audience_size is not None:
        return audience_size > limits.people_unreviewed
    return True


def has_room(held: int) -> bool:
    """Whether another text of a site is taken in for review, where so many wait."""
    return held < MOST_HELD


def runs_out(reviewed: datetime | None, *, days: int | None) -> datetime | None:
    """When a review of this moment holds no more. None: never, or there was none."""
    return reviewed + timedelta(days=days) if reviewed and days is not None else None


def has_run_out(reviewed: datetime | None, *, days: int | None, at: datetime) -> bool:
    """Whether a review is over: from the moment on at which its days are full."""
    over = runs_out(reviewed, days=days)
    return over is not None and at >= over


def approval_refused(
    *,
    reviewer: str,
    checks: Collection[str],
    authors: Collection[str],
    amenders: Collection[str],
    four_eyes: bool,
) -> str | None:
    """Why this person may not approve the text now; None if they may. `reviewer`, `amenders`: addresses of accounts."""
    if four_eyes:
        if any(is_named_in(reviewer, author) for author in authors):
            return "You asked for this text: another person has to approve it (guideline 2.i, four eyes)."
        if reviewer in amenders:
            return "You amended this text: another person has to approve it (guideline 2.i, four eyes)."
    if missing := [name for name in CHECKS if name not in checks]:
        return f"Confirm each check before you approve: {', '.join(missing)} (guideline 2.i)."
    return None


OWN_APPROVAL = "Whoever approved it has been named as its author since (guideline 2.i, four eyes)."


def rejection_refused(note: str) -> str | None:
    """Why a text cannot be rejected like this; None if it can."""
    return None if note.strip() else "Say why it is rejected: whoever made the text reads it (guideline 2.i)."


def who_answers(responsible: str, contact: str) -> str:
    """Who answers for a text, and how they are reached, as readers are told. Nobody without a name."""
    return f"{responsible} ({contact})" if responsible and contact else responsible
