"""Who is told apart where there is room for so many."""

import pytest

from widget_server.rules.places import MOST_PAGES, Seating, seated


@pytest.mark.parametrize(
    ("weights", "came", "added", "gone"),
    [
        ({}, {"a": 2}, {"a": 2}, []),
        ({"a": 5, "b": 1}, {"a": 2, "c": 3}, {"a": 2, "c": 3}, []),
        ({"a": 5, "b": 2, "c": 4}, {"d": 1}, {"d": 3}, ["b"]),
        ({"a": 5, "b": 2, "c": 4}, {"d": 1, "e": 2}, {"e": 4, "d": 5}, ["b", "c"]),
        ({"a": 5, "b": 2, "c": 4}, {"d": 1, "b": 1}, {"b": 1, "d": 5}, ["c"]),
        ({"a": 5, "b": 2}, {"c": 1, "d": 7}, {"d": 7, "c": 3}, ["b"]),
        ({"a": 5, "b": 2, "c": 4}, {"a": 1, "b": 1, "c": 1, "d": 9}, {"a": 1, "b": 1, "c": 1}, []),
        ({"a": 1, "b": 1, "c": 1}, {"d": 1}, {"d": 2}, ["c"]),
        ({"a": 5, "b": 2, "c": 4, "d": 1, "e": 3}, {}, {}, ["b", "d"]),
        ({"a": 5, "b": 2, "c": 4, "d": 1, "e": 3}, {"d": 9, "a": 1}, {"a": 1}, ["b", "d"]),
        ({"a": 5, "b": 2, "c": 4}, {"": 9}, {}, []),
        ({}, {"": 9, "a": 1}, {"a": 1}, []),
    ],
)
def test_the_least_seen_gives_way(weights: dict, came: dict, added: dict, gone: list) -> None:
    assert seated(weights, came, most=3) == Seating(added, gone)


@pytest.mark.parametrize(("new", "seats"), [(1, 1), (3, 3), (4, 3)])
def test_only_so_many_give_way_in_one_go(new: int, seats: int) -> None:
    full = {f"page {number}": 1 for number in range(MOST_PAGES)}
    found = seated(full, {f"new {number:02}": 1 for number in range(new)})
    assert (len(found.gone), len(found.added)) == (seats, seats)
    assert list(found.added) == [f"new {number:02}" for number in range(seats)]


def test_five_hundred_pages_are_told_apart() -> None:
    came = {f"page {number}": 1 for number in range(501)}
    assert len(seated({}, came).added) == 500


def test_a_page_with_more_than_its_share_is_there_whatever_came_before_it() -> None:
    weights: dict[str, int] = {}
    for number in range(10_000):
        for page in (f"invented {number}", *(["real"] if number % 9 == 0 else [])):
            found = seated(weights, {page: 1}, most=10)
            for gone in found.gone:
                del weights[gone]
            for one, more in found.added.items():
                weights[one] = weights.get(one, 0) + more
    assert "real" in weights
    assert 0 <= weights["real"] - 1112 <= sum(weights.values()) / 10
