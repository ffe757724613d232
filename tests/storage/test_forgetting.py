"""What is forgotten is gone: from every table, and on SQLite from the file and its log of writes, within a round."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.admin.test_second import set_up
from tests.conftest import BROWSER, Clock, Desk, Page, signed_in
from tests.inboxes import Inbox
from tests.statements import Asked
from widget_server import storage
from widget_server.rules.webhooks import Kind as Webhooks
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection, people, searching, webhooks
from widget_server.storage.tables import (
    ALL,
    Delivery,
    LogEntry,
    Moderator,
    Month,
    Report,
    SignIn,
    SourceKey,
    Viewer,
    database,
)

EMAIL = "unmistakable@reader.example"
PERSONAL = {
    "comment": "unmistakable-comment",
    "email": EMAIL,
    "quote": {"exact": "unmistakable-quote"},
    "page": "https://news.example/unmistakable-page",
}
TEXT = "An unmistakable-text that only its reporter has seen."


@dataclass
class Kept:
    """What the database holds, row by row, and on SQLite byte by byte."""

    settings: Settings
    clock: Clock

    def round(self) -> None:
        """What the server does every half minute."""
        if not database.is_closed():
            database.close()
        keep_house(self.settings, at=self.clock())

    def rounds(self) -> None:
        """What it does until it is certain what time it is."""
        self.round()
        self.clock.move(minutes=5)
        self.round()

    def has(self, *things: str | bytes) -> bool:
        with connection():
            rows = "".join(str(row) for table in ALL for row in table.select().tuples())
            if not self.settings.database_url.startswith("sqlite"):
                database.execute_sql("VACUUM")
        return any(str(thing) in rows or self._in_file(thing) for thing in things)

    def _in_file(self, thing: str | bytes) -> bool:
        if not self.settings.database_url.startswith("sqlite"):
            return False
        file = Path(self.settings.database_url.removeprefix("sqlite:///"))
        sought = thing if isinstance(thing, bytes) else thing.encode()
        return any(sought in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


@pytest.fixture
def kept(settings: Settings, clock: Clock) -> Kept:
    return Kept(settings, clock)


def reported(news: Page) -> tuple[str, str]:
    """The receipt of a report with all that is personal in one, and what is stored of its address."""
    receipt = news.report(TEXT, **PERSONAL).json["receipt"]
    with connection():
        return receipt, Report.get().email


def withdraw(news: Page, receipt: str) -> None:
    assert news.client.delete(f"/api/v1/reports/{receipt}").status_code == 204


def delete_on_the_page(news: Page, receipt: str) -> None:
    assert f'action="/r/{receipt}/delete"' in news.client.get(f"/r/{receipt}").text
    answer = news.client.post(f"/r/{receipt}/delete", headers={"Origin": "https://widget.example"})
    assert answer.status_code in (200, 303), answer.text


@pytest.mark.parametrize("how", [withdraw, delete_on_the_page])
def test_a_report_that_is_taken_back(news: Page, kept: Kept, how: Callable[[Page, str], None]) -> None:
    receipt, address = reported(news)
    kept.round()
    assert (kept.has("unmistakable"), kept.has(address), kept.has(EMAIL)) == (True, True, False)
    how(news, receipt)
    kept.round()
    assert not kept.has("unmistakable", address)


def test_words_leave_the_index_in_the_round_and_not_while_a_reader_waits(news: Page, kept: Kept, asked: Asked) -> None:
    def merged(work: Callable[[], None]) -> bool:
        return any("'merge'" in one or "'optimize'" in one for one in asked.since(work))

    receipts = [news.report(f"{TEXT} {number}").json["receipt"] for number in range(3)]
    assert not any(merged(lambda receipt=receipt: withdraw(news, receipt)) for receipt in receipts)
    assert [merged(kept.round) for _ in range(2)] == [kept.settings.database_url.startswith("sqlite"), False]
    assert not kept.has("unmistakable")


def test_an_address_that_its_owner_wants_forgotten(news: Page, kept: Kept) -> None:
    receipt, address = reported(news)
    assert news.client.delete(f"/api/v1/reports/{receipt}/email").status_code == 204
    kept.round()
    assert (kept.has(address), kept.has("unmistakable-comment")) == (False, True)
    assert Delivery.select().count() == 0


def test_a_report_an_appeal_and_its_text_after_the_retention_time(
    news: Page, desk: Desk, kept: Kept, clock: Clock
) -> None:
    receipt, address = reported(news)
    desk.decide(1, "dismiss")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "unmistakable-appeal"})
    signed_in(kept_app(news), clock, "bob@news.example").decide(1, "dismiss")
    news.view({"text_sha256": "a" * 64, "disclosed": False, "hidden_by": "size"}, page=PERSONAL["page"])
    kept.round()
    assert kept.has("unmistakable-appeal")
    clock.move(days=367)
    kept.rounds()
    assert not kept.has("unmistakable", address)


def kept_app(news: Page) -> Flask:
    return news.client.application


def test_a_months_viewers_and_their_key_and_where_reports_came_from(news: Page, kept: Kept, clock: Clock) -> None:
    news.view(viewer="unmistakable-viewer")
    news.report()
    with connection():
        number = Viewer.get().key
        source = Report.get().source
        seals = bytes(Month.get().key), bytes(SourceKey.get().key)
    in_file = [one.to_bytes(8, "big", signed=True) for one in (number, source)]
    kept.round()
    assert kept.has(str(number))
    assert kept.has(*seals) or not kept.settings.database_url.startswith("sqlite")
    clock.move(days=31)
    kept.rounds()
    assert not kept.has(str(number), str(source), *seals, *in_file, "unmistakable-viewer")
    assert (Month.get().unique_viewers, SourceKey.select().count()) == (1, 0)


def test_somebody_who_has_left_the_desk(desk: Desk, other_desk: Desk, kept: Kept, clock: Clock) -> None:
    set_up(other_desk, clock)
    other_desk.post("/admin/filters", "/admin/reports", name="unmistakable-filter", query="category=fraud")
    with connection():
        bob = people.find("bob@news.example")
        known = [
            bob.password_hash,
            bob.totp_secret,
            SignIn.get(SignIn.moderator == bob).token_sha256,
        ]
    kept.round()
    assert all(kept.has(one) for one in known)
    with connection():
        people.remove(bob, by=1, at=clock())
    kept.round()
    assert not kept.has(*known, "unmistakable-filter")
    assert [person.email for person in Moderator.select().where(Moderator.removed_at.is_null())] == [desk.email]


def test_somebody_who_was_invited_and_never_came(desk: Desk, kept: Kept, clock: Clock) -> None:
    def rows() -> str:
        """All but the log, which tells of everything that was done."""
        return "".join(str(row) for table in ALL if table is not LogEntry for row in table.select().tuples())

    desk.post("/admin/people/invitations", "/admin/people", email="stranger@example.org", role="moderator")
    clock.move(days=6.9)
    kept.rounds()
    assert "stranger@example.org" in rows()
    clock.move(days=0.2)
    kept.rounds()
    assert "stranger@example.org" not in rows()


def test_where_and_when_somebody_was_at_the_desk_once_that_is_over(app: Flask, kept: Kept, clock: Clock) -> None:
    def sessions(after_hours: float) -> int:
        clock.move(hours=after_hours)
        kept.rounds()
        return SignIn.select().count()

    somebody = signed_in(app, clock, "ada@news.example")
    assert sessions(after_hours=7.9) == 1
    somebody.get("/admin/reports")
    assert [sessions(after_hours=7.9), sessions(after_hours=0.2)] == [1, 0]
    set_up(signed_in(app, clock, "bob@news.example"), clock)
    bob = Desk(app.test_client(), "bob@news.example")
    bob.post("/admin/login", "/admin/login", email=bob.email, password="correct horse battery")
    assert [sessions(after_hours=0), sessions(after_hours=0.2)] == [2, 1]


def test_what_was_sent_by_mail_and_told_to_a_webhook(
    news: Page, desk: Desk, kept: Kept, inbox: Inbox, clock: Clock
) -> None:
    with connection():
        webhooks.add(
            "http://127.0.0.1:9/", kind=Webhooks.STANDARD, site=None, wanted=[], note="", moderator=1, at=clock()
        )
    kept.settings = replace(kept.settings, mail_url=inbox.url)
    receipt, _ = reported(news)
    desk.decide(1, "dismiss", "It stays.")
    kept.round()
    assert len(inbox.messages) >= 2
    with connection():
        kept_of_mails = "".join(
            str(row) for table in (Delivery, webhooks.WebhookDelivery) for row in table.select().tuples()
        )
    assert not any(told in kept_of_mails for told in ("unmistakable", receipt))
    clock.move(days=31)
    kept.rounds()
    assert Delivery.select().count() == 0
    clock.move(days=367)
    kept.rounds()
    told = webhooks.WebhookDelivery
    settled = told.due_at.is_null() & (told.created_at < clock.moment - timedelta(days=366))
    assert not told.select().where(settled).exists()


def test_the_log_of_writes_is_emptied_also_while_others_have_the_file_open(news: Page, kept: Kept) -> None:
    receipt, address = reported(news)
    storage.begin()
    withdraw(news, receipt)
    searching.forget_words()
    storage.empty_log()
    assert not kept.has("unmistakable", address)


def test_no_browser_and_no_address_of_a_reader_is_ever_stored(news: Page, kept: Kept) -> None:
    news.view(address="203.0.113.99", browser=BROWSER)
    news.report()
    kept.round()
    assert not kept.has("203.0.113.99", BROWSER, "Mozilla")
