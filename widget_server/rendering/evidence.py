"""The figures of an assessment (rules/assessments.py) in plain words, the same on the page and in a report."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from widget_server.rendering import files
from widget_server.rules import clocks
from widget_server.rules.purposes import PURPOSES

NONE = "none"
LABELS: dict[str, str] = {
    "decided_by_category": "Decisions until now",
    "urgent_cases_waiting": "Urgent cases that wait",
    "cases_waiting": "Cases that wait",
    "cases_late": "Of them late",
    "waiting_since": "The longest wait since",
    "decisions_this_month": "Decisions this month",
    "median_seconds": "Half of them within",
    "p90_seconds": "Nine of ten within",
    "decisions_in_time": "Decided in time",
    "first_decision_on": "First and last decision",
    "threshold_people": "Reviewed if more people may see it than",
    "held": "Texts that wait for a review",
    "held_since": "The longest wait since",
    "approved": "Approved",
    "rejected": "Rejected",
    "amended": "Approved in other words",
    "expired": "Whose review is over",
    "stated": "The owner states",
    "impressions": "Views this month",
    "disclosed_share": "With a visible badge",
    "least_disclosed_share": "At least, as the owner wants it",
    "pages_hiding_the_badge": "Pages that hide the badge",
    "first_views": "First views",
    "first_views_disclosed": "Of them with a visible badge",
    "unique_viewers_this_month": "Viewers this month",
    "threshold": "Required with more viewers than",
    "threshold_state": "Reports are",
    "report_control": "The report control is shown",
    "crossed_on": "Required since",
    "reports_this_month": "Reports this month",
    "required_characters": "Characters that a prompt must hold",
    "registered_prompts": "Prompts in use",
    "shortest_prompt": "Characters of the shortest",
    "perhaps_too_short": "Perhaps too short",
    "exempt_prompts": "For a custom model",
    "last_registered_on": "Last registered",
    "declared_purposes": "Declared purposes",
    "signed_by": "Signed by",
    "signed_on": "Signed on",
    "renewal_due_on": "To be renewed by",
    "declaration": "The declaration",
    "responsible_named": "Who answers for it is named",
    "good_faith_reports": "Of them in good faith, by law",
    "appeals_decided": "Appeals decided",
    "appeals_that_changed_it": "Of them with another outcome",
    "texts_restricted": "Texts taken back or relabelled this month",
}
_WORDS = {
    "below": "optional, below the threshold",
    "near": "optional, near the threshold",
    "required": "required",
    "always": "from the first reader on",
    "when_required": "when required",
    "current": "holds",
    True: "yes",
    False: "no",
}
_PAIRS = {
    "decisions_in_time": ("{:,} of {:,}", "decisions_with_clock"),
    "first_decision_on": ("{}, {}", "last_decision_on"),
}
"""Told together with another figure, which then has no line of its own."""


def lines(evidence: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What each figure is called, and how it is told, in the order of the evidence."""
    second = {other for _, other in _PAIRS.values()}
    for name, value in evidence.items():
        if name in _PAIRS:
            form, other = _PAIRS[name]
            yield LABELS[name], form.format(value, evidence[other])
        elif name not in second:
            yield LABELS.get(name, name.replace("_", " ").capitalize()), in_words(name, value)


def in_words(name: str, value: Any) -> str:
    """One figure: shares per cent, durations as people say them, codes by their names."""
    if value is None:
        return "none yet"
    if name.endswith("_share"):
        return share(value)
    if name.endswith("_seconds"):
        return clocks.words(timedelta(seconds=value))
    if name == "decided_by_category":
        return ", ".join(f"{_category(code)}: {number:,}" for code, number in value.items()) or NONE
    if name == "declared_purposes":
        return ", ".join(PURPOSES[code].name if code in PURPOSES else code for code in value) or NONE
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {told}" for key, told in value.items()) or NONE
    if isinstance(value, bool | str):
        return _WORDS.get(value, str(value))
    return f"{value:,}"


def share(value: float) -> str:
    """Rounded down, so that what is under a bound never seems to reach it."""
    return f"{int(value * 1000 + 1e-9) / 10:.1f} %"


def _category(code: str) -> str:
    return files.words(files.FALLBACK)["dialog"]["categories"].get(code, code)
