"""Evidence in, the state of every clause out."""

from dataclasses import replace
from datetime import date

import pytest

from widget_server.rules.declarations import DeclarationState, Declared
from widget_server.rules.guideline import Clause, ClauseState, Evidence, assess
from widget_server.rules.policy import Control, Policy

QUIET = Evidence(
    viewers=0,
    impressions=0,
    disclosed_share=None,
    pages_hiding_the_badge=0,
    waiting=0,
    urgent_waiting=0,
    decided_by_category={},
    held=0,
    approved=0,
    rejected=0,
)


def clause(number: str, policy: Policy = Policy(), **evidence: object) -> Clause:  # noqa: B008 (frozen)
    return next(found for found in assess(policy, replace(QUIET, **evidence)) if found.number == number)


def test_every_clause_is_there_in_order() -> None:
    assert [found.number for found in assess(Policy(), QUIET)] == [
        "1.i",
        "1.ii",
        "1.iii",
        "2.i",
        "2.ii",
        "2.iii",
        "3",
        "4",
        "5",
    ]


@pytest.mark.parametrize("number", ["1.i", "1.ii", "1.iii"])
def test_urgent_cases_that_wait_need_attention(number: str) -> None:
    assert clause(number).state is ClauseState.MET
    assert clause(number, urgent_waiting=1).state is ClauseState.ATTENTION
    assert clause(number, urgent_waiting=1).next_step


def test_decisions_are_evidence_of_their_clause() -> None:
    decided = {"hate": 2, "fraud": 3, "violence": 5, "profiling": 7, "bias": 11}
    assert clause("1.i", decided_by_category=decided).evidence["decided_by_category"] == {"hate": 2}
    assert clause("1.ii", decided_by_category=decided).evidence["decided_by_category"] == {"fraud": 3}
    assert clause("5", decided_by_category=decided).evidence["decided_by_category"] == {"profiling": 7}
    assert clause("4", decided_by_category=decided).evidence["decided_by_category"] == {"bias": 11}


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        ({}, ClauseState.ATTENTION),
        ({"held": 1, "approved": 1}, ClauseState.ATTENTION),
        ({"approved": 1}, ClauseState.MET),
        ({"rejected": 1}, ClauseState.MET),
    ],
)
def test_held_texts_need_attention(evidence: dict, state: ClauseState) -> None:
    assert clause("2.i", **evidence).state is state


@pytest.mark.parametrize(
    ("share", "state"),
    [
        (None, ClauseState.ATTENTION),
        (0.0, ClauseState.ATTENTION),
        (0.9499, ClauseState.ATTENTION),
        (0.95, ClauseState.MET),
        (1.0, ClauseState.MET),
    ],
)
def test_a_badge_that_is_often_hidden_needs_attention(share: float | None, state: ClauseState) -> None:
    assert clause("2.ii", disclosed_share=share).state is state


def test_cases_that_wait_need_attention() -> None:
    assert clause("2.iii").state is ClauseState.MET
    assert clause("2.iii", waiting=1).state is ClauseState.ATTENTION
    assert clause("2.iii", viewers=101).evidence["threshold_state"] == "required"
    assert clause("2.iii").evidence["threshold"] == 100


def test_prompts_have_their_threshold_as_evidence() -> None:
    assert clause("3").evidence == {"required_characters": 60}


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        ({}, ClauseState.ATTENTION),
        ({"prompts": 1, "shortest_prompt": 60}, ClauseState.MET),
        ({"prompts": 1, "exempt_prompts": {"own": "acme since 2026-11-01"}}, ClauseState.NOT_APPLICABLE),
        ({"prompts": 2, "exempt_prompts": {"own": "acme"}, "shortest_prompt": 60}, ClauseState.MET),
        ({"prompts": 2, "shortest_prompt": 60, "unsure_prompts": 1}, ClauseState.ATTENTION),
    ],
)
def test_registered_prompts_are_evidence(evidence: dict, state: ClauseState) -> None:
    found = clause("3", **evidence)
    assert found.state is state
    assert bool(found.next_step) is (state is ClauseState.ATTENTION)
    assert found.evidence.get("exempt_prompts", {}) == evidence.get("exempt_prompts", {})


