"""Statements of reasons in the EU Transparency Database's names."""

from datetime import UTC, datetime

import pytest

from widget_server.rules.harms import HARMS
from widget_server.rules.statements import FIELDS, statement

DAY = datetime(2026, 11, 23, tzinfo=UTC)


def made(
    outcome: str = "withdrawn",
    category: str = "fraud",
    ground: str = "guideline",
    message: str = "Because.",
    lang: str = "",
) -> dict[str, str]:
    return statement(
        outcome=outcome,
        category=category,
        ground=ground,
        message=message,
        puid="case-1-1",
        opened=DAY,
        decided=DAY,
        lang=lang,
    )


@pytest.mark.parametrize(
    ("outcome", "visibility"),
    [("withdrawn", "CONTENT_DISABLED"), ("relabelled", "CONTENT_LABELLED"), ("dismissed", "OTHER")],
)
def test_the_outcome_is_the_visibility(outcome: str, visibility: str) -> None:
    assert made(outcome)["decision_visibility"] == f"DECISION_VISIBILITY_{visibility}"


def test_a_decision_under_the_guideline_names_the_clause() -> None:
    row = made()
    assert row["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert (row["incompatible_content_ground"], row["incompatible_content_explanation"]) == (
        "Guideline 1.ii",
        "Because.",
    )
    assert (row["illegal_content_legal_ground"], row["illegal_content_explanation"]) == ("", "")
    assert row["source_type"] == "SOURCE_TYPE_OTHER_NOTIFICATION"


def test_a_decision_under_the_law_is_an_article_16_one() -> None:
    row = made(ground="law")
    assert row["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert (row["illegal_content_legal_ground"], row["illegal_content_explanation"]) == ("Because.", "Because.")
    assert (row["incompatible_content_ground"], row["incompatible_content_explanation"]) == ("", "")
    assert row["source_type"] == "SOURCE_ARTICLE_16"


def test_nothing_is_longer_than_the_database_takes() -> None:
    law, guideline = made(ground="law", message="x" * 6000), made(message="x" * 6000)
    assert len(law["illegal_content_legal_ground"]) == 500
    assert len(law["illegal_content_explanation"]) == len(guideline["incompatible_content_explanation"]) == 2000
    assert len(law["decision_facts"]) == 5000


@pytest.mark.parametrize("category", sorted(HARMS))
def test_every_category_has_its_row(category: str) -> None:
    row = made(category=category)
    assert tuple(row) == FIELDS
    assert row["category"].startswith("STATEMENT_CATEGORY_")
    assert row["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"


def test_a_category_without_keyword_specifies_nothing() -> None:
    assert made(category="privacy")["category_specification"] == ""
    assert made(category="fraud")["category_specification"] == "KEYWORD_PHISHING"


def test_what_the_database_has_no_value_for_is_told_in_words() -> None:
    assert made("dismissed")["decision_visibility_other"] == "None: the content stays as it is"
    assert made("withdrawn")["decision_visibility_other"] == made("relabelled")["decision_visibility_other"] == ""
    assert made(category="spam")["category_specification_other"] == "Spam"
    assert made(category="fraud")["category_specification_other"] == ""


@pytest.mark.parametrize(("lang", "told"), [("de", "DE"), ("", ""), ("d", ""), ("fil", "")])
def test_the_language_is_told_where_it_has_two_letters(lang: str, told: str) -> None:
    assert made(lang=lang)["content_language"] == told
