"""What a reader cannot see in a text is named."""

import pytest

from widget_server.rules.unseen import is_unseen, shown


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
