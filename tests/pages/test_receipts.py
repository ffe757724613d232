"""The page of a receipt: confirming an address, having it forgotten, printing, and what is told of what goes."""

import re
from dataclasses import replace

import pytest

from tests.admin.test_bursts import aside, confirm, flood, one
from tests.conftest import SECRET, TEXT, Clock, Desk, Page
from widget_server.settings import Settings
from widget_server.storage import confirmations, connection, deliveries, reports, retention, seals
from widget_server.storage.tables import ALL, Case, Delivery, LogEntry, Report


def link(page: Page, number: int = 1) -> str:
    """Where the link in the mail about a report leads."""
    with connection():
        report = Report.get_by_id(number)
        proof = confirmations.proof_of(report, (SECRET,))
        return f"/r/{reports.receipt_of(report, (SECRET,))}/confirm?proof={proof}"


def pressed(page: Page, address: str, **more: str):
    """The button on the page that a link leads to."""
    shown = page.client.get(address).text
    action = re.search(r'action="([^"]+/confirm)"', shown)[1]
    proof = re.search(r'name="proof" value="([^"]*)"', shown)[1]
    return page.client.post(action, data={"proof": proof, **more})


def test_following_the_link_confirms_nothing_pressing_the_button_does(news: Page) -> None:
    news.report(email="reader@example.org")
    address = link(news)
    for ask in (news.client.get, news.client.head):
        assert ask(address).status_code == 200
    assert Report.get().confirmed_at is None
    answer = pressed(news, address)
    assert answer.status_code == 303
    assert Report.get().confirmed_at is not None
    assert "Your e-mail address is confirmed" in news.client.get(answer.headers["Location"]).text
    assert pressed(news, address).status_code == 303
    assert LogEntry.select().where(LogEntry.verb == "confirm address").count() == 1
    assert Case.get().confirmed == 1


def test_the_link_of_another_report_or_another_address_confirms_nothing(news: Page) -> None:
    news.report("one", email="reader@example.org")
    news.report("two", email="reader@example.org")
    mine, theirs = link(news, 1), link(news, 2)
    receipt, proof = mine.split("/confirm?proof=")[0], theirs.split("proof=")[1]
    for wrong in (proof, "", "x" * 1_000, "é"):
        answer = news.client.post(f"{receipt}/confirm", data={"proof": wrong})
        assert answer.status_code == 403
        assert "not valid" in answer.text
    Report.update(email=seals.seal(seals.Kind.ADDRESS, "other@example.org")).where(Report.id == 1).execute()
    assert news.client.post(f"{receipt}/confirm", data={"proof": mine.split("proof=")[1]}).status_code == 403
    assert Report.select().where(Report.confirmed_at.is_null(False)).count() == 0


def test_a_report_without_an_address_has_nothing_to_confirm(news: Page) -> None:
    news.report()
    assert pressed(news, link(news)).status_code == 403


def test_the_receipt_alone_does_not_confirm_an_address(news: Page) -> None:
    receipt = news.report(email="somebody@else.example").json["receipt"]
    assert "proof" not in news.client.get(f"/r/{receipt}").text
    assert news.client.post(f"/r/{receipt}/confirm").status_code == 403


def test_the_address_alone_is_forgotten_and_the_report_stays(news: Page, desk: Desk) -> None:
    receipt = news.report(email="unmistakable@reader.example", comment="It is in Paris.").json["receipt"]
    assert "Delete only my e-mail address" in news.client.get(f"/r/{receipt}").text
    assert news.client.get(f"/r/{receipt}/forget-address").status_code == 405
    answer = news.client.post(f"/r/{receipt}/forget-address")
    page = news.client.get(answer.headers["Location"]).text
    assert "Your report stays" in page
    assert "Delete only my e-mail address" not in page
    kept = "".join(str(row) for table in ALL for row in table.select().tuples())
    assert "unmistakable" not in kept
    assert Delivery.select().count() == 0
    assert "It is in Paris." in desk.get("/admin/reports/1").text


def test_a_program_can_have_the_address_forgotten(news: Page) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    assert news.client.delete(f"/api/v1/reports/{receipt}/email").status_code == 204
    assert Report.get().email == ""
    assert news.client.delete("/api/v1/reports/XXXXX/email").status_code == 404


