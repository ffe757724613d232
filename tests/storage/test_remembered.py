"""Viewers who cost no statement, because this process has stored them."""

import random

from widget_server.storage.remembered import PLACES, Remembered

LEAST, MOST = -(2**63), 2**63 - 1


def test_nobody_is_remembered_who_did_not_come():
    remembered = Remembered()
    assert not any(key in remembered for key in (0, 1, -1, PLACES, LEAST, MOST))
    remembered.add(5)
    assert not any(key in remembered for key in (5 + PLACES, 5 - PLACES, -5))


def test_whoever_came_is_remembered():
    remembered = Remembered()
    for key in (0, 1, -1, LEAST, MOST):
        remembered.add(key)
        assert key in remembered


def test_who_comes_to_a_taken_place_takes_it():
    remembered = Remembered()
    remembered.add(7)
    remembered.add(7 + PLACES)
    assert (7 in remembered, 7 + PLACES in remembered) == (False, True)


def test_most_of_300_000_are_remembered():
    remembered, chance = Remembered(), random.Random(1)
    came = [chance.randint(LEAST, MOST) for _ in range(300_000)]
    for key in came:
        remembered.add(key)
    assert 0.86 < sum(key in remembered for key in came) / len(came) < 0.88


def test_all_can_be_forgotten():
    remembered = Remembered()
    remembered.add(7)
    remembered.forget()
    assert 7 not in remembered
