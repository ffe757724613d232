"""Figures in plain words."""

import pytest

from widget_server.rendering.evidence import LABELS, in_words, lines, share


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("disclosed_share", 0.9499, "94.9 %"),
        ("disclosed_share", 0.94999, "94.9 %"),
        ("disclosed_share", 0.983, "98.3 %"),
        ("disclosed_share", 1.0, "100.0 %"),
        ("disclosed_share", None, "none yet"),
        ("median_seconds", 7_500, "2 h 5 min"),
        ("decided_by_category", {"hate": 1200}, "Hate against a group of people: 1,200"),
        ("decided_by_category", {}, "none"),
        ("declared_purposes", ["customer_support", "gone"], "Customer support, gone"),
        ("declared_purposes", [], "none"),
        ("exempt_prompts", {"own": "acme since 2026-11-01"}, "own: acme since 2026-11-01"),
        ("report_control", "always", "from the first reader on"),
        ("responsible_named", False, "no"),
        ("held", 0, "0"),
        ("held_since", "2026-11-23", "2026-11-23"),
    ],
)
def test_a_figure_is_told_as_people_say_it(name: str, value: object, words: str) -> None:
    assert in_words(name, value) == words


def test_a_share_under_a_bound_never_seems_to_reach_it() -> None:
    assert [share(number / 1000) for number in (949, 950, 951)] == ["94.9 %", "95.0 %", "95.1 %"]


def test_what_belongs_together_stands_in_one_line() -> None:
    evidence = {
        "decisions_in_time": 3,
        "decisions_with_clock": 4,
        "first_decision_on": "2026-06-01",
        "last_decision_on": "2026-11-01",
    }
    assert list(lines(evidence)) == [
        ("Decided in time", "3 of 4"),
        ("First and last decision", "2026-06-01, 2026-11-01"),
    ]


def test_every_figure_of_a_clause_has_its_words() -> None:
    from dataclasses import replace

    from tests.rules.test_guideline import QUIET
    from widget_server.rules.guideline import assess
    from widget_server.rules.policy import Policy
    from widget_server.rules.provisions import evidence_of

    evidence = replace(QUIET, prompts=1, amended=1, expired=1, reports=1, late=1, first_views=2)
    told = [found.evidence for found in (*assess(Policy(), evidence), *evidence_of(Policy(), evidence))]
    assert {name for one in told for name in one} <= {*LABELS, "decisions_with_clock", "last_decision_on"}
