"""Guidelines 4 and 5: what generated text is for, as its owner declares it, and what it may never be for.

The one table that desk, command line, API and `render` share. A code is what programs say, a name what people read.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from widget_server.rules import stream_safe


@dataclass(frozen=True, slots=True)
class Purpose:
    """What texts may be for. `careful`: wrong words can do great harm here, so the declaration has to give a reason."""

    code: str
    name: str
    meaning: str
    careful: bool = False


@dataclass(frozen=True, slots=True)
class Prohibited:
    """What texts may never be for, by which clause. `also`: other codes that say the same."""

    code: str
    clause: str
    name: str
    meaning: str
    also: tuple[str, ...] = ()


OTHER = "other"
PURPOSES: dict[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose("customer_support", "Customer support", "Answers questions about your products, orders and services."),
        Purpose("search_answers", "Answers from your own pages", "Tells what a search in your own material found."),
        Purpose("summarising", "Summaries", "Shortens texts that people wrote, with the original at hand."),
        Purpose("translation", "Translation", "Says a text again in another language."),
        Purpose("drafting", "Drafts", "Proposes letters, mails or posts that a person edits and sends."),
        Purpose("internal_documents", "Internal documents", "Minutes, notes and reports for people who work with you."),
        Purpose("product_description", "Product descriptions", "Says what an article in a shop is and does."),
        Purpose("marketing_copy", "Marketing", "Advertisements, newsletters and posts that promote something."),
        Purpose("news", "News", "Articles and overviews of what happens, for which an editor answers."),
        Purpose("education", "Learning", "Explains and gives exercises. It marks nobody and admits nobody."),
        Purpose("entertainment", "Entertainment", "Stories, games, characters, jokes."),
        Purpose("coding_help", "Help with programs", "Writes and explains code."),
        Purpose("accessibility", "Accessibility", "Plain language, captions, descriptions of pictures."),
        Purpose(
            "health_information", "Health", "Information on body, mind, food or medicine in general.", careful=True
        ),
        Purpose("legal_information", "Law", "Information on rights and duties in general.", careful=True),
        Purpose("financial_information", "Money", "Information on saving, credit or taxes in general.", careful=True),
        Purpose(OTHER, "Something else", "None of these: say in your own words what it is."),
    )
}

PROHIBITED: dict[str, Prohibited] = {
    prohibited.code: prohibited
    for prohibited in (
        Prohibited(
            "automated_decision",
            "4",
            "Deciding about people without a person",
            "Granting, refusing or ending something for somebody when no person decides.",
            ("automated_decisions", "automated_decision_making"),
        ),
        Prohibited(
            "applicant_scoring",
            "4",
            "Sifting applicants",
            "Rating or sorting out people who apply for work, for a place to learn or for a home.",
            ("scoring_applicants", "applicant_screening", "candidate_scoring", "cv_screening", "hiring", "admissions"),
        ),
        Prohibited(
            "worker_rating",
            "4",
            "Judging people at work",
            "Deciding on pay, shifts, promotion or dismissal.",
            ("employee_evaluation", "employee_scoring"),
        ),
        Prohibited(
            "credit_decision",
            "4",
            "Credit",
            "Deciding who gets a loan or an account, and on which terms.",
            ("credit_decisions", "credit_scoring", "loan_approval"),
        ),
        Prohibited(
            "insurance_decision",
            "4",
            "Insurance",
            "Deciding whom to insure, at which price, and what to pay for a loss.",
            ("insurance_decisions", "insurance_pricing", "underwriting"),
        ),
        Prohibited(
            "benefit_eligibility",
            "4",
            "Benefits",
            "Deciding who gets aid, allowances, housing or asylum.",
            ("eligibility", "benefits_eligibility", "eligibility_for_benefits", "welfare_eligibility"),
        ),
        Prohibited(
            "service_eligibility",
            "4",
            "Access to a service",
            "Deciding who may sign up, buy, enter or stay.",
            ("eligibility_for_services", "service_access"),
        ),
        Prohibited(
            "treatment_decision",
            "4",
            "Care and treatment",
            "Deciding who is treated, how, or how soon.",
            ("treatment_decisions", "triage"),
        ),
        Prohibited(
            "justice_decision",
            "4",
            "Police, courts and borders",
            "Deciding who is suspected, searched, sentenced or let in.",
            ("predictive_policing", "sentencing"),
        ),
        Prohibited(
            "social_scoring",
            "4",
            "Social scoring",
            "Rating people by how they live, with consequences for them.",
        ),
        Prohibited(
            "profiling",
            "5",
            "Profiling people",
            "Sorting or describing people by what the law protects.",
            ("profiling_people", "people_profiling", "classifying_people", "sorting_people"),
        ),
        Prohibited(
            "sorting_by_origin",
            "5",
            "Race or origin",
            "Sorting people by race, colour or ethnic origin.",
            ("sorting_by_race", "sorting_by_ethnicity", "racial_profiling"),
        ),
        Prohibited("sorting_by_religion", "5", "Religion", "Sorting people by religion or belief."),
        Prohibited(
            "sorting_by_politics", "5", "Politics", "Sorting people by political opinion or membership of a union."
        ),
        Prohibited(
            "sorting_by_health",
            "5",
            "Health",
            "Sorting people by illness, disability or other private facts about their health.",
            ("sorting_by_disability", "health_profiling"),
        ),
        Prohibited(
            "sorting_by_sexuality",
            "5",
            "Sex and gender",
            "Sorting people by sex, gender, orientation or sex life.",
            ("sorting_by_sex", "sorting_by_gender", "sorting_by_orientation"),
        ),
        Prohibited(
            "sorting_by_body",
            "5",
            "Face, voice and genes",
            "Guessing what somebody is like from face, voice, movement or genes.",
            ("biometric_categorisation", "biometric_categorization"),
        ),
    )
}
PROHIBITED_TITLES = {"4": "Deciding about people", "5": "Sorting people by what the law protects"}
CLAUSE_OF_DECLARATION = "4"
"""The first of the clauses for whose sake a site declares what its texts are for: named where that is not covered."""

TOLD_AT_ONCE = {"automated_decision": "decides about a person", "profiling": "sorts or profiles people"}
"""Report categories of which a site's owners hear at the first report on a text, and how they are told."""

