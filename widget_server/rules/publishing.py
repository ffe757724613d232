"""Guideline 2.i: no generated text goes out to many people without a person's review of exactly that text."""

from enum import StrEnum

from widget_server.rules.guidelines import AI21, Limits, strictest

DEFAULT = strictest([AI21.code])


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
