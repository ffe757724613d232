"""Whether too few readers can see the badge (guideline 2.ii), by the share that the owner still accepts."""

DAYS = 7
"""Today and the days before it that tell."""

FEWEST_VIEWS = 100
"""Of fewer views a single one would decide."""


def too_low(impressions: int, disclosed: int, *, least: int) -> bool | None:
    """Whether fewer of a hundred views than `least` had a visible badge. None: too few views to tell."""
    return disclosed * 100 < least * impressions if impressions >= FEWEST_VIEWS else None


def share(disclosed: int, impressions: int) -> float | None:
    """The part of all views that had a visible badge, rounded down to a hundredth of a per cent: what is under a bound
    never seems to reach it. None: there were none.
    """
    return disclosed * 10_000 // impressions / 10_000 if impressions else None
