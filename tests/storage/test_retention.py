"""What is old is forgotten, and what is promised about the database file holds."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from tests.admin.test_bursts import aside, back, flood, signed_again
from tests.conftest import TEXT, Clock, Desk, Page
from tests.inboxes import Inbox, text
from widget_server import storage
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import MIGRATIONS, deliveries, months, retention
from widget_server.storage.tables import ALL, Case, Delivery, PublicationRow, Report, Viewer, database

PERSONAL = {"comment": "unmistakable-comment", "email": "unmistakable@reader.example"}


def test_settled_reports_lose_what_is_personal_after_the_retention_time(news: Page, desk: Desk, clock: Clock) -> None:
    news.report("settled", **PERSONAL)
    news.report("waiting", **PERSONAL)
    desk.decide(1, "dismiss")
    clock.move(days=364)
    assert retention.purge(days=365, at=clock()) == 0
    clock.move(days=2)
    assert retention.purge(days=365, at=clock()) == 1
    assert [(report.comment, deliveries.address(report)) for report in Report.select().order_by(Report.id)] == [
        ("", ""),
        (PERSONAL["comment"], PERSONAL["email"]),
    ]
    assert retention.purge(days=365, at=clock()) == 0


def test_a_rejected_text_is_forgotten_after_the_retention_time_and_then_held_anew(
    news: Page, desk: Desk, clock: Clock
) -> None:
    def state(words: str) -> str:
        return news.render(words, audience="public").json["state"]

    for words in ("rejected", "approved", "waiting"):
        number = news.render(words, audience="public").json["publication"]
        if words != "waiting":
            desk.review(number, words, "Because.")
    clock.move(days=364)
    retention.purge(days=365, at=clock())
    assert [state("rejected"), state("approved"), state("waiting")] == ["withdrawn", "shown", "held"]
    clock.move(days=2)
    retention.purge(days=365, at=clock())
    assert "rejected" not in [row.text for row in PublicationRow.select()]
    assert [state("rejected"), state("approved"), state("waiting")] == ["held", "shown", "held"]


def test_an_appeal_after_the_purge_is_forgotten_too(news: Page, desk: Desk, clock: Clock) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "dismiss")
    clock.move(days=400)
    retention.purge(days=365, at=clock())
    assert Case.get().text == ""
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "my name is Jane"})
    clock.move(days=400)
    assert retention.purge(days=365, at=clock()) == 0
    Case.update(state="dismissed").execute()
    assert retention.purge(days=365, at=clock()) == 1
    assert Report.get().appeal is None


def test_a_decision_on_an_old_case_is_told_and_can_be_taken_back_before_anything_is_forgotten(
    news: Page, desk: Desk, inbox: Inbox, settings: Settings, clock: Clock
) -> None:
    settings = replace(settings, mail_url=inbox.url, retention_days=1)

    def house() -> int:
        database.close()
        return keep_house(settings, at=clock())["reports_purged"]

    news.report(**PERSONAL)
    house()
    clock.move(days=31)
    signed_again(desk).decide(1, "withdraw", "It is gone.")
    inbox.refusing = True
    assert house() == 0
    clock.move(days=1)
    assert house() == 0
    inbox.refusing = False
    clock.move(milliseconds=-1)
    assert signed_again(desk).undo(1).status_code == 303
    assert PERSONAL["comment"] in desk.get("/admin/reports/1").text
    assert TEXT in desk.get("/admin/reports/1").text
    desk.decide(1, "dismiss", "It stays.")
    inbox.refusing = True
    house()
    clock.move(days=1, seconds=1)
    assert house() == 0  # its mail is owed
    inbox.refusing = False
    clock.move(hours=12)
    house()
    assert "It stays." in text(inbox.messages[-1])
    assert house() == 1
    assert (Case.get().text, Report.get().comment) == ("", "")


def test_a_burst_on_an_old_case_is_brought_back_with_all_that_its_reporters_wrote(
    news: Page, desk: Desk, clock: Clock
) -> None:
    flood(news, comment="We were there.")
    clock.move(days=31)
    aside(signed_again(desk))
    retention.purge(days=1, at=clock())
    back(desk)
    assert "We were there." in desk.get("/admin/reports/1").text
    aside(desk)
    clock.move(days=1, seconds=1)
    assert retention.purge(days=1, at=clock()) == 12


def test_mails_that_were_given_up_are_forgotten_after_a_month(news: Page, clock: Clock) -> None:
    news.report(email="reader@example.org")
    Delivery.update(due_at=None).execute()
    clock.move(days=31)
    retention.purge(days=365, at=clock())
    assert Delivery.select().count() == 0


def test_pages_that_hid_the_badge_are_forgotten_after_the_retention_time(news: Page, clock: Clock) -> None:
    news.view({"text_sha256": "a" * 64, "disclosed": False, "hidden_by": "size"})
    clock.move(days=365)
    retention.purge(days=365, at=clock())
    assert len(news.usage("2026-11")["undisclosed_pages"]) == 1
    clock.move(days=1)
    retention.purge(days=365, at=clock())
    assert news.usage("2026-11")["undisclosed_pages"] == []


def test_housekeeping_closes_months_without_any_request(news: Page, settings: Settings, clock: Clock) -> None:
    news.view()
    clock.move(days=31)
    database.close()
    assert keep_house(settings, at=clock())["months_closed"] == 0
    clock.move(minutes=5)
    assert keep_house(settings, at=clock())["months_closed"] == 1
    assert Viewer.select().count() == 0
    assert news.usage("2026-11")["unique_viewers"] == 1


def test_the_tables_are_what_the_migrations_make(app: Flask) -> None:
    found = diff_models(database.obj, list(ALL))
    # Each database searches in its own way, which the models do not know.
    indexes = [index for index in found.drop_indexes if index.name != "case_words"]
    columns = [column for column in found.drop_columns if column != ("case", "words")]
    assert not found._replace(drop_indexes=indexes, drop_columns=columns)
    assert Runner(database.obj, str(MIGRATIONS)).up() == []


def test_starting_twice_changes_nothing(app: Flask) -> None:
    database.close()
    assert storage.migrate() == []


class TestOnSqlite:
    """A database file can be searched for what should be gone."""

    @pytest.fixture
    def servers(self) -> None:
        return None

    def test_nobody_else_on_the_machine_reads_the_file(self, app: Flask, settings: Settings) -> None:
        file = Path(settings.database_url.removeprefix("sqlite:///"))
        assert file.stat().st_mode & 0o777 == 0o600

    def test_a_report_taken_back_leaves_no_trace_in_the_file(self, news: Page, settings: Settings) -> None:
        receipt = news.report(quote={"exact": "unmistakable-quote"}, **PERSONAL).json["receipt"]
        file = Path(settings.database_url.removeprefix("sqlite:///"))
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"unmistakable" in file.read_bytes()
        news.client.delete(f"/api/v1/reports/{receipt}")
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"unmistakable" not in file.read_bytes()

    def test_a_closed_months_viewers_leave_no_trace_in_the_file(
        self, news: Page, settings: Settings, clock: Clock
    ) -> None:
        news.view()
        key = Viewer.get().key.to_bytes(8, "big", signed=True)
        file = Path(settings.database_url.removeprefix("sqlite:///"))
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert key in file.read_bytes()
        clock.move(days=31)
        months.close_months(at=clock())
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert key not in file.read_bytes()
