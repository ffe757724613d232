"""How many viewers a month will have, from those of its days so far."""

from datetime import UTC, datetime

import pytest

from widget_server.rules.projection import month_end


def at(day: int, hour: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "by_day", "viewers"),
    [
        (at(10, 23), [10] * 10, None),
        (at(11), [10] * 10 + [0], 100 + 20 * 10),
        (at(11, 12), [10] * 10 + [5], 105 + 195),
        (at(11), [0] * 10 + [0], 0),
        (at(30, 12), [10] * 29 + [5], 295 + 5),
    ],
)
def test_new_viewers_keep_coming_at_the_pace_of_the_last_week(
    moment: datetime, by_day: list[int], viewers: int | None
) -> None:
    assert month_end(by_day, at=moment) == viewers


def test_only_the_last_seven_whole_days_and_today_tell_the_pace() -> None:
    assert month_end([800, 0, 0, 0, *[1] * 7, 0], at=at(12)) == 807 + 19
    assert month_end([0, 0, 0, 0, 800, *[0] * 6, 0], at=at(12)) == 800 + round(800 / 7 * 19)


def test_a_month_that_begins_with_a_rush_is_not_taken_to_go_on_like_that() -> None:
    assert month_end([20, 20, 20, *[0] * 7, 0], at=at(11)) == 60


@pytest.mark.parametrize(("month", "days"), [(2, 28), (11, 30), (12, 31)])
def test_a_month_is_as_long_as_it_is(month: int, days: int) -> None:
    assert month_end([1] * 10 + [0], at=at(11, month=month)) == days


def test_part_of_a_viewer_is_rounded() -> None:
    assert month_end([0] * 9 + [1, 0], at=at(11)) == 1 + 3
    assert month_end([0] * 9 + [2, 0], at=at(11)) == 2 + 6
