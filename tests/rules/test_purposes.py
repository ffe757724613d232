"""Guidelines 4 and 5: what generated text is for."""

import pytest

from widget_server.rules.harms import HARMS
from widget_server.rules.purposes import (
    CLAUSE_OF_DECLARATION,
    PROHIBITED,
    PROHIBITED_TITLES,
    PURPOSES,
    TOLD_AT_ONCE,
    code_of,
    covers,
    prohibited,
    refusal,
)


@pytest.mark.parametrize(
    ("purpose", "clause"),
    [
        ("automated_decision", "4"),
        ("applicant_scoring", "4"),
        ("scoring applicants", "4"),
        ("worker_rating", "4"),
        ("Credit scoring", "4"),
        ("insurance-decision", "4"),
        ("benefit_eligibility", "4"),
        ("service_eligibility", "4"),
        ("triage", "4"),
        ("justice_decision", "4"),
        ("social scoring", "4"),
        ("profiling", "5"),
        (" PROFILING ", "5"),
        ("sorting_by_race", "5"),
        ("sorting by religion", "5"),
        ("sorting_by_politics", "5"),
        ("sorting_by_health", "5"),
        ("sorting_by_gender", "5"),
        ("sorting_by_body", "5"),
        ("customer_support", None),
        ("health_information", None),
        ("customer_help", None),
        ("", None),
        (None, None),
    ],
)
def test_a_purpose_is_prohibited_by_its_clause(purpose: str | None, clause: str | None) -> None:
    found = prohibited(purpose)
    assert (found.clause if found else None) == clause


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("customer_support", "customer_support"),
        ("Customer support", "customer_support"),
        ("customer-support!", "customer_support"),
        ("  Customer   Support ", "customer_support"),
        ("ｐｒｏｆｉｌｉｎｇ", "profiling"),
        ("Nachrichten", "nachrichten"),
        ("ニュース", ""),
        ("", ""),
    ],
)
def test_a_purpose_is_meant_however_it_is_spelled(said: str, code: str) -> None:
    assert code_of(said) == code


@pytest.mark.parametrize(
    ("declared", "purpose", "covered"),
    [
        (["customer_support"], "customer_support", True),
        (["customer_support"], "Customer support", True),
        (["customer_support", "news"], "news", True),
        (["customer_support"], "marketing_copy", False),
        (["customer_support"], "horoscopes", False),
        (["customer_support"], "ニュース", False),
        (["other"], "other", True),
        (["other"], "horoscopes", False),
        (["customer_support"], None, True),
        (["customer_support"], "", True),
        (["customer_support"], "  ", True),
        ([], "news", False),
        (["profiling"], "profiling", False),
        (["applicant_scoring"], "hiring", False),
    ],
)
def test_a_declaration_covers_what_it_names_and_nothing_prohibited(
    declared: list[str], purpose: str | None, covered: bool
) -> None:
    assert covers(declared, purpose) is covered


@pytest.mark.parametrize(
    ("purpose", "declared", "clause"),
    [
        ("profiling", None, "5"),
        ("profiling", ["profiling"], "5"),
        ("hiring", ["customer_support"], "4"),
        ("horoscopes", None, None),
        (None, ["customer_support"], None),
        ("customer_support", ["customer_support"], None),
        ("news", ["customer_support"], CLAUSE_OF_DECLARATION),
    ],
)
def test_a_purpose_is_refused_if_prohibited_or_if_something_else_is_declared(
    purpose: str | None, declared: list[str] | None, clause: str | None
) -> None:
    refused = refusal(purpose, declared)
    assert (refused[0] if refused else None) == clause


def test_a_refusal_names_what_was_asked_and_what_is_declared() -> None:
    assert "“news”" in refusal("news", ["translation", "customer_support"])[1]
    assert "customer_support, translation" in refusal("news", ["translation", "customer_support"])[1]
    assert PROHIBITED["applicant_scoring"].meaning in refusal("hiring", None)[1]


def test_no_word_is_both_allowed_and_prohibited_or_prohibited_twice() -> None:
    codes = [code for found in PROHIBITED.values() for code in (found.code, *found.also)]
    assert len(codes) == len(set(codes))
    assert not set(codes) & set(PURPOSES)
    assert [code for code in [*codes, *PURPOSES] if code_of(code) != code] == []
    assert all(len(code) <= 100 for code in codes)


def test_the_clauses_and_the_categories_are_those_of_the_guideline() -> None:
    assert {found.clause for found in PROHIBITED.values()} == set(PROHIBITED_TITLES) == {"4", "5"}
    assert {code: HARMS[code].clause for code in TOLD_AT_ONCE} == {"automated_decision": "4", "profiling": "5"}
    careful = [purpose.code for purpose in PURPOSES.values() if purpose.careful]
    assert careful == ["health_information", "legal_information", "financial_information"]
