"""Texts in which marks are piled up are found, whatever the marks, and normalised as any other."""

import sys
import time

import pytest
import unicodedata2 as unicodedata
from hypothesis import given
from hypothesis import strategies as st

from widget_server.rules import likeness, stream_safe
from widget_server.rules.marking import fold
from widget_server.rules.stream_safe import MOST, cut, is_mark, is_stream_safe, normal

MARKS = ["\u0301", "\u0345\u0334", "\u3099\uff9e", "\u0f73", "\U0001e8d0"]


def run(marks: str, length: int) -> str:
    return (marks * length)[:length]


def test_a_mark_is_what_normalising_may_move() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    assert [
        one for one in every if is_mark(one) != (unicodedata.combining(unicodedata.normalize("NFKD", one)[0]) > 0)
    ] == []


@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("before", [0, 1, MOST - 1, MOST, MOST + 1, 3 * MOST])
@pytest.mark.parametrize("after", ["", "b", "b" * 999])
def test_wherever_it_stands_a_run_may_have_so_many_marks_and_no_more(marks: str, before: int, after: str) -> None:
    assert is_stream_safe("a" * before + run(marks, MOST) + after)
    assert not is_stream_safe("a" * before + run(marks, MOST + 1) + after)
    assert not is_stream_safe("a" * before + run(marks, 5 * MOST) + after)


def test_many_short_runs_are_none_that_is_long() -> None:
    assert is_stream_safe(("a" + run("\u0345\u0334", MOST)) * 50)
    assert is_stream_safe("नमस्ते दुनिया " * 500)


def test_of_a_text_with_a_longer_run_every_mark_is_kept() -> None:
    assert fold("a" + run("\u0301", MOST)) == "á" + run("\u0301", MOST - 1)
    assert fold("a" + run("\u0301", MOST + 1)) == "á" + run("\u0301", MOST)


LETTERS = st.sampled_from("aeéẬｶがᄀ가각ﬁ½Ω\u1100\u1161\u11a8\u0958\ufb2c\U0001d15e\u0f43 \n") | st.characters(
    exclude_categories=["Cs"]
)
PILED_UP = st.sampled_from(
    "\u0300\u0301\u0308\u0323\u0327\u0334\u0338\u0345\u0344\u0f71\u0f73\u0f81\u3099\uff9e\u05b0\u094d\U0001d165\u1161"
)


@given(st.text(LETTERS | PILED_UP, max_size=30), st.text(PILED_UP, max_size=30), st.sampled_from(["NFC", "NFKC"]))
def test_a_text_with_a_long_run_is_normalised_as_unicode_says(text: str, marks: str, form: str) -> None:
    for piled in (text + marks * (MOST + 1), marks * (MOST + 1) + text, text + "a" + run("\u0345\u0334", MOST + 1)):
        assert normal(form, piled) == stream_safe.unicodedata.normalize(form, piled)


@pytest.mark.parametrize("marks", [*MARKS, "\u0301\u0323\u0345\u0334\u3099", "\u0345" * 25_000 + "\u0334" * 25_000])
@pytest.mark.parametrize("form", ["NFC", "NFKC"])
def test_however_many_marks_are_in_a_row_a_text_is_normalised_at_once(marks: str, form: str) -> None:
    text = "e" + (marks * (50_000 // len(marks)))
    began = time.process_time()
    normal(form, text)
    assert time.process_time() - began < 1


def test_what_has_no_digest_is_cut() -> None:
    piled = "a" + run("\u0345\u0334", 3 * MOST) + "b" + run("\u0301", MOST)
    assert cut(piled) == "a" + run("\u0345\u0334", MOST) + "b" + run("\u0301", MOST)
    assert cut("a" + run("\u0301", MOST)) == "a" + run("\u0301", MOST)
    assert likeness.shingles(piled) == likeness.shingles(cut(piled))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("ab" + "\u0301" * 200, True),
        ("ab" + "\u0301" * 201, False),
        ("\u0301" * 200 + "a" + "\u0301", True),
        ("\u0301" * 201 + "a", False),
    ],
)
def test_two_hundred_marks_in_a_row_are_the_most(text: str, safe: bool):
    assert is_stream_safe(text) is safe
