"""Which passwords guard an account."""

import pytest

from widget_server.rules.passwords import WEAK, refusal

ABOUT = ["ada@news.example", "Evening News", "https://evening.example"]


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "qwertyuiop",
        "1234567890",
        "hunter2hunter2",
        "P@ssw0rd2026",
        "Summer2026!",
        "2026-11-23",
        "aaaaaaaaaaaaaaaa",
        "x" * 1000,
        " " * 12,
        "long enough",
        "пароль12345",
    ],
)
def test_a_password_that_is_tried_first_is_refused_with_a_remedy(password: str):
    assert refusal(password, about=[]) == WEAK
    assert "Take four words" in WEAK


@pytest.mark.parametrize(
    "password",
    [
        "ada@news.example",
        "EVENING NEWS 2026",
        "Evening.Example!",
        "adanews12345",
        "widget-server",
        "WidgetServer1!",
        "machine-generated",
        "moderator2026",
        "the desk of Ada",
    ],
)
def test_what_people_here_know_makes_no_password(password: str):
    assert refusal(password, about=ABOUT) == WEAK


@pytest.mark.parametrize(
    "password", ["correct horse battery", "Tq7$hVw2#zKp", "ßäöü€–日本語日本語", "ada likes to sail on Tuesdays"]
)
def test_a_password_that_nobody_guesses_is_taken_whatever_its_characters(password: str):
    assert refusal(password, about=ABOUT) is None


@pytest.mark.parametrize(("letters", "taken"), [("kvwqxzjfg", False), ("kvwqxzjfgy", True)])
def test_ten_characters_are_needed(letters: str, taken: bool):
    assert (refusal(letters, about=[]) is None) == taken


def test_a_thousand_characters_are_the_most():
    longest = ("nobody guesses this " * 50)[:1000]
    assert refusal(longest, about=[]) is None
    assert "1000 characters at most" in str(refusal(longest + "x", about=[]))


def test_a_thousand_million_guesses_are_the_fewest():
    assert refusal("another password", about=[]) == WEAK  # 100 million
    assert refusal("desk" + "kvwqxzjfg", about=[]) is None  # 26 letters are tried as ten: zxcvbn's way


def test_the_first_twenty_characters_are_judged():
    assert refusal("a" * 13 + "kvwqxzj", about=[]) is None
    assert refusal("a" * 14 + "kvwqxz", about=[]) == WEAK
    assert refusal("a" * 14 + "kvwqxz" + "Tq7$hVw2#zKp", about=[]) == WEAK


def test_a_name_of_two_letters_is_no_word_of_this_context():
    assert refusal("abkvwqxzjf", about=["ab"]) is None
    assert refusal("abckvwqxzjf"[:10], about=["abc"]) == WEAK
