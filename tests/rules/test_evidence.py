"""Decisions gathered under the clauses that they belong to, and what a month's assessment says of them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.rules.test_guideline import QUIET
from widget_server.rules import assessments
from widget_server.rules.declarations import DeclarationState, Declared
from widget_server.rules.evidence import ALL, Decided, Done, Past, Rulings, by_clause
from widget_server.rules.guideline import Place, assess
from widget_server.rules.policy import Policy

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def past(at: datetime, who: str = "ada@news.example") -> Past:
    return Past(1, at, Done(who, at))


def test_a_decision_counts_under_each_clause_of_its_category() -> None:
    found = by_clause([Decided("bias", NOON)], {"bias": past(NOON)})
    assert found.keys() == {ALL, "2.iii", "4"}
    assert {rulings.count for rulings in found.values()} == {1}
    assert by_clause([], {}) == {}


def test_half_and_nine_of_ten_of_the_waits_are_told() -> None:
    decided = [Decided("fraud", NOON, NOON - hours * HOUR) for hours in range(1, 11)]
    found = by_clause([*decided, Decided("fraud", NOON)], {"fraud": past(NOON)})["1.ii"]
    assert (found.count, found.median, found.p90) == (11, 5 * HOUR, 9 * HOUR)
    nobody = by_clause([Decided("fraud", NOON)], {"fraud": past(NOON)})[ALL]
    assert (nobody.count, nobody.median, nobody.p90) == (1, None, None)


def test_what_is_decided_at_the_very_moment_is_in_time() -> None:
    decided = [
        Decided("hate", NOON, due_at=NOON),
        Decided("hate", NOON, due_at=NOON - timedelta(microseconds=1)),
        Decided("hate", NOON),
    ]
    found = by_clause(decided, {"hate": past(NOON)})["1.i"]
    assert (found.clocked, found.in_time) == (2, 1)


def test_the_first_and_the_last_decision_are_of_all_times_and_categories() -> None:
    old, new = past(NOON - 900 * HOUR), past(NOON, "bob@news.example")
    found = by_clause([], {"fraud": new, "spam": old})["1.ii"]
    assert (found.count, found.first, found.last) == (0, old.first, new.last)


def test_a_late_case_comes_before_one_that_waits() -> None:
    for late, place in ((0, Place.WAITING), (1, Place.LATE)):
        found = next(one for one in assess(Policy(), replace(QUIET, waiting=2, late=late)) if one.number == "2.iii")
        assert found.place is place


def test_whose_review_is_over_waits_for_a_new_one() -> None:
    for evidence, place in (({"expired": 1, "approved": 1}, Place.PUBLICATIONS), ({"amended": 1, "approved": 1}, None)):
        found = next(one for one in assess(Policy(), replace(QUIET, **evidence)) if one.number == "2.i")
        assert found.place is place
        assert found.evidence.items() >= evidence.items()


def test_each_next_step_has_its_place() -> None:
    for evidence in (
        QUIET,
        replace(QUIET, urgent_waiting=1, waiting=1, held=1, disclosed_share=0.1, prompts=1, unsure_prompts=1),
    ):
        for found in assess(Policy(guidelines=("ai21", "openai", "anthropic")), evidence):
            assert bool(found.place) is bool(found.next_step), found.number


def test_an_assessment_is_plain_and_can_be_kept_without_naming_anybody() -> None:
    declared = Declared(("customer_support",), "Ada Lovelace", "Owner", date(2026, 11, 1), DeclarationState.CURRENT)
    rulings = by_clause([Decided("fraud", NOON, NOON - HOUR, NOON)], {"fraud": past(NOON)})
    evidence = replace(QUIET, month=202611, declared=declared, rulings=rulings, reviewed=Done("bob@news.example", NOON))
    told = assessments.assessment(Policy(), evidence)
    assert json.loads(json.dumps(told)) == told
    assert (told["month"], told["figures"]["median_seconds"], told["figures"]["decisions"]) == ("2026-11", 3600, 1)
    assert told["guidelines"] == [
        {
            "code": "ai21",
            "provider": "AI21",
            "name": "Responsible use",
            "version": "2026-11",
            "source": "AI21 Studio, Responsible use",
        }
    ]
    assert all(name in json.dumps(told) for name in ("Ada Lovelace", "ada@", "bob@"))
    kept = assessments.without_persons(told)
    assert not any(name in json.dumps(kept) for name in ("Ada Lovelace", "ada@", "bob@"))
    assert assessments.states(kept) == assessments.states(told)
    assert kept["clauses"][1]["decided_by"] == [
        {"what": "Last decision", "who": None, "at": "2026-11-23T12:00:00+00:00"}
    ]


def test_states_are_counted_the_worst_first() -> None:
    told = assessments.assessment(Policy(), replace(QUIET, month=202611))
    assert assessments.by_state(told) == {"not met": 2, "attention": 3, "met": 4}
    assert list(assessments.by_state(told)) == ["not met", "attention", "met"]


def test_waits_are_told_in_whole_seconds() -> None:
    rulings = {ALL: Rulings(count=1, median=timedelta(seconds=1.9), p90=timedelta(0))}
    told = assessments.assessment(Policy(), replace(QUIET, month=202611, rulings=rulings))
    assert (told["figures"]["median_seconds"], told["figures"]["p90_seconds"]) == (1, 0)
