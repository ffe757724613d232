"""A part of what `python -m tests.chaos tokens` tries: no token but the right one opens anything."""

import pytest

from tests.chaos import tokens
from tests.chaos.tokens import RIGHT, WAYS


@pytest.mark.parametrize("kind", tokens.KINDS)
def test_no_token_opens_that_is_forged_replayed_foreign_or_expired(kind: str) -> None:
    row = tokens._row(tokens.KINDS[kind], 8)
    assert row[RIGHT] == {"tried": 1, "accepted": 1}
    wrong = {way: row[way] for way in WAYS if way in row}
    assert wrong
    assert wrong == {way: {"tried": 8, "accepted": 0} for way in wrong}
