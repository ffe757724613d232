"""What browsers make of a text that know less of Unicode than the server, and of one with U+0000 in it."""

import sys
import unicodedata

import pytest
import unicodedata2

from widget_server.rules.marking import digests, is_whole, text_sha256
from widget_server.rules.normal_forms import UNICODE, YOUNG, characters, others

KNOWN_HERE = int(unicodedata.unidata_version.partition(".")[0])
PEPET, TODHRI = "Marks \u0628\u0897\u0323.", "Todhri \U000105d2\u0307."
DECOMPOSED = "Kirat Rai \U00016d67\U00016d67."


def test_unicode_is_of_the_version_for_which_the_table_and_the_stored_digests_are() -> None:
    assert unicodedata2.unidata_version == UNICODE
    assert max(YOUNG) == int(UNICODE.partition(".")[0])


def test_the_table_has_all_that_normalising_touches_and_this_python_does_not_know() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    apart = {one: said for one in every if (said := unicodedata2.decomposition(one)) and not said.startswith("<")}
    parts = {chr(int(part, 16)) for said in apart.values() for part in said.split()}
    touched = {one for one in every if unicodedata2.combining(one) or one in apart or one in parts}
    unknown = {one for one in every if unicodedata.category(one) == "Cn" and unicodedata2.category(one) != "Cn"}
    assert touched & unknown == {
        one for version, ranges in YOUNG.items() if version > KNOWN_HERE for one in characters(ranges)
    }


@pytest.mark.parametrize("text", [PEPET, TODHRI, DECOMPOSED, "Kawi \U00011f41\u0323\u0301."])
def test_what_this_python_makes_of_a_text_is_among_what_browsers_make_of_it(text: str) -> None:
    assert unicodedata.normalize("NFC", text) in others(text)
    assert unicodedata2.normalize("NFC", text) in others(text)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        (PEPET, {PEPET, "Marks \u0628\u0323\u0897."}),
        (TODHRI, {TODHRI, "Todhri \U000105c9."}),
        (DECOMPOSED, {DECOMPOSED, "Kirat Rai \U00016d68."}),
        ("e\u0301 \u0628\u1acf\u0323", {"é \u0628\u1acf\u0323", "é \u0628\u0323\u1acf"}),
        ("\u0628\u0897\u1acf\u0323", {"\u0628\u0897\u1acf\u0323", "\u0628\u0323\u0897\u1acf"}),
        ("a\ufffdb", {"a\ufffdb", "a\0b"}),
    ],
)
def test_a_character_that_is_too_young_stays_where_it_is(text: str, forms: set[str]) -> None:
    assert others(text) == forms


def test_a_page_may_have_the_text_as_newer_software_has_normalised_it() -> None:
    ours = unicodedata2.normalize("NFC", PEPET)
    assert digests(PEPET) == digests(PEPET) | digests(ours)


@pytest.mark.parametrize("text", ["", "plain", "e\u0301", "नमस्ते", "\u0628\u064b\u0323", "日本語", "\U0001f600"])
def test_most_texts_are_the_same_to_every_browser(text: str) -> None:
    assert others(text) == digests(text) == set()


def test_a_text_is_whole_under_whichever_of_its_digests_is_named() -> None:
    assert text_sha256(PEPET) in digests(PEPET)
    assert all(is_whole(PEPET, digest) for digest in digests(PEPET))
    assert not is_whole(PEPET, text_sha256("another"))
