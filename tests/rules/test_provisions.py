"""What laws and stores ask, and how much evidence there is of it; never whether it is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.rules.test_guideline import QUIET
from widget_server.rules.evidence import ALL, Rulings
from widget_server.rules.policy import Policy
from widget_server.rules.provisions import Found, Shown, evidence_of

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
DECIDED = {ALL: Rulings(count=3, clocked=2, in_time=2, median=timedelta(hours=1), p90=timedelta(hours=2), first=AT)}
LATE = {ALL: Rulings(count=3, clocked=2, in_time=1)}


def provision(number: str, policy: Policy = Policy(), **evidence: object) -> Found:  # noqa: B008 (frozen)
    return next(found for found in evidence_of(policy, replace(QUIET, **evidence)) if found.provision.number == number)


def test_every_rule_is_there_in_order_and_says_what_there_is_here() -> None:
    found = evidence_of(Policy(), QUIET)
    assert [(one.provision.source, one.provision.number) for one in found] == [
        *(("EU AI Act", f"Art. 50({number})") for number in (1, 2, 4, 5)),
        *(("DSA", f"Art. 16({number})") for number in (1, 2, 4, 5, 6)),
        *(("DSA", f"Art. 17({number})") for number in (1, 3)),
        ("Google Play", "AI-generated content"),
        ("OpenAI", "Human in the loop"),
        ("OpenAI", "Report issues"),
    ]
    assert all(one.provision.asks.endswith(".") and one.here.endswith(".") for one in found)
    assert {one.shown for one in found} == {Shown.NOTHING}
    assert not any("compl" in f"{one.here} {one.shown}" for one in found)


SEEN = {"impressions": 100, "disclosed_share": 0.95}


@pytest.mark.parametrize(
    ("number", "evidence", "shown"),
    [
        ("Art. 50(1)", SEEN, Shown.SHOWN),
        ("Art. 50(1)", SEEN | {"disclosed_share": 0.9499}, Shown.IN_PART),
        ("Art. 50(2)", SEEN, Shown.SHOWN),
        ("Art. 50(4)", SEEN, Shown.SHOWN),
        ("Art. 50(4)", SEEN | {"disclosed_share": 0.5}, Shown.IN_PART),
        ("Art. 50(4)", {"approved": 1}, Shown.NOTHING),
        ("Art. 50(5)", SEEN, Shown.SHOWN),
        ("Art. 50(5)", SEEN | {"pages_hiding_the_badge": 1}, Shown.IN_PART),
        ("Art. 16(1)", SEEN, Shown.SHOWN),
        ("Art. 16(1)", {"reports": 1}, Shown.SHOWN),
        ("Art. 16(2)", {"reports": 1}, Shown.SHOWN),
        ("Art. 16(2)", SEEN, Shown.NOTHING),
        ("Art. 16(4)", {"reports": 1}, Shown.SHOWN),
        ("Art. 16(5)", {"rulings": DECIDED}, Shown.SHOWN),
        ("Art. 16(5)", {"rulings": DECIDED, "late": 1}, Shown.IN_PART),
        ("Art. 16(5)", {"rulings": LATE}, Shown.SHOWN),
        ("Art. 16(6)", {"rulings": DECIDED}, Shown.SHOWN),
        ("Art. 16(6)", {"rulings": LATE}, Shown.IN_PART),
        ("Art. 17(1)", {"restricted": 1}, Shown.SHOWN),
        ("Art. 17(3)", {"restricted": 1}, Shown.SHOWN),
        ("AI-generated content", {"reports": 1}, Shown.SHOWN),
        ("Human in the loop", {"approved": 1}, Shown.SHOWN),
        ("Human in the loop", {"rejected": 1}, Shown.SHOWN),
        ("Human in the loop", {"approved": 1, "held": 1}, Shown.IN_PART),
        ("Report issues", {"rulings": DECIDED}, Shown.SHOWN),
    ],
)
def test_how_much_evidence_there_is(number: str, evidence: dict, shown: Shown) -> None:
    assert provision(number, **evidence).shown is shown


@pytest.mark.parametrize("number", ["Art. 16(4)", "Art. 16(5)"])
def test_mail_is_told_of_only_where_this_server_sends_any(number: str) -> None:
    assert "mail where an address was left" in provision(number, mails=True).here
    assert provision(number).here.endswith("This server sends no mail.")


@pytest.mark.parametrize(("deciders", "another"), [(0, False), (1, False), (2, True), (3, True)])
def test_another_person_decides_an_appeal_only_where_there_is_one(deciders: int, another: bool) -> None:
    found = provision("Art. 16(6)", deciders=deciders).here
    assert ("another one decides an appeal" in found) is another
    assert ("whoever decided looks at an appeal again" in found) is not another


def test_a_share_that_is_the_bound_is_enough_also_where_a_float_is_not_exact() -> None:
    assert (
        provision("Art. 50(1)", Policy(least_disclosed=57), impressions=100, disclosed_share=0.57).shown is Shown.SHOWN
    )


def test_a_review_and_a_responsible_person_stand_for_the_label_of_what_is_published() -> None:
    named = Policy(responsible="Ada Lovelace")
    assert provision("Art. 50(4)", named, approved=1).shown is Shown.SHOWN
    assert provision("Art. 50(4)", named, approved=1, held=1).shown is Shown.NOTHING
    assert provision("Art. 50(4)", named).shown is Shown.NOTHING
    assert provision("Art. 50(4)", named, approved=1).evidence["responsible_named"] is True
    assert "Ada" not in str(provision("Art. 50(4)", named).evidence)
