"""Guidelines 4 and 5."""

import pytest

from widget_server.rules.purposes import prohibited_by


@pytest.mark.parametrize(
    ("purpose", "clause"),
    [("automated_decision", "4"), ("profiling", "5"), ("customer_help", None), ("", None), (None, None)],
)
def test_a_purpose_is_prohibited_by_its_clause(purpose: str | None, clause: str | None) -> None:
    assert prohibited_by(purpose) == clause
