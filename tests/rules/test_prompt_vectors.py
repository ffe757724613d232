"""The prompt check over templates of many shapes. Each row of the fixture has its fixed text and its count by hand."""

import json
from pathlib import Path

import pytest

from widget_server.rules.prompts import check

ROWS = json.loads((Path(__file__).parent.parent / "vectors" / "prompts.json").read_text(encoding="utf-8"))


def test_there_are_more_than_two_hundred_of_them_and_their_counts_are_those_of_their_fixed_texts() -> None:
    assert len(ROWS) > 200
    assert [row["shape"] for row in ROWS if len(row["fixed"]) != row["count"]] == []
    assert len({row["shape"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["shape"])
def test_what_a_template_holds_is_what_was_counted_by_hand(row: dict) -> None:
    found = check(row["template"], syntax=row.get("syntax", "any"))
    assert (found.fixed_characters, found.ok) == (row["count"], row["ok"]), found
    assert bool(found.problem) == row.get("problem", False), found.problem
    assert "".join(found.parts).replace(" ", "") == row["fixed"].replace(" ", "")
    if not found.problem:
        assert found.always_characters == row.get("always", row["count"])
        assert found.fixed_words == len(row["fixed"].split())
    if not found.ok:
        assert found.clause == "3"
        assert found.detail
