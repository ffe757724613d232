"""Who may do what."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.access import (
    DECIDE,
    ONESELF,
    OPEN,
    OWN,
    OWN_ALL,
    READ,
    Role,
    Standing,
    Verb,
    confirmed,
    invited,
    may,
    standing,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEWS, SHOP = 1, 2


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (None, []),
        (Role.AUDITOR, [READ]),
        (Role.MODERATOR, [READ, DECIDE]),
        (Role.OWNER, [READ, DECIDE, OWN]),
    ],
)
def test_each_role_may_do_what_the_one_before_may_and_more(role: Role | None, allowed: list[Verb]) -> None:
    assert [verb for verb in (READ, DECIDE, OWN) if may(role, verb)] == allowed


def test_a_role_for_all_sites_holds_on_each_and_on_those_to_come() -> None:
    owner = Standing(Role.OWNER)
    assert (owner.sites(OWN), owner.may(OWN, 999), owner.may(OWN_ALL)) == (None, True, True)


@pytest.mark.parametrize(
    ("verb", "site", "allowed"),
    [
        (READ, NEWS, True),
        (READ, SHOP, True),
        (READ, 3, False),
        (DECIDE, NEWS, True),
        (DECIDE, SHOP, False),
        (DECIDE, None, True),
        (OWN, NEWS, True),
        (OWN, SHOP, False),
        (OWN_ALL, NEWS, False),
        (OWN_ALL, None, False),
    ],
)
def test_a_role_on_one_site_says_nothing_about_another(verb: Verb, site: int | None, allowed: bool) -> None:
    both = Standing(on={SHOP: Role.AUDITOR, NEWS: Role.OWNER})
    assert both.may(verb, site) is allowed


def test_where_somebody_may_do_what() -> None:
    both = Standing(on={SHOP: Role.AUDITOR, NEWS: Role.MODERATOR})
    assert (both.sites(READ), both.sites(DECIDE), both.sites(OWN)) == ([NEWS, SHOP], [NEWS], [])


def test_more_on_one_site_than_on_all() -> None:
    mixed = Standing(Role.AUDITOR, {NEWS: Role.MODERATOR})
    assert (mixed.sites(READ), mixed.sites(DECIDE)) == (None, [NEWS])
    assert (mixed.may(DECIDE, NEWS), mixed.may(DECIDE, SHOP), mixed.may(READ, SHOP)) == (True, False, True)


def test_a_role_on_a_site_that_one_has_anyway_is_left_out() -> None:
    asked = Standing(Role.MODERATOR, {NEWS: Role.AUDITOR, SHOP: Role.MODERATOR, 3: Role.OWNER})
    assert asked.plain() == Standing(Role.MODERATOR, {3: Role.OWNER})
    assert Standing(on={NEWS: Role.AUDITOR}).plain() == Standing(on={NEWS: Role.AUDITOR})


def test_who_has_no_role_may_do_only_what_concerns_themselves() -> None:
    nobody = Standing()
    assert [verb for verb in (OPEN, ONESELF, READ, DECIDE, OWN, OWN_ALL) if nobody.may(verb)] == [OPEN, ONESELF]
    assert nobody.sites(READ) == []


def test_a_standing_is_told_in_words() -> None:
    mixed = Standing(Role.AUDITOR, {SHOP: Role.OWNER, NEWS: Role.MODERATOR})
    assert mixed.in_words({NEWS: "News"}) == ["auditor of all sites", "moderator of News"]
    assert Standing(on={SHOP: Role.OWNER}).in_words({NEWS: "News", SHOP: "Shop"}) == ["owner of Shop"]
    assert Standing().in_words({}) == []


def test_a_standing_is_kept_whole() -> None:
    mixed = Standing(Role.AUDITOR, {NEWS: Role.MODERATOR})
    assert mixed.as_json() == {"": "auditor", "1": "moderator"}
    for one in (mixed, Standing(), Standing(Role.OWNER), Standing(on={SHOP: Role.OWNER})):
        assert standing(one.as_json()) == one


@pytest.mark.parametrize(("days", "seconds", "holds"), [(0, 0, True), (7, 0, True), (7, 1, False)])
def test_an_invitation_holds_for_seven_days(days: int, seconds: int, holds: bool) -> None:
    assert invited(NOON, at=NOON + timedelta(days=days, seconds=seconds)) is holds


@pytest.mark.parametrize(("minutes", "seconds", "known"), [(0, 0, True), (15, 0, True), (15, 1, False), (14, 59, True)])
def test_who_has_shown_in_the_last_quarter_of_an_hour_who_they_are_is_not_asked_again(
    minutes: int, seconds: int, known: bool
) -> None:
    assert confirmed(NOON, at=NOON + timedelta(minutes=minutes, seconds=seconds)) is known
