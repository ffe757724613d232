"""Near-duplicates are found, other texts are not."""

import random

import pytest

from widget_server.rules.likeness import ALIKE, BANDS, bands, likeness, shingles

TEXT = (
    "The lighthouse at the harbour mouth was built in 1862 by the pilots of the town, who paid for it themselves, and "
    "its lamp was the first on this coast to burn petroleum. Visitors climb its hundred and twelve steps every summer."
)


def alike(one: str, other: str) -> float:
    return likeness(shingles(one), shingles(other))


@pytest.mark.parametrize(
    "other",
    [
        TEXT.upper(),
        TEXT.replace(",", " –").replace(".", "!"),
        "  ".join(TEXT.split()),
        TEXT.replace("1862", "1863"),
        TEXT + " Dogs are welcome.",
    ],
)
def test_a_small_change_leaves_a_near_duplicate(other: str) -> None:
    assert alike(TEXT, other) >= ALIKE
    assert set(bands(shingles(TEXT))) & set(bands(shingles(other)))


@pytest.mark.parametrize(
    "other",
    [
        "A bakery on the market square sells bread that a machine has never seen, baked by two brothers since 1931.",
        " ".join(reversed(TEXT.split())),
        TEXT[: len(TEXT) // 2],
        "",
    ],
)
def test_another_text_is_no_near_duplicate(other: str) -> None:
    assert alike(TEXT, other) < ALIKE


def test_scripts_without_spaces_are_compared_too() -> None:
    text = (
        "港の入り口の灯台は一八六二年に町の水先案内人たちによって建てられ、この海岸で最初に石油を燃やした灯りであった。"
    )
    assert alike(text, text.replace("二年", "三年")) >= ALIKE
    assert alike(text, "市場の広場にあるパン屋は二人の兄弟が一九三一年から焼いているパンを売っている。") < ALIKE


@pytest.mark.parametrize("text", ["", "…", "\n \u200b"])
def test_a_text_without_words_is_like_nothing(text: str) -> None:
    assert shingles(text) == frozenset()
    assert bands(shingles(text)) == []
    assert alike(text, text) == 0


def test_a_short_text_is_compared_whole() -> None:
    assert alike("Buy now", "buy NOW!") == 1
    assert alike("Buy now", "Buy later") == 0


def test_likeness_is_the_share_of_what_both_have() -> None:
    assert likeness(frozenset({1, 2, 3, 4}), frozenset({1, 2, 3, 4, 5})) == 0.8
    assert likeness(frozenset({1, 2}), frozenset({2, 3})) == 1 / 3


def test_what_is_stored_of_a_text_keeps_its_meaning() -> None:
    assert bands(shingles(TEXT)) == [
        5611270014012631324,
        2281374980024117471,
        1971405073128727966,
        8292875738975836623,
        4570288923830080654,
        4236407325046696786,
        2077168948078149574,
        7932001030256819741,
    ]


def test_the_first_two_thousand_words_tell() -> None:
    words = [f"word{number}" for number in range(2_001)]
    whole = shingles(" ".join(words))
    assert shingles(" ".join([*words[:2_000], "other"])) == whole
    assert shingles(" ".join([*words[:1_999], "other", words[2_000]])) != whole


def test_nearly_all_near_duplicates_share_a_band() -> None:
    chance = random.Random(7)
    words = [f"w{number}" for number in range(500)]
    found = 0
    for _ in range(300):
        text = [chance.choice(words) for _ in range(100)]
        other = list(text)
        for at in (20, 50, 80):
            other[at] = "changed"
        found += bool(set(bands(shingles(" ".join(text)))) & set(bands(shingles(" ".join(other)))))
    assert found >= 290
    assert len(bands(shingles(TEXT))) == BANDS