def test_whoever_deletes_a_report_is_told_what_goes_and_what_stays_and_so_it_is(
    news: Page, desk: Desk, clock: Clock
) -> None:
    words = {"comment": "unmistakable-comment", "email": "unmistakable@reader.example"}
    receipt = news.report(quote={"exact": "unmistakable-quote"}, **words).json["receipt"]
    confirm(news)
    desk.decide(1, "dismiss")
    news.client.post(f"/r/{receipt}/appeal", data={"comment": "unmistakable-appeal"})
    page = news.client.get(f"/r/{receipt}").text
    assert "This deletes your report, your comment and your e-mail address." in page
    assert "What remains: that there was a report, when, its category, and the decision." in page
    assert news.client.post(f"/r/{receipt}/delete").status_code == 200
    report = Report.get()
    gone = (report.source, report.confirmed_at, report.appeal, report.appealed_at, report.quote, report.page)
    assert gone == (None, None, None, None, None, "")
    assert (report.category, report.received_at.isoformat()[:10]) == ("misinformation", "2026-11-23")
    assert Delivery.select().count() == 0
    kept = "".join(str(row) for table in ALL for row in table.select().tuples())
    assert "unmistakable" not in kept
    assert TEXT not in kept


def test_the_receipt_prints_with_its_code_its_address_and_a_picture_of_it(news: Page) -> None:
    receipt = news.report().json["receipt"]
    answer = news.client.get(f"/r/{receipt}")
    assert re.search(r'<img src="data:image/svg\+xml[^"]+" alt=""', answer.text)
    assert f'<a href="https://widget.example/r/{receipt}" dir="ltr">' in answer.text
    assert re.search(r"<button[^>]*data-print hidden>Print</button>", answer.text)
    assert "You can print this page" in answer.text
    assert "img-src 'self' data:" in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text


def test_what_the_reporter_reads_when_a_report_stands_aside_and_when_it_counts_again(news: Page, desk: Desk) -> None:
    receipt = flood(news)[0]
    told = "The moderators have set your report aside"
    assert told not in news.client.get(f"/r/{receipt}").text
    aside(desk)
    page = news.client.get(f"/r/{receipt}").text
    assert told in page
    assert "Ask for a second look" in page
    assert "the link in our mail" not in page
    assert news.client.post(f"/r/{receipt}/appeal", data={"comment": "I am one person."}).status_code == 303
    page = news.client.get(f"/r/{receipt}").text
    assert told not in page
    assert "Under second review" in page


def test_a_server_without_mail_promises_none(news: Page, desk: Desk) -> None:
    one(news, address="198.51.100.1", email="reader@example.org")
    flood(news)
    aside(desk)
    with connection():
        receipt = reports.receipt_of(Report.get_by_id(1), (SECRET,))
    assert "the link in our mail" not in news.client.get(f"/r/{receipt}").text


class TestWithMail:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, mail_url="smtp://127.0.0.1:9")

    def test_a_report_that_stands_aside_tells_of_the_link_in_its_mail_for_as_long_as_it_does(
        self, news: Page, desk: Desk, clock: Clock
    ) -> None:
        one(news, address="198.51.100.1", email="reader@example.org")
        flood(news)
        aside(desk)
        with connection():
            receipt = reports.receipt_of(Report.get_by_id(1), (SECRET,))
            deliveries.send(lambda letter: None, lambda report: "https://widget.example/r/x", at=clock())
            clock.move(days=31)
            retention.purge(days=365, at=clock())
        assert Delivery.select().count() == 0
        assert "the link in our mail" in news.client.get(f"/r/{receipt}").text


@pytest.mark.parametrize("lang", ["de", "ar", "zh"])
def test_the_pages_speak_the_readers_language_to_the_end(news: Page, lang: str) -> None:
    news.report(email="reader@example.org")
    page = news.client.get(f"{link(news)}&lang={lang}").text
    assert f'lang="{lang}"' in page
    assert "Confirm my" not in page
    answer = pressed(news, f"{link(news)}&lang={lang}", lang=lang)
    assert f"lang={lang}" in answer.headers["Location"]
    assert "You can print" not in news.client.get(answer.headers["Location"]).text
