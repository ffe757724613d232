"""A part of what `python -m tests.hostile` tries: hostile strings through every door."""

from flask import Flask

from tests import hostile
from tests.conftest import Desk, Page


def test_no_hostile_input_breaks_a_door_or_is_stored_against_its_answer(app: Flask, news: Page, desk: Desk) -> None:
    tally = hostile.run(app, news, desk, every=100)
    print(dict(tally.tried), tally.tried.total())
    assert tally.broken == []
    assert len(tally.tried) >= 17
