"""When a site is flooded with reports, and what a report costs then."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.floods import (
    LEAST_TRIES,
    MOST_TRIES,
    PATIENCE_SECONDS,
    ROUNDS,
    VALID,
    answered_for,
    flooded,
    minute_of,
    tries,
)

NOW = 1_000_000


def now(attempts: dict[int, int], *, later: int = 0, threshold: int = 60) -> bool:
    """`attempts`: how many came in which minute before now."""
    sent = {NOW - before: number for before, number in attempts.items()}
    return flooded(sent, minute=NOW + later, threshold=threshold)


@pytest.mark.parametrize(
    ("attempts", "threshold", "flood"),
    [
        ({}, 60, False),
        ({0: 59}, 60, False),
        ({0: 60}, 60, True),
        ({0: 20, 2: 20, 4: 20}, 60, True),
        ({0: 20, 2: 20, 5: 20}, 60, False),
        ({0: 1}, 1, True),
        ({0: 1_000_000}, 0, False),
        ({}, 0, False),
    ],
)
def test_a_flood_is_many_reports_within_five_minutes(attempts: dict[int, int], threshold: int, flood: bool) -> None:
    assert now(attempts, threshold=threshold) is flood


@pytest.mark.parametrize(("later", "flood"), [(5, True), (13, True), (14, False), (200, False)])
def test_it_is_over_after_ten_calm_minutes(later: int, flood: bool) -> None:
    assert now({0: 60}, later=later) is flood


@pytest.mark.parametrize(("rate", "flood"), [(20, True), (19, False)])
def test_what_is_less_than_a_third_is_calm(rate: int, flood: bool) -> None:
    trickle = {-minute: rate for minute in range(5, 100, 5)}
    assert now({0: 60, **trickle}, later=40) is flood


def test_a_breath_in_between_does_not_end_it() -> None:
    assert now({0: 60, -12: 20}, later=17) is True
    assert now({0: 60, -12: 20}, later=27) is False
    assert now({0: 60, -12: 60}, later=25) is True


def test_what_was_three_hours_ago_is_not_known() -> None:
    trickle = {-minute: 20 for minute in range(5, 400, 5)}
    assert now({0: 60, **trickle}, later=179) is True
    assert now({0: 60, **trickle}, later=180) is False


@pytest.mark.parametrize(
    ("mine", "rate", "cost"),
    [
        (0, 0, 600),
        (0, 60, 600),
        (0, 119, 600),
        (0, 120, 1_200),
        (1, 60, 1_200),
        (3, 60, 2_400),
        (4, 60, 3_000),
        (5, 60, 3_000),
        (1_000, 1_000, 3_000),
    ],
)
def test_the_work_grows_with_the_flood_and_with_its_source_up_to_what_a_telephone_can(
    mine: int, rate: int, cost: int
) -> None:
    assert tries(mine=mine, rate=rate, threshold=60) == cost


def test_what_work_is_in_rounds() -> None:
    assert (LEAST_TRIES * ROUNDS, MOST_TRIES * ROUNDS) == (60_000, 300_000)
    assert (timedelta(minutes=5), 60) == (VALID, PATIENCE_SECONDS)


def test_minutes_are_counted_since_1970() -> None:
    assert minute_of(datetime(1970, 1, 1, 1, 0, 59, tzinfo=UTC)) == 60
    assert minute_of(datetime(1970, 1, 1, 1, 1, tzinfo=UTC)) == 61


@pytest.mark.parametrize(
    ("words", "size"),
    [([], 0), (["x" * 1999, "y"], 0), (["x" * 2000, "y"], 1), (["ü" * 1001], 2), (["x" * 50_000], 48_000)],
)
def test_an_ordinary_report_costs_its_network_nothing_and_a_long_one_what_is_long_of_it(words: list, size: int) -> None:
    assert answered_for(*words) == size
