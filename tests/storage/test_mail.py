"""Mail to reporters, against a real SMTP server on this machine that works, fails and comes back."""

from tests.conftest import SECRET, Clock, Desk, Page
from tests.storage.conftest import Inbox, text
from widget_server.delivery import mail
from widget_server.storage import deliveries, reports
from widget_server.storage.tables import ALL, Delivery, Report


def link(report: Report) -> str:
    return f"https://widget.example/r/{reports.receipt_of(report, SECRET)}"


def test_a_reporter_gets_the_receipt_and_the_decision(news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    answer = news.report(email="reader@example.org").json
    news.report(email="")
    desk.decide(1, "withdraw", "Thank you: it is gone.")
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 2
    first, second = inbox.messages
    assert (first["To"], first["From"], first["Subject"]) == (
        "reader@example.org",
        "desk@news.example",
        "Your report was received",
    )
    assert answer["status_url"] in text(first)
    assert "Thank you: it is gone." in text(second)
    assert answer["status_url"] in text(second)
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
    assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
    assert Delivery.select().count() == 0


def test_a_mail_that_another_process_is_sending_is_left_to_it(news: Page, inbox: Inbox, clock: Clock) -> None:
    news.report(email="reader@example.org")

    def slow(letter: tuple[str, str, str]) -> str | None:
        assert deliveries.send(mail.sender(inbox.url), link, at=clock()) == 0
        return mail.sender(inbox.url)(letter)

    assert deliveries.send(slow, link, at=clock()) == 1
    assert len(inbox.messages) == 1
