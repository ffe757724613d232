"""A site's own words: which there are, and which fit."""

import pytest

from widget_server.rules.wording import flat, mistakes, ours

OURS = {"label.report": "Report", "details.on": "On {date}", "details.never": "Never", "dialog.long": "x" * 51}


def test_words_are_named_by_their_way_through_the_file() -> None:
    words = {"lang": "en", "dir": "ltr", "label": {"report": "Report"}, "details": {}, "dialog": {"left": {"one": "1"}}}
    assert flat({"label": {"report": "Report"}, "page": {"form": {"title": "Form"}}}) == {
        "label.report": "Report",
        "page.form.title": "Form",
    }
    assert ours({**words, "page": {"state": "State"}}) == {
        "label.report": "Report",
        "dialog.left.one": "1",
        "page.state": "State",
    }


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("label.report", "Flag"),
        ("label.report", "x" * 200),
        ("dialog.long", "x" * 204),
        ("details.on", "{date}: made"),
        ("details.on", "first line\nof {date}"),
    ],
)
def test_words_that_fit(key: str, text: str) -> None:
    assert mistakes({key: text}, OURS) == {}


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("label.shout", "Report", "no words of this name"),
        ("label", "Report", "no words of this name"),
        ("label.report", 7, "Must be a text"),
        ("label.report", ["Report"], "Must be a text"),
        ("label.report", " \n", "Must not be empty"),
        ("label.report", "a\x00b", "valid Unicode"),
        ("label.report", "a\ud800b", "valid Unicode"),
        ("label.report", "a\tb", "valid Unicode"),
        ("label.report", "x" * 201, "200 characters"),
        ("dialog.long", "x" * 205, "204 characters"),
        ("details.on", "Made", "Must hold {date}"),
        ("details.on", "{day}", "Must hold {date}"),
        ("details.never", "{date}", "Must hold no placeholder"),
    ],
)
def test_words_that_do_not_fit_are_told_why(key: str, text: object, why: str) -> None:
    found = mistakes({"details.never": "At no time", key: text}, OURS)
    assert (list(found), why in found[key]) == ([key], True)
