"""How the clauses of a site's guidelines stand: evidence in, state out. Derived when asked; nothing of it is stored."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from widget_server.rules.declarations import DeclarationState, Declared
from widget_server.rules.guidelines import GUIDELINES, Asked, Subject
from widget_server.rules.harms import HARMS
from widget_server.rules.policy import Control, Policy
from widget_server.rules.viewers import ThresholdState, threshold_state


class ClauseState(StrEnum):
    MET = "met"
    ATTENTION = "attention"
    NOT_MET = "not met"
    NOT_APPLICABLE = "not applicable"


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
    """One clause of a guideline (its code): how it stands, the figures that show it, and what to do next."""

    guideline: str
    number: str
    title: str
    asks: str
    state: ClauseState
    evidence: dict[str, Any]
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the evidence says of a clause."""

    state: ClauseState
    evidence: dict[str, Any]
    next_step: str = ""


def assess(policy: Policy, evidence: Evidence) -> list[Clause]:
    """Every clause of the guidelines that a site follows, in their order."""
    found = []
    for code in policy.guidelines:
        for asked in GUIDELINES[code].clauses:
            says = _ASSESSED[asked.subject](asked, policy, evidence)
            found.append(Clause(code, asked.number, asked.title, asked.asks, says.state, says.evidence, says.next_step))
    return found


def _prohibited(asked: Asked, _policy: Policy, evidence: Evidence) -> _Found:
    decided = {code: n for code, n in evidence.decided_by_category.items() if HARMS[code].clause == asked.number}
    figures = {"decided_by_category": decided, "urgent_cases_waiting": evidence.urgent_waiting}
    if evidence.urgent_waiting:
        return _Found(ClauseState.ATTENTION, figures, "Decide the urgent cases.")
    return _Found(ClauseState.MET, figures)


def _review(_asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    figures = {
        "threshold_people": policy.limits.people_unreviewed,
        "held": evidence.held,
        "approved": evidence.approved,
        "rejected": evidence.rejected,
    }
    if evidence.held:
        return _Found(ClauseState.ATTENTION, figures, "Review the texts that are held.")
    if evidence.approved or evidence.rejected:
        return _Found(ClauseState.MET, figures)
    if policy.small_audiences:
        return _Found(ClauseState.NOT_APPLICABLE, figures | {"stated": "no text is for so many people"})
    return _Found(
        ClauseState.ATTENTION,
        figures,
        "Pass audience to render for texts that many people see: they are held until reviewed. "
        "If there are none, say so in the site’s policy.",
    )


def _disclosure(_asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    share = evidence.disclosed_share
    figures = {
        "impressions": evidence.impressions,
        "disclosed_share": share,
        "least_disclosed_share": policy.least_disclosed / 100,
        "pages_hiding_the_badge": evidence.pages_hiding_the_badge,
    }
    if share is None:
        return _Found(ClauseState.ATTENTION, figures, "Paste the tag: views are counted once it is there.")
    if share * 100 < policy.least_disclosed:
        step = "See under Viewers which pages hide the badge, and what hides it there."
        return _Found(ClauseState.ATTENTION, figures, step)
    return _Found(ClauseState.MET, figures)


def _reporting(_asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    standing = threshold_state(evidence.viewers, limits=policy.limits)
    figures = {
        "unique_viewers_this_month": evidence.viewers,
        "threshold": policy.limits.viewers_unreported,
        "threshold_state": standing,
        "report_control": policy.control,
        "cases_waiting": evidence.waiting,
    }
    if evidence.waiting:
        return _Found(ClauseState.ATTENTION, figures, "Decide the cases that wait.")
    if policy.control is Control.WHEN_REQUIRED and standing is not ThresholdState.REQUIRED:
        return _Found(ClauseState.NOT_APPLICABLE, figures)
    return _Found(ClauseState.MET, figures)


def _prompts(_asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    figures: dict[str, Any] = {"required_characters": policy.limits.prompt_characters}
    if not evidence.prompts:
        step = "Register the prompts, or pass prompt_template to render: one that is too short is refused."
        return _Found(ClauseState.ATTENTION, figures, step)
    figures |= {
        "registered_prompts": evidence.prompts,
        "shortest_prompt": evidence.shortest_prompt,
        "perhaps_too_short": evidence.unsure_prompts,
        "exempt_prompts": evidence.exempt_prompts,
    }
    if evidence.unsure_prompts:
        step = "See under Prompts which hold too little when their conditions are not met."
        return _Found(ClauseState.ATTENTION, figures, step)
    exempt = len(evidence.exempt_prompts) == evidence.prompts
    return _Found(ClauseState.NOT_APPLICABLE if exempt else ClauseState.MET, figures)


def _purpose(category: str) -> Callable[[Asked, Policy, Evidence], _Found]:
    def found(asked: Asked, _policy: Policy, evidence: Evidence) -> _Found:
        declared, waiting = evidence.declared, evidence.waiting_by_category.get(category, 0)
        state, next_step = _DECLARED[declared.state if declared else None]
        if waiting and state is not ClauseState.NOT_MET:
            state, next_step = ClauseState.ATTENTION, "Decide the cases that readers reported for this."
        figures = {
            "declared_purposes": list(declared.purposes) if declared else [],
            "signed_by": f"{declared.signed_by}, {declared.role}" if declared else None,
            "signed_on": declared.signed_on.isoformat() if declared else None,
            "renewal_due_on": declared.due_on.isoformat() if declared else None,
            "declaration": declared.state if declared else None,
            "cases_waiting": waiting,
            "decided_by_category": {
                code: n
                for code, n in evidence.decided_by_category.items()
                if asked.number in HARMS[code].clause.split(", ")
            },
        }
        return _Found(state, figures, next_step)

    return found


_DECLARED = {
    None: (ClauseState.NOT_MET, "Declare what this site’s texts are for."),
    DeclarationState.LAPSED: (ClauseState.NOT_MET, "Sign the declaration of purpose again: it is over a year old."),
    DeclarationState.RENEWAL_DUE: (ClauseState.ATTENTION, "Sign the declaration of purpose for another year."),
    DeclarationState.CURRENT: (ClauseState.MET, ""),
}
_ASSESSED: dict[Subject, Callable[[Asked, Policy, Evidence], _Found]] = {
    Subject.PROHIBITED: _prohibited,
    Subject.REVIEW: _review,
    Subject.DISCLOSURE: _disclosure,
    Subject.REPORTING: _reporting,
    Subject.PROMPTS: _prompts,
    Subject.DECISIONS: _purpose("automated_decision"),
    Subject.PROFILING: _purpose("profiling"),
}
