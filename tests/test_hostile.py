"""A part of what `python -m tests.chaos hostile` tries: hostile strings through every door."""

import logging

import pytest

from tests.chaos import hostile


@pytest.mark.parametrize("part", hostile.PARTS)
def test_no_hostile_input_breaks_a_door_or_is_stored_against_its_answer(part: str) -> None:
    try:
        found = hostile.tried(part, most=6)
    finally:
        logging.disable(logging.NOTSET)
    assert found["examples"] == []
    assert found["doors"]
