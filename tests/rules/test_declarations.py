"""What a declaration of purpose must say, and how long it holds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from widget_server.rules.declarations import DeclarationState, Declared, Draft, declaration_state, due_on, mistakes
from widget_server.rules.declarations import reminders as asked_by

CURRENT, DUE, LAPSED = DeclarationState.CURRENT, DeclarationState.RENEWAL_DUE, DeclarationState.LAPSED
GOOD = Draft(purposes={"customer_support": ""}, words="", signed_by="Ada Lovelace", role="Editor", email="")


@pytest.mark.parametrize(
    ("signed_on", "today", "state", "asked"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), CURRENT, 0),
        (date(2026, 11, 23), date(2027, 10, 22), CURRENT, 0),
        (date(2026, 11, 23), date(2027, 10, 23), DUE, 1),
        (date(2026, 11, 23), date(2027, 11, 22), DUE, 1),
        (date(2026, 11, 23), date(2027, 11, 23), DUE, 2),
        (date(2026, 11, 23), date(2027, 12, 23), DUE, 2),
        (date(2026, 11, 23), date(2027, 12, 24), LAPSED, 2),
        (date(2026, 11, 23), date(2040, 1, 1), LAPSED, 2),
        (date(2026, 3, 31), date(2027, 2, 27), CURRENT, 0),
        (date(2026, 3, 31), date(2027, 2, 28), DUE, 1),
        (date(2024, 2, 29), date(2025, 1, 28), CURRENT, 0),
        (date(2024, 2, 29), date(2025, 1, 29), DUE, 1),
        (date(2024, 2, 29), date(2025, 2, 28), DUE, 2),
        (date(2026, 1, 31), date(2026, 12, 30), CURRENT, 0),
        (date(2026, 1, 31), date(2026, 12, 31), DUE, 1),
        (date(2026, 2, 1), date(2027, 1, 1), DUE, 1),
    ],
)
def test_a_declaration_is_renewed_within_a_year_and_a_grace(
    signed_on: date, today: date, state: DeclarationState, asked: int
) -> None:
    assert (declaration_state(signed_on, today), asked_by(signed_on, today)) == (state, asked)


@pytest.mark.parametrize(
    ("signed_on", "due"),
    [
        (date(2026, 11, 23), date(2027, 11, 23)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2027, 2, 28), date(2028, 2, 28)),
        (date(2026, 12, 1), date(2027, 12, 1)),
        (date(2026, 1, 31), date(2027, 1, 31)),
    ],
)
def test_it_is_due_on_the_same_day_a_year_later(signed_on: date, due: date) -> None:
    assert due_on(signed_on) == due
    assert Declared(("news",), "Ada", "Editor", signed_on, CURRENT).due_on == due
    assert declaration_state(signed_on, due + timedelta(days=30)) is DUE
    assert declaration_state(signed_on, due + timedelta(days=31)) is LAPSED


def test_a_name_a_role_and_a_purpose_make_a_declaration() -> None:
    assert mistakes(GOOD) == {}
    assert mistakes(replace(GOOD, email="ada@news.example", words="Answers in our shop.\n\tShort ones.")) == {}


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"purposes": {}}, "purposes", "at least one"),
        ({"purposes": {"horoscopes": ""}}, "purposes", "customer_support"),
        ({"purposes": {"profiling": ""}}, "purposes", "guideline 5"),
        ({"purposes": {"hiring": ""}}, "purposes", "guideline 4"),
        ({"purposes": {"other": ""}}, "words", "something else"),
        ({"purposes": {"other": ""}, "words": " \n"}, "words", "something else"),
        ({"purposes": {"health_information": ""}}, "reason-health_information", "“Health” needs a reason"),
        ({"purposes": {"legal_information": " "}}, "reason-legal_information", "needs a reason"),
        ({"purposes": {"financial_information": ""}}, "reason-financial_information", "needs a reason"),
        ({"purposes": {"news": "x" * 1001}}, "reason-news", "1000 characters"),
        ({"purposes": {"news": "a\x00"}}, "reason-news", "Unicode"),
        ({"signed_by": ""}, "signed_by", "name"),
        ({"signed_by": "  "}, "signed_by", "name"),
        ({"signed_by": "x" * 201}, "signed_by", "200 characters"),
        ({"signed_by": "\udfff"}, "signed_by", "Unicode"),
        ({"signed_by": "Ada\x1b[31m"}, "signed_by", "Unicode"),
        ({"role": ""}, "role", "editor in chief"),
        ({"role": "x" * 201}, "role", "200 characters"),
        ({"words": "x" * 2001}, "words", "2000 characters"),
        ({"email": "no address"}, "email", "e-mail address"),
        ({"email": "a@b\nBcc: c@d.example"}, "email", "e-mail address"),
        ({"email": "rlo\u202egro.live@news.example"}, "email", "e-mail address"),
        ({"email": "@news.example"}, "email", "e-mail address"),
        ({"email": "x" * 250 + "@b.de"}, "email", "254 characters"),
    ],
)
def test_what_does_not_fit_is_named_with_the_remedy(change: dict, field: str, says: str) -> None:
    found = mistakes(replace(GOOD, **change))
    assert list(found) == [field]
    assert says in found[field]


@pytest.mark.parametrize(
    "change",
    [
        {"signed_by": "x" * 200},
        {"role": "x" * 200},
        {"words": "x" * 2000},
        {"purposes": {"health_information": "x" * 1000}},
        {"purposes": {"other": ""}, "words": "Horoscopes"},
        {"email": "x" * 249 + "@b.de"},
    ],
)
def test_the_longest_that_fits_fits(change: dict) -> None:
    assert mistakes(replace(GOOD, **change)) == {}
