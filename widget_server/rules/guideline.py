"""How the clauses of a site's guidelines stand: evidence in, state out. Derived when asked; nothing of it is stored."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from widget_server.rules.declarations import DeclarationState
from widget_server.rules.evidence import ALL, Done, Evidence, Rulings
from widget_server.rules.guidelines import GUIDELINES, Asked, Limits, Subject
from widget_server.rules.harms import HARMS
from widget_server.rules.policy import Control, Policy
from widget_server.rules.viewers import ThresholdState, threshold_state


class ClauseState(StrEnum):
    MET = "met"
    ATTENTION = "attention"
    NOT_MET = "not met"
    NOT_APPLICABLE = "not applicable"


class Place(StrEnum):
    """Where at the desk a next step is taken."""

    URGENT = "urgent"
    LATE = "late"
    WAITING = "waiting"
    PUBLICATIONS = "publications"
    VIEWERS = "viewers"
    PROMPTS = "prompts"
    PURPOSE = "purpose"
    SITES = "sites"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a guideline (its code): how it stands, the figures that show it, and what to do next.

    `place`: where that is done. `people`: who decided what last, such as {"Last decision": …}.
    """

    guideline: str
    number: str
    title: str
    asks: str
    state: ClauseState
    evidence: dict[str, Any]
    next_step: str = ""
    place: Place | None = None
    people: dict[str, Done] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the evidence says of a clause."""

    state: ClauseState
    evidence: dict[str, Any]
    next_step: str = ""
    place: Place | None = None
    people: dict[str, Done] = field(default_factory=dict)


def assess(policy: Policy, evidence: Evidence) -> list[Clause]:
    """Every clause of the guidelines that a site follows, in their order."""
    found = []
    for code in policy.guidelines:
        for asked in GUIDELINES[code].clauses:
            says = _ASSESSED[asked.subject](asked, policy, evidence)
            found.append(
                Clause(
                    code,
                    asked.number,
                    asked.title,
                    asked.asks,
                    says.state,
                    says.evidence,
                    says.next_step,
                    says.place,
                    says.people,
                )
            )
    return found


def limits_of_viewers(policy: Policy, evidence: Evidence) -> Limits:
    """What the month's viewers are judged by."""
    return evidence.limits or policy.limits


def waits(rulings: Rulings | None) -> dict[str, Any]:
    """Since when there are decisions, and how long those of the month took, where there are any."""
    if rulings is None:
        return {}
    found: dict[str, Any] = {"decisions_this_month": rulings.count}
    if rulings.median is not None and rulings.p90 is not None:
        found |= {
            "median_seconds": rulings.median // timedelta(seconds=1),
            "p90_seconds": rulings.p90 // timedelta(seconds=1),
        }
    if rulings.clocked:
        found |= {"decisions_in_time": rulings.in_time, "decisions_with_clock": rulings.clocked}
    if rulings.first and rulings.last:
        found |= {"first_decision_on": _day(rulings.first), "last_decision_on": _day(rulings.last.at)}
    return found


def _last(rulings: Rulings | None) -> dict[str, Done]:
    return {"Last decision": rulings.last} if rulings and rulings.last else {}


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _prohibited(asked: Asked, _policy: Policy, evidence: Evidence) -> _Found:
    decided = {code: n for code, n in evidence.decided_by_category.items() if HARMS[code].clause == asked.number}
    rulings = evidence.rulings.get(asked.number)
    figures = {"decided_by_category": decided, "urgent_cases_waiting": evidence.urgent_waiting} | waits(rulings)
    people = _last(rulings)
    if evidence.urgent_waiting:
        return _Found(ClauseState.ATTENTION, figures, "Decide the urgent cases.", Place.URGENT, people)
    return _Found(ClauseState.MET, figures, people=people)


