"""Moderators are told by mail what is late and what is handed to them, by a real SMTP server."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.admin.test_queue import LONG
from tests.conftest import Clock, Desk, Page
from tests.inboxes import Inbox, text
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import alerts
from widget_server.storage.tables import Alert, Case, LogEntry, database


@pytest.fixture
def house(settings: Settings, inbox: Inbox, clock: Clock):
    """One round of the housekeeping, with mail."""

    def round_of_work() -> dict[str, int]:
        database.close()
        done = keep_house(replace(settings, mail_url=inbox.url), at=clock())
        database.connect()
        return done

    return round_of_work


def sent(inbox: Inbox) -> list[tuple[str, str]]:
    return [(message["To"], message["Subject"]) for message in inbox.messages]


def hand_over(desk: Desk, to: Desk, number: int = 1) -> None:
    colleague = re.search(rf'value="(\d+)"[^>]*>{to.email}', desk.get(f"/admin/reports/{number}").text)[1]
    assert desk.decide(number, "escalate", "", colleague=colleague).status_code == 302


def test_every_moderator_is_told_once_when_a_case_is_late(
    news: Page, desk: Desk, other_desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    news.report("a text", category="self_harm", comment="a comment")
    clock.moment = Case.get().due_at
    clock.move(microseconds=-1)
    assert house()["cases_late"] == 0  # what is decided at the very moment is in time
    assert house()["cases_late"] == 1
    assert house()["cases_late"] == 0
    assert sorted(sent(inbox)) == [(desk.email, "1 case is late"), (other_desk.email, "1 case is late")]
    assert text(inbox.messages[0]).splitlines() == [
        "The time to decide them has run out:",
        "",
        "case 1 (News): self harm, urgent: late by under 1 min",
        "https://widget.example/admin/reports/1",
        "",
        "All of them:",
        "https://widget.example/admin/reports?late=1",
    ]


def test_many_late_cases_are_one_mail_the_urgent_ones_first(
    news: Page, shop: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    for number in range(30):
        news.report(f"text {number} with {number * 31} words", category="spam")
    shop.report("a threat", category="intimidation")
    clock.move(days=4)
    assert house()["cases_late"] == 31
    (mail,) = inbox.messages
    assert mail["Subject"] == "31 cases are late"
    named = [int(number) for number in re.findall(r"case (\d+) \(", text(mail))]
    assert named == [31, *range(1, 20)]
    assert "And 11 more." in text(mail)


def test_a_card_with_many_near_duplicates_is_named_once(
    news: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    for year in ("1889", "1890", "1891"):
        news.report(LONG.replace("1889", year))
    clock.move(days=4)
    assert house()["cases_late"] == 3
    assert sent(inbox) == [(desk.email, "1 case is late")]


def test_moderators_are_told_at_most_every_quarter_of_an_hour(
    news: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    began = clock.moment
    for number, minutes in enumerate([0, 5, 10, 14]):
        clock.moment = began + timedelta(minutes=minutes)
        news.report(f"number {number} has {number * 31}", category="spam")
    for minutes, mails in [(0, 1), (5, 1), (10, 1), (14, 1), (14.9, 1), (15.1, 2), (40, 2)]:
        clock.moment = began + timedelta(hours=72, minutes=minutes, seconds=1)
        house()
        assert len(inbox.messages) == mails, minutes
    assert sent(inbox) == [(desk.email, "1 case is late"), (desk.email, "4 cases are late")]


def test_an_urgent_case_is_told_at_once(news: Page, desk: Desk, house, inbox: Inbox, clock: Clock) -> None:
    began = clock.moment
    for text_of_it, category, hours in [("one", "spam", 0), ("two", "spam", 0.05), ("grave", "self_harm", 71.1)]:
        clock.moment = began + timedelta(hours=hours)
        news.report(text_of_it, category=category)
    for minutes, mails in [(0, 1), (3, 1), (6, 2)]:
        clock.moment = began + timedelta(hours=72, minutes=minutes, seconds=1)
        house()
        assert len(inbox.messages) == mails, minutes
    assert sent(inbox) == [(desk.email, "1 case is late"), (desk.email, "3 cases are late")]


def test_what_was_decided_meanwhile_is_told_to_nobody(
    news: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    news.report(category="self_harm")
    clock.move(hours=2)
    inbox.refusing = True
    house()
    desk.decide(1, "withdraw")
    inbox.refusing = False
    clock.move(minutes=5)
    house()
    assert inbox.messages == []


def test_a_mail_that_fails_is_tried_again_and_tells_what_is_late_then(
    news: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    news.report("one", category="self_harm")
    clock.move(hours=1)
    inbox.refusing = True
    assert house()["mails_sent"] == 0
    assert "451" in Alert.get().failure
    news.report("two", category="self_harm")
    clock.move(hours=1, seconds=1)
    inbox.refusing = False
    assert house()["mails_sent"] == 1
    assert sent(inbox) == [(desk.email, "2 cases are late")]


@pytest.mark.parametrize("refused", [0, 1])
def test_what_gets_late_while_a_mail_is_sent_is_told_in_the_next(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock, refused: int
) -> None:
    """Another node finds it: the mail is composed already, at the first attempt or a later one."""
    news.report("one", category="self_harm")
    clock.move(minutes=30)
    news.report("two", category="self_harm")
    clock.move(minutes=40)
    told: list[str] = []
    alerts.find_late(at=clock())

    def deliver(mail: tuple[str, str, str]) -> str | None:
        told.append(mail[1])
        if len(told) == refused + 1:
            assert alerts.find_late(at=clock() + timedelta(minutes=30)) == 1
        return "451 later" if len(told) <= refused else None

    for _ in range(20):
        alerts.send(deliver, "https://widget.example", at=clock())
        clock.move(minutes=2)
    assert told[refused:] == ["1 case is late", "2 cases are late"]


def test_a_mail_tells_what_was_found_late_by_a_clock_that_is_ahead(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report("one", category="self_harm")
    clock.move(minutes=30)
    news.report("two", category="self_harm")
    clock.move(minutes=31)
    told: list[str] = []
    assert alerts.find_late(at=clock()) == 1
    assert alerts.find_late(at=clock() + timedelta(minutes=30)) == 1
    assert alerts.send(lambda mail: told.append(mail[1]), "https://widget.example", at=clock()) == 1
    assert told == ["2 cases are late"]


def test_a_mail_that_never_works_is_given_up_and_the_next_breach_is_told(
    news: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    news.report("one", category="self_harm")
    clock.move(hours=2)
    inbox.refusing = True
    for _ in range(15):
        house()
        clock.move(days=1)
    given_up = Alert.get()
    assert (given_up.attempts, given_up.due_at) == (12, None)
    inbox.refusing = False
    news.report("two", category="self_harm")
    clock.move(hours=2)
    house()
    assert sent(inbox) == [(desk.email, "2 cases are late")]


def test_a_case_whose_clock_begins_again_is_told_again(
    news: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    news.report(category="self_harm")
    clock.move(hours=2)
    house()
    desk.decide(1, "dismiss")
    news.report(category="self_harm")
    assert house()["cases_late"] == 0
    clock.move(hours=1)
    assert house()["cases_late"] == 1
    assert len(inbox.messages) == 2


def test_the_log_tells_what_was_late(news: Page, desk: Desk, house, clock: Clock) -> None:
    news.report(category="self_harm")
    clock.move(hours=2)
    house()
    entry = LogEntry.select().where(LogEntry.verb == "become late").get()
    assert (entry.subject, entry.moderator) == ("case 1", None)
    assert entry.particulars == {
        "category": "self_harm",
        "urgent": True,
        "state": "open",
        "due_at": Case.get().due_at.isoformat(),
    }
    assert "the clock" in desk.get("/admin/log").text


def test_a_card_that_is_hurried_does_not_make_the_case_late_that_leads_it(
    news: Page, desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    news.report(LONG, category="spam")
    news.report(LONG.replace("1889", "1890"), category="self_harm")
    clock.move(hours=2)
    assert house()["cases_late"] == 1
    assert "case 1 (News): spam, urgent: late by 1 h" in text(inbox.messages[0])
    desk.decide(2, "dismiss")
    clock.move(hours=71)
    assert house()["cases_late"] == 1
    late = LogEntry.select().where(LogEntry.verb == "become late").order_by(LogEntry.id)
    assert [(one.subject, one.particulars["urgent"]) for one in late] == [("case 2", True), ("case 1", False)]


def test_breaches_are_found_without_mail_too(news: Page, settings: Settings, desk: Desk, clock: Clock) -> None:
    news.report(category="self_harm")
    clock.move(hours=2)
    database.close()
    assert keep_house(settings, at=clock())["cases_late"] == 1


def test_a_named_colleague_is_told_what_is_handed_to_them(
    news: Page, desk: Desk, other_desk: Desk, house, inbox: Inbox
) -> None:
    news.report(category="fraud")
    hand_over(desk, other_desk)
    assert house()["mails_sent"] == 1
    (mail,) = inbox.messages
    told = text(mail).splitlines()
    assert (mail["To"], mail["Subject"]) == (other_desk.email, "Case 1 was handed to you")
    assert told[0] == f"{desk.email} asks you to decide case 1 (News): fraud."
    assert told[1:] == ["It is due by 2026-11-24 12:00 UTC:", "https://widget.example/admin/reports/1"]
    assert house()["mails_sent"] == 0


def test_a_handover_to_anybody_is_told_to_nobody(news: Page, desk: Desk, house) -> None:
    news.report()
    desk.decide(1, "escalate", "")
    assert house()["mails_sent"] == 0


def test_a_handover_whose_mail_fails_is_told_later(
    news: Page, desk: Desk, other_desk: Desk, house, inbox: Inbox, clock: Clock
) -> None:
    news.report()
    hand_over(desk, other_desk)
    inbox.refusing = True
    assert house()["mails_sent"] == 0
    inbox.refusing = False
    assert house()["mails_sent"] == 0
    clock.move(minutes=2)  # a round that took seconds has put it off for as many more
    assert house()["mails_sent"] == 1
    assert sent(inbox) == [(other_desk.email, "Case 1 was handed to you")]


def test_near_duplicates_handed_over_together_are_one_mail(
    news: Page, desk: Desk, other_desk: Desk, house, inbox: Inbox
) -> None:
    news.report(LONG)
    news.report(LONG.replace("1889", "1890"))
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', desk.get("/admin/reports/1").text)[1]
    desk.decide(1, "escalate", "", colleague=colleague, along=True)
    assert [case.state for case in Case.select()] == ["escalated", "escalated"]
    house()
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("meanwhile", ["undo", "decide"])
def test_a_handover_that_is_over_is_not_told(
    news: Page, desk: Desk, other_desk: Desk, house, inbox: Inbox, meanwhile: str
) -> None:
    news.report()
    hand_over(desk, other_desk)
    if meanwhile == "undo":
        desk.undo(1)
    else:
        desk.decide(1, "dismiss")
    house()
    assert inbox.messages == []


def test_mails_to_moderators_are_forgotten_after_a_month(
    news: Page, desk: Desk, other_desk: Desk, settings: Settings, clock: Clock
) -> None:
    news.report()
    hand_over(desk, other_desk)
    clock.move(days=31)
    database.close()
    for _ in range(2):
        keep_house(settings, at=clock())
        clock.move(minutes=5)
    assert Alert.select().where(Alert.ruling.is_null(False)).count() == 0
