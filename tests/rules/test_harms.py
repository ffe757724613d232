"""The table of categories."""

import re

import pytest

from widget_server.rules.harms import ADDRESS, CHOICES, HARMS, LIMITS, WITHHELD, for_widget


def test_every_category_is_reached_by_exactly_one_choice() -> None:
    reached = [code for under in CHOICES.values() for code in under]
    assert sorted(reached) == sorted(HARMS)


def test_a_choice_preselects_its_own_category() -> None:
    assert all(choice == under[0] for choice, under in CHOICES.items())


def test_the_urgent_categories_are_these() -> None:
    assert {code for code, harm in HARMS.items() if harm.urgent} == {
        "child_sexual",
        "self_harm",
        "intimidation",
        "violence",
    }


def test_only_reporters_of_child_sexual_abuse_are_never_identified() -> None:
    assert {code for code, harm in HARMS.items() if not harm.identity} == {"child_sexual"}


def test_every_category_belongs_to_a_clause_of_the_guideline() -> None:
    assert {harm.clause for harm in HARMS.values()} == {"1.i", "1.ii", "1.iii", "2.ii", "2.iii", "2.iii, 4", "4", "5"}


def test_the_widget_is_told_everything_it_needs() -> None:
    told = for_widget(mail=True)
    assert told["mail"] is True
    assert told["choices"][0] == ["misinformation", "invented_facts", "dangerous_advice"]
    assert told["anonymous"] == ["child_sexual"]
    assert LIMITS == {"text": 50_000, "comment": 4_000, "email": 254, "quote": 5_000, "context": 64}
    assert told["limits"] == {**LIMITS, "email": ADDRESS}


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("reader@example.org", True),
        ("a.reader@mail.example.org", True),
        ("reader@gmail", False),
        ("a.reader@gmail", False),
        (".reader@example.org", False),
        ("reader.@example.org", False),
        ("a..reader@example.org", False),
        ("reader@example.or", True),
        ("reader@example.o", False),
        ("reader@उदाहरण.भारत", True),
        ("r" * 242 + "@example.org", True),
    ],
)
def test_an_address_that_mail_can_go_to_is_told_from_a_slip(address: str, fits: bool) -> None:
    assert bool(re.fullmatch(ADDRESS, address)) is fits


def test_what_is_a_crime_to_have_is_never_handed_on() -> None:
    assert WITHHELD == ("child_sexual",)