def test_pages_that_hide_the_badge_are_evidence_of_disclosure() -> None:
    shown = clause("2.ii", impressions=10, disclosed_share=0.9, pages_hiding_the_badge=3)
    assert shown.evidence["pages_hiding_the_badge"] == 3
    assert shown.evidence["least_disclosed_share"] == 0.95
    assert "Viewers" in shown.next_step


def declared(state: DeclarationState) -> Declared:
    return Declared(("customer_support", "translation"), "Ada Lovelace", "Editor", date(2026, 11, 23), state)


@pytest.mark.parametrize(("number", "category"), [("4", "automated_decision"), ("5", "profiling")])
@pytest.mark.parametrize(
    ("state", "waiting", "found"),
    [
        (None, 0, ClauseState.NOT_MET),
        (None, 1, ClauseState.NOT_MET),
        (DeclarationState.CURRENT, 0, ClauseState.MET),
        (DeclarationState.CURRENT, 1, ClauseState.ATTENTION),
        (DeclarationState.RENEWAL_DUE, 0, ClauseState.ATTENTION),
        (DeclarationState.LAPSED, 0, ClauseState.NOT_MET),
        (DeclarationState.LAPSED, 1, ClauseState.NOT_MET),
    ],
)
def test_a_purpose_has_to_be_declared_and_what_is_reported_against_it_decided(
    number: str, category: str, state: DeclarationState | None, waiting: int, found: ClauseState
) -> None:
    shown = clause(number, declared=state and declared(state), waiting_by_category={category: waiting})
    assert shown.state is found
    assert bool(shown.next_step) is (found is not ClauseState.MET)


def test_who_declared_what_and_until_when_is_evidence() -> None:
    assert clause("4", declared=declared(DeclarationState.CURRENT)).evidence == {
        "declared_purposes": ["customer_support", "translation"],
        "signed_by": "Ada Lovelace, Editor",
        "signed_on": "2026-11-23",
        "renewal_due_on": "2027-11-23",
        "declaration": "current",
        "cases_waiting": 0,
        "decided_by_category": {},
    }
    nobody = clause("5").evidence
    assert (nobody["declared_purposes"], nobody["signed_by"], nobody["declaration"]) == ([], None, None)
    assert clause("5", waiting_by_category={"automated_decision": 1}).evidence["cases_waiting"] == 0


def test_an_owner_who_states_that_no_text_is_for_many_people_need_not_review() -> None:
    stated = Policy(small_audiences=True)
    assert clause("2.i", stated).state is ClauseState.NOT_APPLICABLE
    assert clause("2.i", stated, held=1).state is ClauseState.ATTENTION
    assert clause("2.i", stated, approved=1).state is ClauseState.MET


@pytest.mark.parametrize(
    ("viewers", "state"), [(0, ClauseState.NOT_APPLICABLE), (100, ClauseState.NOT_APPLICABLE), (101, ClauseState.MET)]
)
def test_reports_are_optional_below_the_threshold_where_the_owner_chose_so(viewers: int, state: ClauseState) -> None:
    assert clause("2.iii", Policy(control=Control.WHEN_REQUIRED), viewers=viewers).state is state
    assert clause("2.iii", viewers=viewers).state is ClauseState.MET


def test_a_site_that_follows_several_guidelines_is_held_to_each() -> None:
    policy = Policy(guidelines=("ai21", "openai", "anthropic"), least_disclosed=50)
    found = assess(policy, replace(QUIET, impressions=10, disclosed_share=0.5))
    assert [one.guideline for one in found] == ["ai21"] * 9 + ["openai"] * 3 + ["anthropic"] * 2
    assert {one.state for one in found if "isclosure" in one.number or one.number == "2.ii"} == {ClauseState.MET}
    assert all(one.asks.endswith(".") for one in found)
