"""The names of prompts, and what changed from one version to the next."""

import pytest

from widget_server.rules.differences import MOST_PIECES, differences
from widget_server.rules.registry import LONGEST, LONGEST_NAME, Reference, reference


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("answer", "answer", None),
        ("answer@3", "answer", 3),
        ("a.b_c-D9@120", "a.b_c-D9", 120),
        ("x" * 80, "x" * 80, None),
        ("x" * 80 + "@999999999", "x" * 80, 999_999_999),
    ],
)
def test_a_prompt_is_named_with_or_without_a_version(text: str, name: str, version: int | None) -> None:
    assert reference(text) == Reference(name, version)
    assert str(reference(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " a",
        "a b",
        "ä",
        "-a",
        "a@",
        "a@0",
        "a@01",
        "a@-1",
        "a@1.5",
        "a@1000000000",
        "x" * 81,
        "a@b",
        "a/b",
        "a\n",
        "@1",
    ],
)
def test_other_names_are_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="80 at most"):
        reference(text)


def test_the_longest_name_is_kept_whole() -> None:
    assert LONGEST_NAME == 80
    assert LONGEST == 100


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("Be kind.", "Be kind.", [("same", "Be kind.")]),
        (
            "Be kind.",
            "Be very kind!",
            [("same", "Be "), ("new", "very "), ("same", "kind"), ("gone", "."), ("new", "!")],
        ),
        ("", "a", [("new", "a")]),
        ("a", "", [("gone", "a")]),
        ("", "", []),
        ("日本 語", "日本 国", [("same", "日本 "), ("gone", "語"), ("new", "国")]),
    ],
)
def test_what_changed_is_told_word_by_word(before: str, after: str, found: list) -> None:
    assert differences(before, after) == found


def test_long_texts_are_compared_by_lines_and_longer_ones_as_a_whole() -> None:
    assert MOST_PIECES == 4000
    words = "".join(f"{number}," for number in range(2000))
    assert differences(words, words[:-1] + "!")[0] == ("same", words[:-1])
    longer = "a\n" + words
    assert differences(longer, longer[:-1] + "!") == [("same", "a\n"), ("gone", words), ("new", words[:-1] + "!")]
    assert differences(longer[:-1] + "!", longer)[0] == ("same", "a\n")
    lines = "".join(f"{number}.\n" for number in range(4000))
    assert differences(lines, lines[:-2] + "!\n") == [
        ("same", lines.removesuffix("3999.\n")),
        ("gone", "3999.\n"),
        ("new", "3999!\n"),
    ]
    more = lines + ".\n"
    assert differences(more, more[:-2] + "!\n") == [("gone", more), ("new", more[:-2] + "!\n")]
