"""What a reader cannot see in a text is named."""

import pytest

from widget_server.rules.unseen import is_unseen, kept_back, says_more, shown


@pytest.mark.parametrize(
    "character",
    "\u200b\u2060\ufeff\u00ad\u202e\u2028\xa0\u3000\x07\u034f\u3164\u2800\ufe0f\U000e0041\U000e0100\ue000"
    "\u180b\u180f\U000e01ef\ufe00\u17b4",
)
def test_unseen_characters_are_found(character: str) -> None:
    assert is_unseen(character)


@pytest.mark.parametrize("character", [*"aé字ع ½€😀-–…", "\n", "\t", "\u0301", "\u0927"])
def test_what_can_be_seen_is_left_alone(character: str) -> None:
    assert not is_unseen(character)


def test_a_text_is_cut_where_something_is_unseen() -> None:
    assert shown("to\u200bday\x00") == [
        ("to", ""),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("day", ""),
        ("\x00", "U+0000"),
    ]
    assert shown("") == []


@pytest.mark.parametrize(
    ("source", "text", "more"),
    [
        ("We *open* at **nine**.", "We open at nine.", False),
        ("We _open_ now", "We open now", False),
        ("We open. ![not](a)", "We open. ", True),
        ("We open.\n\n[💣]: /", "We open.", True),
        ("open We", "We open", True),
    ],
)
def test_a_source_says_more_than_its_text_in_words_or_their_order(source: str, text: str, more: bool) -> None:
    assert says_more(source, text) is more


def test_words_of_a_source_that_are_shown_nowhere_are_told_apart() -> None:
    source = "<p>We open.</p><!-- beat -->"
    assert kept_back(source, "<p>We open.</p>") == [("<p>We open.</p><!-- ", False), ("beat", True), (" -->", False)]
    assert kept_back("We open.", "We open.") == [("We open.", False)]
    assert kept_back("", "") == []