def _review(_asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    figures: dict[str, Any] = {
        "threshold_people": policy.limits.people_unreviewed,
        "held": evidence.held,
        "approved": evidence.approved,
        "rejected": evidence.rejected,
    }
    if evidence.amended:
        figures["amended"] = evidence.amended
    if evidence.expired:
        figures["expired"] = evidence.expired
    if evidence.held_since:
        figures["held_since"] = _day(evidence.held_since)
    people = {"Last review": evidence.reviewed} if evidence.reviewed else {}
    if evidence.held or evidence.expired:
        return _Found(ClauseState.ATTENTION, figures, "Review the texts that are held.", Place.PUBLICATIONS, people)
    if evidence.approved or evidence.rejected:
        return _Found(ClauseState.MET, figures, people=people)
    if policy.small_audiences:
        figures["stated"] = "no text is for so many people"
        return _Found(ClauseState.NOT_APPLICABLE, figures, people=people)
    return _Found(
        ClauseState.ATTENTION,
        figures,
        "Pass audience to render for texts that many people see: they are held until reviewed. "
        "If there are none, say so in the site’s policy.",
        Place.SITES,
        people,
    )


def _disclosure(asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    share = evidence.disclosed_share
    figures: dict[str, Any] = {
        "impressions": evidence.impressions,
        "disclosed_share": share,
        "least_disclosed_share": policy.least_disclosed / 100,
        "pages_hiding_the_badge": evidence.pages_hiding_the_badge,
    }
    if evidence.first_views:
        figures |= {"first_views": evidence.first_views, "first_views_disclosed": evidence.first_views_disclosed}
    people = _last(evidence.rulings.get(asked.number))
    if share is None:
        step = "Paste the tag: views are counted once it is there."
        return _Found(ClauseState.ATTENTION, figures, step, Place.SITES, people)
    if share < policy.least_disclosed / 100:
        step = "See under Viewers which pages hide the badge, and what hides it there."
        return _Found(ClauseState.ATTENTION, figures, step, Place.VIEWERS, people)
    return _Found(ClauseState.MET, figures, people=people)


def _reporting(_asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    limits = limits_of_viewers(policy, evidence)
    standing = threshold_state(evidence.viewers, limits=limits)
    rulings = evidence.rulings.get(ALL)
    figures: dict[str, Any] = {
        "unique_viewers_this_month": evidence.viewers,
        "threshold": limits.viewers_unreported,
        "threshold_state": standing,
        "report_control": policy.control,
        "cases_waiting": evidence.waiting,
    }
    if evidence.crossed_on:
        figures["crossed_on"] = evidence.crossed_on.isoformat()
    if evidence.reports:
        figures["reports_this_month"] = evidence.reports
    if evidence.late:
        figures["cases_late"] = evidence.late
    if evidence.waiting_since:
        figures["waiting_since"] = _day(evidence.waiting_since)
    figures |= waits(rulings)
    people = _last(rulings)
    if evidence.late:
        return _Found(ClauseState.ATTENTION, figures, "Decide the cases that are late.", Place.LATE, people)
    if evidence.waiting:
        return _Found(ClauseState.ATTENTION, figures, "Decide the cases that wait.", Place.WAITING, people)
    if policy.control is Control.WHEN_REQUIRED and standing is not ThresholdState.REQUIRED:
        return _Found(ClauseState.NOT_APPLICABLE, figures, people=people)
    return _Found(ClauseState.MET, figures, people=people)


def _prompts(_asked: Asked, policy: Policy, evidence: Evidence) -> _Found:
    figures: dict[str, Any] = {"required_characters": policy.limits.prompt_characters}
    if not evidence.prompts:
        step = "Register the prompts, or pass prompt_template to render: one that is too short is refused."
        return _Found(ClauseState.ATTENTION, figures, step, Place.PROMPTS)
    figures |= {
        "registered_prompts": evidence.prompts,
        "shortest_prompt": evidence.shortest_prompt,
        "perhaps_too_short": evidence.unsure_prompts,
        "exempt_prompts": evidence.exempt_prompts,
    }
    if evidence.prompts_changed:
        figures["last_registered_on"] = _day(evidence.prompts_changed)
    if evidence.unsure_prompts:
        step = "See under Prompts which hold too little when their conditions are not met."
        return _Found(ClauseState.ATTENTION, figures, step, Place.PROMPTS)
    all_exempt = evidence.shortest_prompt is None
    return _Found(ClauseState.NOT_APPLICABLE if all_exempt else ClauseState.MET, figures)


def _purpose(category: str) -> Callable[[Asked, Policy, Evidence], _Found]:
    def found(asked: Asked, _policy: Policy, evidence: Evidence) -> _Found:
        declared, waiting = evidence.declared, evidence.waiting_by_category.get(category, 0)
        state, next_step = _DECLARED[declared.state if declared else None]
        place = Place.PURPOSE if next_step else None
        if waiting and state is not ClauseState.NOT_MET:
            state, next_step = ClauseState.ATTENTION, "Decide the cases that readers reported for this."
            place = Place.WAITING
        rulings = evidence.rulings.get(asked.number)
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
        return _Found(state, figures | waits(rulings), next_step, place, _last(rulings))

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
