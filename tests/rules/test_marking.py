"""The identity of a text, and the forms in which its disclosure is told."""

import json
from pathlib import Path

import pytest

from widget_server.rendering.sanitising import sanitise
from widget_server.rules.marking import (
    Disclosure,
    find_quote,
    fold,
    is_whole,
    marked,
    may_be_beginning,
    short,
    text_sha256,
    tidy,
    trimmed,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "text_sha256.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_shared_vectors_hold(vector: dict) -> None:
    assert fold(vector["text"]) == vector["normalised"]
    assert text_sha256(vector["text"]) == vector["text_sha256"]


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if "html" in vector], ids=lambda vector: vector["name"]
)
def test_the_text_of_html_is_what_a_browser_sees(vector: dict) -> None:
    assert text_sha256(sanitise(vector["html"], "html").text) == vector["text_sha256"]


def test_there_are_enough_vectors_of_every_kind() -> None:
    assert len(VECTORS) >= 30


@pytest.mark.parametrize("character", "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2006\u200a\u2028\u2029\u202f\u205f\u3000")
def test_white_space_is_folded(character: str) -> None:
    assert fold(f"{character}a{character}{character}b{character}") == "a b"


@pytest.mark.parametrize("character", "\x08\x0e\x1c\x1f\u180e\u200b\u2060\ufeff")
def test_what_only_looks_like_white_space_is_kept(character: str) -> None:
    assert fold(f"a{character}b") == f"a{character}b"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\n\nb", "a\n\nb"),
        ("a\n\n\nb", "a\n\nb"),
        ("a\r\n\r\nb", "a\r\n\r\nb"),
        ("a\r\n\r\n\r\nb", "a\n\nb"),
        ("a\n \n \n \n  b", "a\n\n  b"),
        ("a\v\f\x85\u2028\u2029b", "a\n\nb"),
        (f"if a:\n{24 * ' '}b", f"if a:\n{24 * ' '}b"),
        (f"if a:\n\n\n{24 * ' '}b", f"if a:\n\n{24 * ' '}b"),
        (f"if a:\n{25 * ' '}b", f"if a:\n{24 * ' '}b"),
        (f"a{24 * ' '}b{25 * chr(9)}c", f"a{24 * ' '}b{24 * chr(9)}c"),
        (f"a{9000 * chr(10)}{9000 * chr(0x3000)}b", f"a\n\n{24 * chr(0x3000)}b"),
        (f"a{22 * ' '}\r\nb", f"a{22 * ' '}\r\nb"),
        (f"a{23 * ' '}\r\nb", "a\nb"),
        ("\u3000 a b \x85\t", "\u3000 a b \x85\t"),
        (f"{9000 * chr(10)}a b{9000 * chr(0x3000)}", f"\n\na b{24 * chr(0x3000)}"),
        ("\x1c\x1c\x1ca\u200b\x1f", "\x1c\x1c\x1ca\u200b\x1f"),
        (" \n ", ""),
        ("", ""),
    ],
)
def test_no_more_white_space_is_kept_than_writing_needs(written: str, kept: str) -> None:
    assert tidy(written) == kept
    assert text_sha256(kept) == text_sha256(written)


@pytest.mark.parametrize("around", ["", " ", "\n    ", "\u3000\x85"])
def test_a_text_is_taken_out_of_its_page_without_what_is_around_it(around: str) -> None:
    assert trimmed(f"{around}a  b\x1c{around}") == "a  b\x1c"


@pytest.mark.parametrize(
    ("disclosure", "attribute", "mode"),
    [
        (Disclosure(), "ai-autonomous", "machine-generated"),
        (Disclosure(review="human"), "ai-assisted", "ai-originated"),
    ],
)
def test_one_state_is_told_in_every_form(disclosure: Disclosure, attribute: str, mode: str) -> None:
    assert disclosure.attributes == {"ai-disclosure": attribute}
    assert disclosure.header == f"mode={mode}"
    assert disclosure.as_json()["digital_source_type"] == "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


def test_a_text_is_the_whole_of_its_digest_however_it_is_composed_and_spaced() -> None:
    assert is_whole("Café  au\nlait", text_sha256("Cafe\u0301 au lait"))
    assert not is_whole("Café", text_sha256("Café au lait"))


def test_the_header_is_a_dictionary_with_commas_and_escaped_strings() -> None:
    disclosure = Disclosure(model='a"b\\c', provider="Ünïcode~ \x7f")
    assert disclosure.header == 'mode=machine-generated, model="a\\"b\\\\c", provider="?n?code~ ?"'


def test_the_json_ld_names_the_part_of_the_page() -> None:
    assert Disclosure().json_ld("#answer") == {
        "@context": "https://schema.org",
        "@type": "WebPageElement",
        "cssSelector": "#answer",
        "digitalSourceType": "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
    }


def test_a_quote_is_found_where_its_surroundings_are() -> None:
    text = "one two. One two. one two!"
    assert find_quote(text, exact="one two") == (0, 7)
    assert find_quote(text, exact="one two", suffix="!") == (18, 25)
    assert find_quote(text, exact="one two", prefix="One two. ") == (18, 25)


def test_a_quote_is_found_over_other_white_space() -> None:
    assert find_quote("first\n\n  second", exact="first second") == (0, 15)
    assert find_quote("firstsecond", exact="first\nsecond") == (0, 11)


@pytest.mark.parametrize("exact", ["absent", " ", "(.*"])
def test_a_passage_that_is_not_there_is_not_found(exact: str) -> None:
    assert find_quote("some text", exact=exact) is None


def test_a_text_is_cut_where_quotes_begin_and_end() -> None:
    quotes = [{"exact": "b c"}, {"exact": "c d"}, {"exact": "absent"}]
    assert marked("a b c d e", quotes) == [("a ", False), ("b c", True), (" d", True), (" e", False)]
    assert marked("a b", []) == [("a b", False)]
    assert marked("", []) == []


def test_quotes_are_marked_in_composed_text() -> None:
    assert marked("cafe\u0301 noir", [{"exact": "caf\u00e9"}]) == [("caf\u00e9", True), (" noir", False)]


@pytest.mark.parametrize(("places", "found"), [(99, 98), (100, 99), (101, 0)])
def test_the_surroundings_of_the_first_hundred_places_are_compared(places: int, found: int) -> None:
    assert find_quote("ab" * (places - 1) + "abc", exact="ab", suffix="c") == (2 * found, 2 * found + 2)


def test_a_quote_inside_another_adds_no_piece() -> None:
    assert marked("a b c", [{"exact": "b c"}, {"exact": "c"}]) == [("a ", False), ("b c", True)]


@pytest.mark.parametrize(("length", "may"), [(999, False), (1_000, True)])
def test_a_short_text_is_no_beginning_of_one_that_is_too_long(length: int, *, may: bool) -> None:
    assert may_be_beginning("x" * length) is may


def test_a_name_is_cut_where_it_is_too_long() -> None:
    assert (short("x" * 200), short("x" * 201)) == ("x" * 200, "x" * 200)
