"""From when on too few readers can see the badge."""

import pytest

from widget_server.rules.disclosure import DAYS, share, too_low


@pytest.mark.parametrize(
    ("impressions", "disclosed", "least", "low"),
    [
        (0, 0, 95, None),
        (99, 0, 95, None),
        (100, 94, 95, True),
        (100, 95, 95, False),
        (100, 100, 95, False),
        (1000, 949, 95, True),
        (1000, 950, 95, False),
        (100, 99, 100, True),
        (100, 0, 0, False),
    ],
)
def test_of_a_hundred_views_or_more_the_share_tells(
    impressions: int, disclosed: int, least: int, low: bool | None
) -> None:
    assert too_low(impressions, disclosed, least=least) is low


@pytest.mark.parametrize(
    ("disclosed", "impressions", "found"),
    [(0, 0, None), (0, 9, 0.0), (2, 3, 0.6666), (94_996, 100_000, 0.9499), (9, 9, 1.0)],
)
def test_a_share_is_told_to_a_hundredth_of_a_per_cent_rounded_down(
    disclosed: int, impressions: int, found: float | None
) -> None:
    assert share(disclosed, impressions) == found


def test_a_week_tells() -> None:
    assert DAYS == 7
