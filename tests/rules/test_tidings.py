"""What owners are written about their viewers."""

import pytest

from widget_server.rules.events import Event, about_viewers
from widget_server.rules.tidings import letter

PAGE = "https://widget.example/admin/viewers"
CAME = "2026-11-23 12:00 UTC"
TOLD = {"month": "2026-11", "threshold": 100, "application": "", "at": CAME}


def written(event: Event, **told: object) -> tuple[str, str]:
    return letter(event, about_viewers(clause="2.iii", **{**TOLD, **told}), site="News", page=PAGE)


@pytest.mark.parametrize(
    ("event", "told", "subject", "body"),
    [
        (
            Event.THRESHOLD_PROJECTED,
            {"viewers": 140, "report": "off"},
            "News heads for 140 viewers in 2026-11",
            ["News will have 140", "It comes by itself with viewer 101"],
        ),
        (
            Event.THRESHOLD_NEAR,
            {"viewers": 80, "report": "on"},
            "News has 80 viewers in 2026-11, near the threshold",
            [f"Viewer 80 of News came on {CAME}", "With more than 100 viewers", "Readers see the report control."],
        ),
        (
            Event.THRESHOLD_REQUIRED,
            {"viewers": 101, "report": "on"},
            "Readers of News must be able to report: viewer 101 in 2026-11",
            [f"Viewer 101 of News came on {CAME}", "guideline 2.iii", "stays on until a full month was below"],
        ),
        (
            Event.REPORT_OFF,
            {"report": "off"},
            "The report control of News is off",
            [f"Since {CAME}", "Neither this month nor the one before had more than 100", "with viewer 101"],
        ),
        (
            Event.REPORT_OFF,
            {"report": "off", "threshold": None},
            "The report control of News is off",
            ["Its guidelines name no number"],
        ),
        (
            Event.DISCLOSURE_LOW,
            {"share": 72.5, "least": 95, "impressions": 12_000},
            "Too few readers of News can see the badge: 72.5 %",
            ["On 72.5 % of 12,000 views", "less than 95 %"],
        ),
    ],
)
def test_a_letter_tells_what_happened_and_where_to_look(
    event: Event, told: dict, subject: str, body: list[str]
) -> None:
    written_subject, written_body = written(event, **told)
    assert written_subject == subject
    assert all(part in written_body for part in body), written_body
    assert PAGE in written_body


def test_an_application_is_named() -> None:
    _, body = written(Event.THRESHOLD_REQUIRED, viewers=101, report="on", application="The paper")
    assert "Viewer 101 of News and the other sites of “The paper” came" in body
