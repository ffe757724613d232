"""Where a reported text stands on its page now, and in which words it differs."""

import pytest

from widget_server.rules import standing
from widget_server.rules.differences import differences
from widget_server.rules.marking import fold

TEXT = "The tower was finished in 1889 and stands in Rome, where it draws six million visitors a year."
PAGE = "Home About\n\n{}\n\nMore stories Imprint"


def test_the_passage_is_found_among_the_words_of_its_page() -> None:
    assert standing.passage(TEXT, PAGE.format(TEXT)) == TEXT


def test_a_changed_passage_is_found_from_its_first_word_to_its_last() -> None:
    mended = TEXT.replace("The tower", "This tower").replace("Rome,", "Paris,").replace("a year.", "each year.")
    assert standing.passage(TEXT, PAGE.format(mended)) == mended


@pytest.mark.parametrize(("kept", "shown"), [(2, False), (3, True), (4, True)])
def test_a_page_shows_the_text_from_three_tenths_of_its_words_on(kept: int, shown: bool) -> None:
    text = "one two three four five six seven eight nine ten"
    page = " ".join(text.split()[:kept]) + " and nothing more of it"
    assert (standing.passage(text, page) is not None) == shown


@pytest.mark.parametrize(("row", "shown"), [(2, False), (3, True)])
def test_scattered_words_are_not_the_text(row: int, shown: bool) -> None:
    words = [f"word{number}" for number in range(12)]
    runs = [" ".join(words[first : first + row]) for first in range(0, 12, row)]
    page = " strangers ".join(runs)
    assert (standing.passage(" ".join(words), page) is not None) == shown


def test_a_text_of_two_words_is_found_whole() -> None:
    assert standing.passage("Buy now", "You should Buy now or never") == "Buy now"
    assert standing.passage("Buy now", "You should Buy or never") is None


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_words_stand_nowhere(text: str) -> None:
    assert standing.passage(text, PAGE) is None


def test_the_words_of_a_very_long_page_are_looked_at_up_to_twenty_thousand() -> None:
    before = " ".join(f"w{number}" for number in range(20_000 - 18))
    assert standing.passage(TEXT, f"{before} {TEXT}") == TEXT
    assert standing.passage(TEXT, f"{before} more {TEXT}") == TEXT.removesuffix(" year.")


def test_what_the_page_marks_goes_before_its_other_words() -> None:
    mended = TEXT.replace("Rome", "Paris")
    assert standing.now(TEXT, marked=["Another text of a machine.", f"\n {mended} "], body=PAGE.format(TEXT)) == mended


def test_marked_texts_that_are_others_do_not_hide_the_passage() -> None:
    assert standing.now(TEXT, marked=["Another text of a machine."], body=PAGE.format(TEXT)) == TEXT


@pytest.mark.parametrize(("more", "taken"), [(7, True), (8, False)])
def test_a_marked_text_is_taken_from_three_tenths_of_its_shingles_on(more: int, taken: bool) -> None:
    text = "five words have three shingles"
    marked = " ".join([text, *(f"x{number}" for number in range(more))])
    assert (standing.now(text, marked=[marked], body="") == marked) == taken


def test_white_space_and_composed_letters_are_no_difference() -> None:
    assert [kind for kind, _ in differences("Café  au\nlait", "Cafe\u0301 au lait", alike=fold)] == ["same"]


def test_words_changed_counts_the_longer_of_both_sides() -> None:
    assert standing.words_changed(differences("a b c d", "a x d")) == 2
    assert standing.words_changed(differences("a x d", "a b c d")) == 2
    assert standing.words_changed(differences("a b", "a b")) == 0
