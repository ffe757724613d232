"""The clauses of the guideline: evidence in, state out. Nothing about it is stored; it is derived when asked."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from widget_server.rules.declarations import DeclarationState, Declared
from widget_server.rules.harms import HARMS
from widget_server.rules.prompts import REQUIRED_CHARACTERS
from widget_server.rules.publishing import MOST_PEOPLE_UNREVIEWED
from widget_server.rules.viewers import THRESHOLD, threshold_state

GOOD_DISCLOSURE = 0.95
"""A badge that fewer views than this share really showed needs the owner's attention."""


class ClauseState(StrEnum):
    MET = "met"
    ATTENTION = "attention"
    NOT_MET = "not met"
    NO_EVIDENCE = "no evidence yet"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is stored about one site and the guideline asks for. Counts, but for the share (None: no views).

    `prompts`: those in use; the shortest that is not exempt; those of which some conditions make a prompt that is too
    short; and those that are for a custom model, by name, with the model and the day. `declared`: what its texts
    are for; None: nobody has said. `waiting_by_category`: cases of which owners are told.
    """

    viewers: int
    impressions: int
    disclosed_share: float | None
    pages_hiding_the_badge: int
    waiting: int
    urgent_waiting: int
    decided_by_category: dict[str, int]
    held: int
    approved: int
    rejected: int
    prompts: int = 0
    shortest_prompt: int | None = None
    unsure_prompts: int = 0
    exempt_prompts: dict[str, str] = field(default_factory=dict)
    declared: Declared | None = None
    waiting_by_category: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: what it asks, how it stands, the figures that show it, and what to do next."""

    number: str
    title: str
    state: ClauseState
    evidence: dict[str, Any]
    next_step: str = ""


def clauses(evidence: Evidence) -> list[Clause]:
    """Every clause of the guideline for one site."""
    return [
        *(_prohibited(number, title, evidence) for number, title in _PROHIBITED_USES.items()),
        _review_before_publication(evidence),
        _disclosure(evidence),
        _reporting(evidence),
        _prompts(evidence),
        _declared_purpose("4", "No automated decisions about people", "automated_decision", evidence),
        _declared_purpose("5", "No sorting of people by protected characteristics", "profiling", evidence),
    ]


_PROHIBITED_USES = {
    "1.i": "No illegal use",
    "1.ii": "No harassment, intimidation, fraud or spam",
    "1.iii": "No misinformation, self-harm or violence",
}


def _prohibited(number: str, title: str, evidence: Evidence) -> Clause:
    decided = {code: count for code, count in evidence.decided_by_category.items() if HARMS[code].clause == number}
    attention = evidence.urgent_waiting > 0
    return Clause(
        number,
        title,
        ClauseState.ATTENTION if attention else ClauseState.MET,
        {"decided_by_category": decided, "urgent_cases_waiting": evidence.urgent_waiting},
        "Decide the urgent cases." if attention else "",
    )


def _review_before_publication(evidence: Evidence) -> Clause:
    figures = {
        "threshold_people": MOST_PEOPLE_UNREVIEWED,
        "held": evidence.held,
        "approved": evidence.approved,
        "rejected": evidence.rejected,
    }
    if evidence.held:
        return Clause(
            "2.i",
            "A person reviews what many people see",
            ClauseState.ATTENTION,
            figures,
            "Review the texts that are held.",
        )
    known = evidence.approved or evidence.rejected
    return Clause(
        "2.i",
        "A person reviews what many people see",
        ClauseState.MET if known else ClauseState.NO_EVIDENCE,
        figures,
        "" if known else "Pass audience to render for texts that many people see: they are held until reviewed.",
    )


def _disclosure(evidence: Evidence) -> Clause:
    share = evidence.disclosed_share
    figures = {
        "impressions": evidence.impressions,
        "disclosed_share": share,
        "pages_hiding_the_badge": evidence.pages_hiding_the_badge,
    }
    title = "The first person who sees a text knows that a machine wrote it"
    if share is None:
        return Clause(
            "2.ii", title, ClauseState.NO_EVIDENCE, figures, "Paste the tag: views are counted once it is there."
        )
    if share < GOOD_DISCLOSURE:
        return Clause(
            "2.ii",
            title,
            ClauseState.ATTENTION,
            figures,
            "See under Viewers which pages hide the badge, and what hides it there.",
        )
    return Clause("2.ii", title, ClauseState.MET, figures)


def _reporting(evidence: Evidence) -> Clause:
    return Clause(
        "2.iii",
        f"With more than {THRESHOLD} people a month, readers can report and are answered",
        ClauseState.ATTENTION if evidence.waiting else ClauseState.MET,
        {
            "unique_viewers_this_month": evidence.viewers,
            "threshold": THRESHOLD,
            "threshold_state": threshold_state(evidence.viewers),
            "report_control": "on",
            "cases_waiting": evidence.waiting,
        },
        "Decide the cases that wait." if evidence.waiting else "",
    )


def _prompts(evidence: Evidence) -> Clause:
    title = f"Prompts hold {REQUIRED_CHARACTERS} characters that users did not write"
    required = {"required_characters": REQUIRED_CHARACTERS}
    if not evidence.prompts:
        return Clause(
            "3",
            title,
            ClauseState.NO_EVIDENCE,
            required,
            "Register the prompts, or pass prompt_template to render: one that is too short is refused.",
        )
    figures = {
        **required,
        "registered_prompts": evidence.prompts,
        "shortest_prompt": evidence.shortest_prompt,
        "perhaps_too_short": evidence.unsure_prompts,
        "exempt_prompts": evidence.exempt_prompts,
    }
    if evidence.unsure_prompts:
        step = "See under Prompts which hold too little when their conditions are not met."
        return Clause("3", title, ClauseState.ATTENTION, figures, step)
    return Clause("3", title, ClauseState.MET, figures)


def _declared_purpose(number: str, title: str, category: str, evidence: Evidence) -> Clause:
    declared, waiting = evidence.declared, evidence.waiting_by_category.get(category, 0)
    state, next_step = _DECLARED[declared.state if declared else None]
    if waiting and state is not ClauseState.NOT_MET:
        state, next_step = ClauseState.ATTENTION, "Decide the cases that readers reported for this."
    decided = evidence.decided_by_category
    return Clause(
        number,
        title,
        state,
        {
            "declared_purposes": list(declared.purposes) if declared else [],
            "signed_by": f"{declared.signed_by}, {declared.role}" if declared else None,
            "signed_on": declared.signed_on.isoformat() if declared else None,
            "renewal_due_on": declared.due_on.isoformat() if declared else None,
            "declaration": declared.state if declared else None,
            "cases_waiting": waiting,
            "decided_by_category": {code: n for code, n in decided.items() if number in HARMS[code].clause.split(", ")},
        },
        next_step,
    )


_DECLARED = {
    None: (ClauseState.NOT_MET, "Declare what this site’s texts are for."),
    DeclarationState.LAPSED: (ClauseState.NOT_MET, "Sign the declaration of purpose again: it is over a year old."),
    DeclarationState.RENEWAL_DUE: (ClauseState.ATTENTION, "Sign the declaration of purpose for another year."),
    DeclarationState.CURRENT: (ClauseState.MET, ""),
}
