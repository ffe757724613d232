"""A clock that stands wrong for one round of the housekeeping: nothing is destroyed, given up or put off by it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import Clock, Desk, Page
from tests.inboxes import Inbox
from tests.storage.test_thresholds import choose
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection
from widget_server.storage.tables import Alert, Assessment, Delivery, Report, database

House = Callable[..., dict[str, int]]


@pytest.fixture
def house(settings: Settings, inbox: Inbox, clock: Clock) -> House:
    """One round, on a machine whose clock is ahead by so much."""
    settings = replace(settings, mail_url=inbox.url, retention_days=1)

    def one(**ahead: float) -> dict[str, int]:
        if not database.is_closed():
            database.close()
        return keep_house(settings, at=clock() + timedelta(**ahead))

    return one


def subjects(inbox: Inbox) -> list[str]:
    return [message["Subject"] for message in inbox.messages]


def test_mails_that_are_owed_are_kept_and_tried_again_at_once(
    news: Page, desk: Desk, house: House, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@reader.example")
    desk.decide(1, "withdraw", "It is gone.")
    inbox.refusing = True
    house()
    house(days=9)
    house(days=31)
    clock.move(minutes=10)
    inbox.refusing = False
    with connection():
        assert Delivery.select().count() == 2
    assert house()["mails_sent"] == 2


def test_mails_that_are_too_late_are_not_sent_and_forgotten(
    news: Page, house: House, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@reader.example")
    clock.move(days=31)
    assert house()["mails_sent"] == 0
    clock.move(minutes=5)
    house()
    with connection():
        assert Delivery.select().count() == 0
    assert inbox.messages == []


def test_a_case_that_is_late_is_told_when_it_is(
    news: Page, desk: Desk, house: House, inbox: Inbox, clock: Clock
) -> None:
    news.report("one text about cats", category="spam")
    assert house(days=20)["cases_late"] == 1
    inbox.messages.clear()
    clock.move(minutes=5)
    news.report("another text, about dogs", category="spam")
    assert house()["cases_late"] == 0
    clock.move(days=3, seconds=1)
    assert house()["cases_late"] == 2
    clock.move(minutes=15)
    house()
    assert subjects(inbox) == ["2 cases are late"]
    assert house()["cases_late"] == 0
    with connection():
        assert Alert.select().count() == 2


def test_what_is_old_by_it_is_not_forgotten(news: Page, desk: Desk, house: House, clock: Clock) -> None:
    news.report(comment="unmistakable")
    desk.decide(1, "dismiss")
    house()
    clock.move(minutes=10)
    for _ in range(3):
        assert house(days=400)["reports_purged"] == 0
        clock.move(minutes=5)
        assert house()["reports_purged"] == 0
    with connection():
        assert Report.get().comment == "unmistakable"
    clock.move(days=1, hours=1)
    assert house()["reports_purged"] == 0
    clock.move(minutes=5)
    assert house()["reports_purged"] == 1


def test_a_clock_that_was_behind_holds_nothing_up_for_long(news: Page, desk: Desk, house: House, clock: Clock) -> None:
    news.report(comment="unmistakable")
    desk.decide(1, "dismiss")
    house()
    clock.move(days=2)
    house()
    house(days=-1000)
    purged = 0
    for _ in range(3):
        clock.move(minutes=5)
        purged += house()["reports_purged"]
    assert purged == 1


def test_a_review_holds_as_long_as_its_owner_has_said(news: Page, desk: Desk, house: House, clock: Clock) -> None:
    choose(news, clock, review_days=30)
    desk.review(news.render(audience="public").json["publication"])
    for ahead in (0, 31):
        assert house(days=ahead)["reviews_expired"] == 0
    clock.move(days=30)
    house()
    clock.move(minutes=5)
    assert house()["reviews_expired"] == 1


def test_the_month_is_not_kept_as_it_stood_before_it_is_over(news: Page, house: House) -> None:
    for ahead in (0, 20, 0):
        house(days=ahead)
    with connection():
        assert Assessment.select().count() == 0
