"""Mail to reporters, against a real SMTP server on this machine that works, fails and comes back."""

import re
import socket
import threading
from collections.abc import Callable
from email.message import Message

import pytest
from flask import Flask

from tests.admin.test_bursts import aside, back, flood, one
from tests.conftest import SECRET, Clock, Desk, Page, signed_in
from tests.inboxes import Inbox, text
from tests.receivers import receiving
from widget_server import serving
from widget_server.delivery import mail, screening, webhooks
from widget_server.rules.retries import FIRST_PAUSE
from widget_server.storage import confirmations, connection, deliveries, reports, retention
from widget_server.storage.tables import ALL, Delivery, Report


def link(report: Report) -> str:
    return f"https://widget.example/r/{reports.receipt_of(report, (SECRET,))}"


def confirm(report: Report) -> str:
    return f"{link(report)}/confirm?proof={confirmations.proof_of(report, (SECRET,))}"


def send(inbox: Inbox, clock: Clock) -> list[Message]:
    """The mails that go out now."""
    before = len(inbox.messages)
    deliveries.send(mail.sender(inbox.url), link, at=clock())
    return inbox.messages[before:]


def forget(clock: Clock) -> None:
    """What is kept of mails for a month is over."""
    retention.purge(days=365, at=clock())
    assert Delivery.select().count() == 0


def said(letters: list[Message]) -> list[tuple[str, str | None]]:
    """To whom each of them is, and which of the moderators' messages it tells."""
    words = [re.search("It stays.|It is gone.", text(letter)) for letter in letters]
    return [(letter["To"], found and found[0]) for letter, found in zip(letters, words, strict=True)]