_BY_ANY_CODE = {code: found for found in PROHIBITED.values() for code in (found.code, *found.also)}


@lru_cache
def code_of(purpose: str) -> str:
    """The code that somebody means by “Customer support” or “customer-support”."""
    return re.sub(r"[^a-z0-9]+", "_", stream_safe.normal("NFKC", purpose).casefold()).strip("_")


def prohibited(purpose: str | None) -> Prohibited | None:
    """What of the prohibited this purpose is; None if it is none of it."""
    return _BY_ANY_CODE.get(code_of(purpose or ""))


def covers(declared: Collection[str], purpose: str | None) -> bool:
    """Whether a declaration of these codes covers a purpose. Nothing said is covered: the declaration speaks for it.

    What is prohibited is covered by nothing.
    """
    return not (purpose or "").strip() or (code_of(purpose or "") in declared and prohibited(purpose) is None)


def refusal(purpose: str | None, declared: Collection[str] | None) -> tuple[str, str] | None:
    """The clause by which a purpose is refused, and why; None where it is not. `declared` None: nothing is declared."""
    if found := prohibited(purpose):
        return found.clause, f"Generated text may not be used for “{purpose}”: {found.meaning}"
    if declared is None or covers(declared, purpose):
        return None
    known = ", ".join(sorted(declared))
    return CLAUSE_OF_DECLARATION, f"“{purpose}” is not what this site declared its texts to be for: {known}."
