"""Rows of words are compared as difflib does it, for a bounded price."""

import random
from difflib import SequenceMatcher

import pytest

from widget_server.rules import standing
from widget_server.rules.differences import differences
from widget_server.rules.matching import MOST_STEPS, Matcher


def written(length: int, seed: int) -> list[str]:
    """As people write: some words often, most of them rarely."""
    often = [1 / (place + 2) for place in range(5000)]
    return [f"word{place}" for place in random.Random(seed).choices(range(5000), often, k=length)]


@pytest.mark.parametrize(("words", "of_page"), [(300, 2_000), (2_000, 20_000), (10_000, 20_000)])
def test_of_what_people_write_it_finds_the_same(words: int, of_page: int) -> None:
    text, page = written(words, 1), written(of_page, 2)
    changed = [word if place % 30 else "changed" for place, word in enumerate(text)]
    for shown in (page, (page[:500] + changed + page[500:])[:of_page]):
        matcher = Matcher(text, shown)
        assert matcher.get_matching_blocks() == SequenceMatcher(None, text, shown).get_matching_blocks()
        assert words <= matcher.steps < MOST_STEPS * 0.6


@pytest.mark.parametrize("length", [1_500, 5_000, 10_000])
def test_few_words_over_and_over_are_given_up(length: int) -> None:
    text = [f"word{place % 50}" for place in range(length)]
    page = [word for one in text for word in (one, "between")]
    matcher = Matcher(text, page)
    assert len(matcher.get_matching_blocks()) > 1
    assert MOST_STEPS * 0.5 < matcher.steps <= MOST_STEPS


def test_what_is_given_up_is_told_as_another_text() -> None:
    text = " ".join(f"word{place % 110}" for place in range(5_000))
    assert standing.passage(text, f"Before it. {text} After it.") == text
    assert standing.passage(text, text.replace(" ", " between ")) is None


def test_a_comparison_that_is_given_up_still_shows_both_texts_whole() -> None:
    before = " ".join(f"word{place % 50}" for place in range(1_900))
    after = " ".join(f"word{place * 7 % 50} x" for place in range(990))
    pieces = differences(before, after)
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "gone") == after