def test_a_reporter_gets_the_receipt_and_the_decision(news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    answer = news.report(email="reader@example.org").json
    news.report(email="")
    desk.decide(1, "withdraw", "Thank you: it is gone.")
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 2
    for message in inbox.messages:
        assert (message["To"], message["From"]) == ("reader@example.org", "desk@news.example")
        assert answer["status_url"] in text(message)
        assert "Thank you: it is gone." in text(message)
    assert [message["Subject"] for message in inbox.messages] == [
        "Your report was decided",
        "Your report was received, and is decided already",
    ]
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0


def test_a_mail_that_fails_is_tried_again_later_and_arrives_once(news: Page, inbox: Inbox, clock: Clock) -> None:
    news.report(email="reader@example.org")
    inbox.refusing = True
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
    assert "451" in Delivery.get().failure
    inbox.refusing = False
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
    clock.move(minutes=1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("farewell", ["421 shutting down", "250 OK", "what?", "x" * 10_000])
def test_a_mail_that_was_taken_is_sent_once_whatever_its_server_says_at_the_end(
    news: Page, inbox: Inbox, clock: Clock, farewell: str
) -> None:
    news.report(email="reader@example.org")
    inbox.farewell = farewell
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1
    clock.move(hours=1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("farewell", ["221 Bye", "421 shutting down"])
def test_a_mail_that_was_refused_is_told_by_what_refused_it(
    news: Page, inbox: Inbox, clock: Clock, farewell: str
) -> None:
    news.report(email="reader@example.org")
    inbox.refusing, inbox.farewell = True, farewell
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
    assert "451" in Delivery.get().failure


def test_a_mail_that_never_works_is_given_up_and_stays_listed(news: Page, clock: Clock) -> None:
    news.report(email="reader@example.org")
    send = mail.sender("smtp://127.0.0.1:9")
    for _ in range(20):
        deliveries.send(send, link, at=clock())
        clock.move(days=1)
    given_up = Delivery.get()
    assert (given_up.attempts, given_up.due_at, bool(given_up.failure)) == (12, None, True)


def test_nothing_goes_to_a_reporter_who_took_the_report_back(news: Page, inbox: Inbox, clock: Clock) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0


def test_an_address_cannot_add_headers() -> None:
    assert mail.sender("smtp://127.0.0.1:9")(("a@b.example\nBcc: c@d.example", "s", "b")) is not None


def test_taking_one_report_back_leaves_the_mails_of_others_alone(news: Page, inbox: Inbox, clock: Clock) -> None:
    mine = news.report("mine", email="reader@example.org").json["receipt"]
    theirs = news.report("theirs", email="reader@example.org").json["receipt"]
    news.client.delete(f"/api/v1/reports/{theirs}")
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1
    assert mine in text(inbox.messages[0])


def test_an_owed_mail_holds_neither_address_nor_receipt(news: Page) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    kept = "".join(str(row) for table in ALL if table is not Report for row in table.select().tuples())
    assert "reader@example.org" not in kept
    assert receipt not in kept


def test_a_mail_that_is_a_month_late_is_not_sent_any_more(news: Page, inbox: Inbox, clock: Clock) -> None:
    news.report(email="reader@example.org")
    clock.move(days=31)
    assert send(inbox, clock) == []
    forget(clock)


def test_a_mail_that_another_process_is_sending_is_left_to_it(news: Page, inbox: Inbox, clock: Clock) -> None:
    news.report(email="reader@example.org")

    def slow(letter: tuple[str, str, str]) -> str | None:
        assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
        return mail.sender(inbox.url)(letter)

    assert deliveries.send(slow, link, at=clock()) == 1
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("behave", [lambda line, _: line.recv(1), lambda line, _: None])
def test_a_mail_server_that_hangs_or_hangs_up_is_left_and_the_mail_arrives_once_when_it_is_back(
    news: Page, inbox: Inbox, clock: Clock, behave
) -> None:
    news.report(email="reader@example.org")
    with receiving(behave, silent=True) as server:
        dead = mail.sender(f"smtp://127.0.0.1:{server.port}", seconds=0.3)
        assert deliveries.send(dead, link, at=clock()) == 0
    assert Delivery.get().failure
    clock.move(minutes=1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1
    clock.move(days=1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
    assert len(inbox.messages) == 1


def test_a_mail_server_that_is_slow_at_every_step_is_left_before_another_node_has_the_mail(
    news: Page, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    asked: list[bytes] = []

    def behave(line: socket.socket, _: bytes) -> None:
        line.sendall(b"220 here\r\n")
        while said := line.recv(1000):
            asked.append(said)
            threading.Event().wait(0.25)
            line.sendall(b"250 yes\r\n")

    with receiving(behave, silent=True) as server:
        slow = mail.sender(f"smtp://127.0.0.1:{server.port}", seconds=5, longest=0.6)
        assert deliveries.send(slow, link, at=clock()) == 0
    assert asked
    assert not [said for said in asked if said.startswith(b"data")]
    assert "Connection unexpectedly closed" in Delivery.get().failure


def test_a_mail_server_whose_greeting_never_ends_is_left(news: Page, inbox: Inbox, clock: Clock) -> None:
    news.report(email="reader@example.org")

    def greet(line: socket.socket, _: bytes) -> None:
        for _ in range(200):
            line.sendall(b"220-and on\r\n")
            threading.Event().wait(0.05)

    with receiving(greet, silent=True) as server:
        endless = mail.sender(f"smtp://127.0.0.1:{server.port}", seconds=5, longest=0.6)
        assert deliveries.send(endless, link, at=clock()) == 0
    assert "Connection unexpectedly closed" in Delivery.get().failure


@pytest.mark.parametrize("longest", [mail.LONGEST, webhooks.SECONDS, screening.SECONDS])
def test_what_is_begun_last_in_a_round_ends_before_it_is_free_again(longest: int) -> None:
    assert serving.MOST_SECONDS + longest < FIRST_PAUSE.total_seconds()


def test_a_round_of_mails_ends_when_its_time_is_over(news: Page, inbox: Inbox, clock: Clock) -> None:
    for number in range(3):
        news.report(f"text {number}", email="reader@example.org")
    asked = iter([False, False, True])
    assert deliveries.send(mail.sender(inbox.url), link, at=clock(), enough=lambda: next(asked)) == 2
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1


def test_the_receipt_asks_to_confirm_the_address_where_only_its_owner_reads_it(
    news: Page, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock())
    address = confirm(Report.get())
    assert address in text(inbox.messages[0])
    assert news.client.get(address.removeprefix("https://widget.example")).status_code == 200
    assert Report.get().confirmed_at is None


def test_an_appeal_is_confirmed_and_its_decision_told_as_one(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    news.report(email="other@example.org")
    deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock())
    desk.decide(1, "dismiss", "It stays.")
    deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock())
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock())
    desk.decide(1, "withdraw", "You were right.")
    deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock())
    mine = [message for message in inbox.messages if message["To"] == "reader@example.org"]
    assert [message["Subject"] for message in mine] == [
        "Your report was received",
        "Your report was decided",
        "Your request for a second look was received",
        "Your report was looked at again and decided",
    ]
    assert "You were right." in text(mine[-1])
    theirs = [message["Subject"] for message in inbox.messages if message["To"] == "other@example.org"]
    assert theirs == ["Your report was received", "Your report was decided", "Your report was decided"]


def test_the_last_that_a_reporter_hears_is_the_decision_that_holds(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    send(inbox, clock)
    inbox.refusing = True
    desk.decide(1, "withdraw", "It is gone.")
    send(inbox, clock)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    send(inbox, clock)
    desk.decide(1, "dismiss", "It stays.")
    inbox.refusing = False
    for _ in range(3):
        send(inbox, clock)
        clock.move(hours=1)
    assert [message["Subject"] for message in inbox.messages] == [
        "Your report was received",
        "Your report was looked at again and decided",
    ]
    assert "It stays." in text(inbox.messages[-1])


def test_a_second_look_that_was_asked_for_before_any_decision_is_not_confirmed_after_it(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    one(news, address="198.51.100.1", email="reader@example.org")
    flood(news)
    aside(desk)
    news.client.post(f"/r/{reports.receipt_of(Report.get_by_id(1), (SECRET,))}/appeal", data={"comment": "I am one."})
    assert Delivery.select().where(Delivery.about == "appeal").count() == 1
    desk.decide(1, "dismiss", "It stays.")
    assert Delivery.select().where(Delivery.about == "appeal").count() == 0


def test_who_reports_a_text_that_is_withdrawn_already_is_mailed_what_was_decided(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report()
    desk.decide(1, "withdraw", "It was wrong.")
    address = news.report(email="reader@example.org").json["status_url"]
    deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock())
    clock.move(days=1)
    deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock())
    (only,) = inbox.messages
    assert only["Subject"] == "Your report was received, and is decided already"
    for told in ("The text was withdrawn.", "It was wrong.", "you can appeal", address, "/confirm?proof="):
        assert told in text(only)
    assert "will look at it" not in text(only)


def test_who_reports_what_is_withdrawn_is_mailed_so_though_somebody_else_waits_for_a_second_look(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    other = news.report().json["receipt"]
    desk.decide(1, "withdraw", "It was wrong.")
    news.report(email="reader@example.org")
    assert news.client.post(f"/api/v1/reports/{other}/appeal", json={"comment": "Look again."}).status_code == 200
    send(inbox, clock)
    assert ("It was wrong." in text(inbox.messages[0]), "will look at it" in text(inbox.messages[0])) == (True, False)


def test_a_receipt_promises_a_look_only_to_who_waits_for_one(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report()
    desk.decide(1, "withdraw", "It was wrong.")
    news.report(email="reader@example.org")
    desk.undo(1)
    send(inbox, clock)
    assert "a person will look at it" in text(inbox.messages[0])


def test_where_a_decision_is_taken_back_that_reporters_have_heard_the_one_that_holds_is_told_again(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    send(inbox, clock)
    desk.decide(1, "dismiss", "It stays.")
    send(inbox, clock)
    desk.decide(1, "withdraw", "It is gone.")
    send(inbox, clock)
    desk.undo(1)
    assert said(send(inbox, clock)) == [("reader@example.org", "It stays.")]
    desk.decide(1, "withdraw", "It is gone.")
    desk.undo(1)
    assert send(inbox, clock) == []


def test_where_a_decision_is_taken_back_while_it_is_being_mailed_the_one_that_holds_is_told_again(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    desk.decide(1, "dismiss", "It stays.")
    send(inbox, clock)
    desk.decide(1, "withdraw", "It is gone.")

    def slow(letter: tuple[str, str, str]) -> str | None:
        desk.undo(1)
        return mail.sender(inbox.url)(letter)

    assert deliveries.send(slow, link, at=clock()) == 1
    send(inbox, clock)
    assert "It is gone." in text(inbox.messages[-2])
    assert "It stays." in text(inbox.messages[-1])


def test_where_nobody_heard_of_the_decision_that_holds_they_do_when_the_next_is_taken_back(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    send(inbox, clock)
    desk.decide(1, "dismiss", "It stays.")
    desk.decide(1, "withdraw", "It is gone.")
    desk.undo(1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1
    assert "It stays." in text(inbox.messages[-1])


def test_where_somebody_waits_after_a_decision_is_taken_back_the_others_are_told_what_holds_again(
    news: Page, desk: Desk, other_desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    appealing = news.report(email="ada@example.org").json["receipt"]
    news.report(email="bob@example.org")
    desk.decide(1, "dismiss", "It stays.")
    send(inbox, clock)
    assert news.client.post(f"/api/v1/reports/{appealing}/appeal", json={"comment": "No."}).status_code == 200
    send(inbox, clock)
    other_desk.decide(1, "withdraw", "It is gone.")
    assert {*said(send(inbox, clock))} == {("ada@example.org", "It is gone."), ("bob@example.org", "It is gone.")}
    other_desk.undo(1)
    assert said(send(inbox, clock)) == [("bob@example.org", "It stays.")]
    assert news.client.delete(f"/api/v1/reports/{appealing}").status_code == 204
    assert send(inbox, clock) == []


def test_where_a_new_report_waits_after_a_decision_is_taken_back_what_was_owed_before_is_sent(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    send(inbox, clock)
    desk.decide(1, "dismiss", "It stays.")
    news.report()
    desk.decide(1, "withdraw", "It is gone.")
    desk.undo(1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1
    assert "It stays." in text(inbox.messages[-1])


def test_an_appeal_whose_decision_is_taken_back_before_it_was_confirmed_still_is(
    news: Page, desk: Desk, other_desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    desk.decide(1, "dismiss", "It stays.")
    send(inbox, clock)
    assert news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "No."}).status_code == 200
    other_desk.decide(1, "withdraw", "It is gone.")
    other_desk.undo(1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 1
    assert inbox.messages[-1]["Subject"] == "Your request for a second look was received"
    other_desk.decide(1, "withdraw", "It is gone.")
    other_desk.undo(1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0


def test_an_appeal_that_was_confirmed_more_than_a_month_ago_is_not_confirmed_again(
    news: Page, app: Flask, inbox: Inbox, clock: Clock
) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    signed_in(app, clock, "ada@news.example").decide(1, "dismiss", "It stays.")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "No."})
    send(inbox, clock)
    clock.move(days=31)
    forget(clock)
    late = signed_in(app, clock, "eve@news.example")
    late.decide(1, "withdraw", "It is gone.")
    late.undo(1)
    assert send(inbox, clock) == []


def test_what_was_heard_more_than_a_month_ago_is_not_told_again_when_the_next_decision_is_taken_back(
    news: Page, app: Flask, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    signed_in(app, clock, "ada@news.example").decide(1, "dismiss", "It stays.")
    send(inbox, clock)
    clock.move(days=31)
    forget(clock)
    late = signed_in(app, clock, "bob@news.example")
    late.decide(1, "withdraw", "It is gone.")
    late.undo(1)
    assert send(inbox, clock) == []
    late.decide(1, "withdraw", "It is gone.")
    assert said(send(inbox, clock)) == [("reader@example.org", "It is gone.")]
    late.undo(1)
    assert said(send(inbox, clock)) == [("reader@example.org", "It stays.")]


def test_who_reports_a_withdrawn_text_while_somebody_appeals_is_told_what_holds_once_the_appeal_is_taken_back(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    appealing = news.report().json["receipt"]
    desk.decide(1, "withdraw", "It is gone.")
    news.client.post(f"/api/v1/reports/{appealing}/appeal", json={"comment": "No."})
    receipt = news.report(email="reader@example.org").json["receipt"]
    assert said(send(inbox, clock)) == [("reader@example.org", None)]
    assert news.client.delete(f"/api/v1/reports/{appealing}").status_code == 204
    assert news.status(receipt)["message"] == "It is gone."
    assert said(send(inbox, clock)) == [("reader@example.org", "It is gone.")]


def test_who_reports_a_withdrawn_text_between_two_appeals_is_told_what_holds_once_the_first_is_taken_back(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    first, second = (news.report().json["receipt"] for _ in range(2))
    desk.decide(1, "withdraw", "It is gone.")
    news.client.post(f"/api/v1/reports/{first}/appeal", json={"comment": "No."})
    clock.move(hours=1)
    receipt = news.report(email="reader@example.org").json["receipt"]
    assert said(send(inbox, clock)) == [("reader@example.org", None)]
    clock.move(hours=1)
    news.client.post(f"/api/v1/reports/{second}/appeal", json={"comment": "No, no."})
    assert news.client.delete(f"/api/v1/reports/{first}").status_code == 204
    assert news.status(receipt)["message"] == "It is gone."
    assert said(send(inbox, clock)) == [("reader@example.org", "It is gone.")]
    assert news.client.delete(f"/api/v1/reports/{second}").status_code == 204
    assert send(inbox, clock) == []


def test_whose_receipt_is_still_to_come_hears_with_it_what_holds_once_an_appeal_is_taken_back(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    appealing = news.report().json["receipt"]
    desk.decide(1, "withdraw", "It is gone.")
    news.client.post(f"/api/v1/reports/{appealing}/appeal", json={"comment": "No."})
    clock.move(hours=1)
    news.report(email="reader@example.org")
    assert news.client.delete(f"/api/v1/reports/{appealing}").status_code == 204
    assert said(send(inbox, clock)) == [("reader@example.org", "It is gone.")]


def test_who_heard_of_a_withdrawal_with_the_receipt_does_not_hear_of_it_again(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report()
    desk.decide(1, "withdraw", "It is gone.")
    news.report(email="reader@example.org")
    assert said(send(inbox, clock)) == [("reader@example.org", "It is gone.")]
    desk.decide(1, "dismiss", "It stays.")
    desk.undo(1)
    assert send(inbox, clock) == []


def test_who_is_set_aside_is_told_what_holds_where_nobody_waits_any_more(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    one(news)
    desk.decide(1, "dismiss", "It stays.")
    clock.move(hours=1)
    flood(news, email="reader@example.org")
    assert said(send(inbox, clock)) == [("reader@example.org", None)] * 3
    aside(desk)
    assert said(send(inbox, clock)) == [("reader@example.org", "It stays.")] * 3  # as many as had a receipt


def test_who_is_brought_back_before_a_mail_went_hears_nothing_of_a_decision_on_others(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    one(news)
    desk.decide(1, "dismiss", "It stays.")
    clock.move(hours=1)
    flood(news, email="reader@example.org")
    send(inbox, clock)
    aside(desk)
    back(desk)
    assert send(inbox, clock) == []
    aside(desk)
    assert {words for _, words in said(send(inbox, clock))} == {"It stays."}


def test_who_waits_again_after_a_decision_was_taken_back_hears_nothing_of_it(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    news.report(email="reader@example.org")
    send(inbox, clock)
    desk.decide(1, "dismiss", "It stays.")
    desk.undo(1)
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0


def test_a_decision_that_was_replaced_is_not_sent_again(news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    news.report(email="reader@example.org")
    desk.decide(1, "withdraw", "It is gone.")
    Delivery.update(due_at=None, failure="451").where(Delivery.ruling.is_null(False)).execute()
    desk.decide(1, "dismiss", "It stays.")
    assert "Send again" not in desk.get("/admin/deliveries").text
    send(inbox, clock)
    assert "It is gone." not in "".join(map(text, inbox.messages))


def test_nothing_goes_to_an_address_that_was_to_be_forgotten(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    news.client.post(f"/r/{receipt}/forget-address")
    desk.decide(1, "dismiss")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    assert deliveries.send(mail.sender(inbox.url), link, confirm=confirm, at=clock()) == 0
    assert Delivery.select().count() == 0


@pytest.mark.parametrize(
    "address", ["x@", "a@[", '"', "a@b.example,c@d.example", "a@b.example\r\nBcc: c@d.example", "\ud800@x.example"]
)
def test_what_is_no_address_gets_no_mail_and_stops_nobody(inbox: Inbox, address: str) -> None:
    send = mail.sender(inbox.url)
    assert send((address, "Subject", "Body"))
    assert send(("reader@example.org", "Subject", "Body")) is None
    assert [message["To"] for message in inbox.messages] == ["reader@example.org"]


@pytest.mark.parametrize("subject", ["a\r\nBcc: c@d.example", "a\nb", "\u2028", "=?utf-8?q?a=0d=0aBcc:_c@d.example?="])
def test_a_subject_becomes_no_other_header(inbox: Inbox, subject: str) -> None:
    failure = mail.sender(inbox.url)(("reader@example.org", subject, "Body"))
    assert bool(failure) != bool(inbox.messages)
    assert [message["Bcc"] for message in inbox.messages] == [None] * len(inbox.messages)


def test_a_mail_that_is_on_its_way_when_its_decision_is_taken_back_stands_for_no_other(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    send(inbox, clock)
    desk.decide(1, "dismiss", "It stays.")
    meanwhile = [lambda: desk.undo(1), lambda: desk.decide(1, "withdraw", "It is gone.")]

    def slow(letter: tuple[str, str, str]) -> str | None:
        while meanwhile:
            meanwhile.pop(0)()
        return mail.sender(inbox.url)(letter)

    deliveries.send(slow, link, at=clock())
    clock.move(hours=1)
    send(inbox, clock)
    assert news.status(receipt)["message"] == "It is gone."
    assert "It is gone." in text(inbox.messages[-1])


class TestWhileAMailIsOnItsWay:
    """A server may take half a minute for one, and another node sends meanwhile."""

    @staticmethod
    def sent_slowly(inbox: Inbox, clock: Clock, *meanwhile: Callable[[], object], taken_first: bool = False) -> None:
        """The next mail: others do this while its server takes it, before it has it or (`taken_first`) after that."""
        waiting = list(meanwhile)

        def slow(letter: tuple[str, str, str]) -> str | None:
            failure = mail.sender(inbox.url)(letter) if taken_first else None
            while waiting:
                waiting.pop(0)()
            return failure if taken_first else mail.sender(inbox.url)(letter)

        assert deliveries.send(slow, link, at=clock(), enough=iter([False, True]).__next__) == 1

    @staticmethod
    def told(inbox: Inbox, clock: Clock) -> list[str | None]:
        """What all mails have told, once nothing is owed any more."""
        while send(inbox, clock):
            clock.move(minutes=1)
        clock.move(days=1)
        assert send(inbox, clock) == []
        return [words for _, words in said(inbox.messages)]

    def test_one_that_is_overtaken_by_the_next_decision_is_followed_by_it(
        self, news: Page, desk: Desk, inbox: Inbox, clock: Clock
    ) -> None:
        news.report(email="reader@example.org")
        send(inbox, clock)
        desk.decide(1, "withdraw", "It is gone.")
        self.sent_slowly(inbox, clock, lambda: desk.decide(1, "dismiss", "It stays."), lambda: send(inbox, clock))
        assert self.told(inbox, clock) == [None, "It stays.", "It is gone.", "It stays."]

    def test_one_whose_decision_holds_again_when_it_arrives_is_sent_once(
        self, news: Page, desk: Desk, inbox: Inbox, clock: Clock
    ) -> None:
        news.report(email="reader@example.org")
        send(inbox, clock)
        desk.decide(1, "withdraw", "It is gone.")
        self.sent_slowly(inbox, clock, lambda: desk.decide(1, "dismiss", "It stays."), lambda: desk.undo(1))
        assert self.told(inbox, clock) == [None, "It is gone."]

    def test_another_decision_that_was_told_and_taken_back_meanwhile_is_followed_by_the_one_that_holds(
        self, news: Page, desk: Desk, inbox: Inbox, clock: Clock
    ) -> None:
        news.report(email="reader@example.org")
        send(inbox, clock)
        desk.decide(1, "withdraw", "It is gone.")
        again = (lambda: desk.decide(1, "dismiss", "It stays."), lambda: send(inbox, clock), lambda: desk.undo(1))
        self.sent_slowly(inbox, clock, *again, taken_first=True)
        assert self.told(inbox, clock) == [None, "It is gone.", "It stays.", "It is gone."]

    def test_of_two_that_are_on_their_way_at_once_the_one_that_holds_is_the_last(
        self, news: Page, desk: Desk, inbox: Inbox, clock: Clock
    ) -> None:
        news.report(email="reader@example.org")
        send(inbox, clock)
        desk.decide(1, "withdraw", "It is gone.")
        taken, ended = threading.Event(), threading.Event()

        def slower(letter: tuple[str, str, str]) -> str | None:
            failure = mail.sender(inbox.url)(letter)
            taken.set()
            assert ended.wait(30)
            return failure

        def elsewhere() -> None:
            with connection():
                assert deliveries.send(slower, link, at=clock(), enough=iter([False, True]).__next__) == 1

        other = threading.Thread(target=elsewhere)
        begun = (lambda: desk.decide(1, "dismiss", "It stays."), other.start, lambda: taken.wait(30))
        self.sent_slowly(inbox, clock, *begun)
        ended.set()
        other.join()
        assert self.told(inbox, clock) == [None, "It stays.", "It is gone.", "It stays."]

    @pytest.mark.parametrize("elsewhere", [True, False])
    def test_a_receipt_that_promises_a_look_is_followed_by_the_decision(
        self, news: Page, desk: Desk, inbox: Inbox, clock: Clock, *, elsewhere: bool
    ) -> None:
        news.report(email="reader@example.org")
        decided = (lambda: desk.decide(1, "withdraw", "It is gone."), *[lambda: send(inbox, clock)] * elsewhere)
        self.sent_slowly(inbox, clock, *decided)
        assert self.told(inbox, clock) == ["It is gone."] * elsewhere + [None, "It is gone."]

    def test_nothing_is_owed_after_one_whose_reporter_has_taken_the_report_back(
        self, news: Page, desk: Desk, inbox: Inbox, clock: Clock
    ) -> None:
        receipt = news.report(email="reader@example.org").json["receipt"]
        news.report()
        send(inbox, clock)
        desk.decide(1, "withdraw", "It is gone.")
        gone = (
            lambda: desk.decide(1, "dismiss", "It stays."),
            lambda: news.client.delete(f"/api/v1/reports/{receipt}"),
        )
        self.sent_slowly(inbox, clock, *gone)
        assert Delivery.select().count() == 0
        assert self.told(inbox, clock) == [None, "It is gone."]
