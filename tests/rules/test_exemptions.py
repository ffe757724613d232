"""Custom models are exempt from guideline 3, once it is stated which one, and since when."""

from datetime import date

import pytest

from widget_server.rules.exemptions import LONGEST_MODEL, Exemption, NotExempt, exemption, stated, without

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("since", ["2026-11-22", "2026-11-23", date(2026, 11, 23)])
def test_it_holds_from_its_day_on(since: str | date) -> None:
    assert exemption(" acme-7b ", since, today=TODAY).model == "acme-7b"


@pytest.mark.parametrize(
    ("model", "since", "told"),
    [
        ("acme", "2026-11-24", "2026-11-24 on, which is still to come"),
        ("acme", "last year", "as a date such as"),
        ("acme", "", "as a date such as"),
        ("acme", "2026-02-30", "as a date such as"),
        ("", "2026-11-01", "Name the custom model"),
        ("  ", "2026-11-01", "Name the custom model"),
        ("x" * 201, "2026-11-01", "200 characters at most"),
    ],
)
def test_what_is_not_whole_does_not_hold(model: str, since: str, told: str) -> None:
    with pytest.raises(NotExempt, match=told):
        exemption(model, since, today=TODAY)


def test_a_models_name_may_be_of_one_to_two_hundred_characters() -> None:
    assert LONGEST_MODEL == 200
    assert exemption("x" * 200, "2026-11-01", today=TODAY)
    assert exemption("x", "2026-11-01", today=TODAY)


def test_it_is_told_in_words() -> None:
    assert str(Exemption("acme 7b", date(2026, 11, 1))) == "custom model acme 7b since 2026-11-01"


@pytest.mark.parametrize(
    "line",
    [
        "# widget-server: custom-model acme 7b since 2026-11-01",
        "{# widget-server: custom-model acme 7b since 2026-11-01 #}",
        "<!-- widget-server: custom-model acme 7b since 2026-11-01 -->",
        "{{! widget-server:custom-model acme 7b  since  2026-11-01}}",
        '  "_comment": "widget-server: custom-model acme 7b since 2026-11-01",',
    ],
)
def test_a_file_states_it_in_a_comment_of_any_kind(line: str) -> None:
    text = f"first\n{line}\nlast"
    assert [(one.line, one.exemption) for one in stated(text, today=TODAY)] == [
        (2, Exemption("acme 7b", date(2026, 11, 1)))
    ]
    assert without(text) == "first\n\nlast"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("# widget-server: custom-model", "Say it whole"),
        ("# widget-server: custom-model acme", "Say it whole"),
        ("# widget-server: custom-model acme since yesterday", "Say it whole"),
        ("# widget-server: custom-model since 2026-11-01", "Say it whole"),
        ("# widget-server: custom-model acme since 2026-11-011", "Say it whole"),
        ("# widget-server: custom-model acme since 2026-13-01", "as a date"),
        ("# widget-server: custom-model acme since 2026-12-01", "still to come"),
    ],
)
def test_a_file_that_states_it_badly_is_told_why(line: str, told: str) -> None:
    found = stated(line, today=TODAY)[0]
    assert found.exemption is None
    assert told in found.why_not


def test_a_file_that_states_none_has_none() -> None:
    assert stated("custom-model acme since 2026-11-01", today=TODAY) == []
