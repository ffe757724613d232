"""Guideline 2.i: no generated text goes out to many people without a person's review of exactly that text."""

from enum import StrEnum

MOST_PEOPLE_UNREVIEWED = 100
"""A text that more people than this may see is held until a person has reviewed it."""


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


def needs_review(audience: Audience, audience_size: int | None) -> bool:
    """Whether guideline 2.i asks for a person's review before this audience sees the text.

    `audience_size` is the number of people in a limited audience; unknown counts as many.
    """
    if audience is Audience.ONE_TO_ONE:
        return False
    if audience is Audience.LIMITED and audience_size is not None:
        return audience_size > MOST_PEOPLE_UNREVIEWED
    return True
