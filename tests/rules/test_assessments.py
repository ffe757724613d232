"""How a site stands, as plain JSON: for the page, for programs, for a report that is kept. See also test_evidence."""

import json
from dataclasses import replace

from tests.rules.test_guideline import QUIET
from widget_server.rules import assessments
from widget_server.rules.policy import Policy

SEEN = replace(QUIET, month=202611, viewers=7, impressions=10, disclosed_share=0.9)


def test_it_is_json_with_the_figures_of_its_month() -> None:
    told = json.loads(json.dumps(assessments.assessment(Policy(least_disclosed=90), SEEN)))
    assert told["month"] == "2026-11"
    assert told["figures"] == {
        "viewers": 7,
        "threshold": 100,
        "impressions": 10,
        "disclosed_share": 0.9,
        "least_disclosed_share": 0.9,
        "reports": 0,
        "decisions": 0,
        "median_seconds": None,
        "p90_seconds": None,
    }
    assert [guideline["code"] for guideline in told["guidelines"]] == ["ai21"]
