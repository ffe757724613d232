"""Whether too few readers can see the badge (guideline 2.ii), by the share that the owner still accepts."""

DAYS = 7
"""Today and the days before it that tell."""

FEWEST_VIEWS = 100
"""Of fewer views a single one would decide."""


def too_low(impressions: int, disclosed: int, *, least: int) -> bool | None:
    """Whether fewer of a hundred views than `least` had a visible badge. None: too few views to tell."""
    return disclosed * 100 < least * impressions if impressions >= FEWEST_VIEWS else None


def share(disclosed: int, impressions: int) -> float | None:
    """The part of all views that had a visible badge; None: there were none."""
    return round(disclosed / impressions, 4) if impressions else None
