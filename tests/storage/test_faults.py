"""When the database refuses, nothing is acknowledged that is not kept."""

import contextlib
import sqlite3
import threading
import uuid

import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page, seen
from widget_server.settings import Settings
from widget_server.storage import viewers
from widget_server.storage.tables import Report, Viewer, database
from widget_server.storage.writer import Busy, Writer


@pytest.fixture
def sqlite_file(settings: Settings) -> str:
    """The faults of a file are tried on a file, whatever the rest of this run stores in."""
    if not settings.database_url.startswith("sqlite"):
        pytest.fail("this fixture is for SQLite")
    return settings.database_url.removeprefix("sqlite:///")


class TestOnSqlite:
    """A file's own faults. On PostgreSQL these are the database server's."""

    @pytest.fixture
    def servers(self) -> None:
        return None

    def test_a_full_disk_is_answered_with_503_and_the_report_is_kept_once_there_is_room(
        self, app: Flask, news: Page, caplog: pytest.LogCaptureFixture
    ) -> None:
        name = str(uuid.uuid4())
        assert news.report("first").status_code == 201
        database.execute_sql(f"PRAGMA max_page_count = {database.execute_sql('PRAGMA page_count').fetchone()[0]}")
        answers = [news.report("x" * 40_000, id=name) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.headers["Retry-After"] for answer in answers} == {"10"}
        assert {answer.mimetype for answer in answers} == {"application/problem+json"}
        assert caplog.messages == ["the database refused: OperationalError: database or disk is full"] * 3
        assert news.client.get("/healthz").status_code == 200
        told = news.client.get("/readyz")
        assert (told.status_code, told.json["database"]) == (200, "no room")
        database.execute_sql("PRAGMA max_page_count = 1000000")
        assert news.client.get("/readyz").json["database"] == "ok"
        assert news.report("x" * 40_000, id=name).status_code == 201
        assert Report.select().count() == 2

    def test_while_nothing_can_be_written_readers_pages_and_the_desk_can_be_read(
        self, news: Page, desk: Desk, clock: Clock
    ) -> None:
        receipt = news.report().json["receipt"]
        pages = ["/", "/demo", f"/report?site={news.key}", f"/r/{receipt}", f"/api/v1/reports/{receipt}"]
        assert {news.client.get(page).status_code for page in pages} == {200}
        database.execute_sql("PRAGMA query_only = 1")
        clock.move(minutes=5)
        assert {news.client.get(page).status_code for page in pages} == {200}
        assert news.render().status_code == 200
        assert desk.get("/admin/reports").status_code == 200
        assert desk.post("/admin/logout").status_code == 503
        database.execute_sql("PRAGMA query_only = 0")
        assert desk.post("/admin/logout").status_code == 302

    def test_a_locked_database_is_answered_with_503_within_five_seconds(
        self, app: Flask, news: Page, sqlite_file: str
    ) -> None:
        import time

        assert news.report("first").status_code == 201
        other = sqlite3.connect(sqlite_file, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = news.report("second")
        assert time.monotonic() - began < 5
        assert answer.status_code == 503
        other.execute("ROLLBACK")
        other.close()
        assert news.report("second").status_code == 201


def test_a_view_that_the_database_refuses_is_not_acknowledged(app: Flask, news: Page) -> None:
    database.execute_sql("ALTER TABLE tally RENAME TO tally_gone")
    try:
        assert news.view().status_code == 503
    finally:
        database.execute_sql("ALTER TABLE tally_gone RENAME TO tally")
    assert news.view().status_code == 200
    assert news.usage()["impressions"] == 1


@pytest.mark.parametrize(
    ("what", "told"), [("notes", "Try again soon; nothing was kept."), ("not-me", "some was kept")]
)
def test_nobody_is_told_that_nothing_was_kept_where_something_was(
    app: Flask, news: Page, desk: Desk, what: str, told: str
) -> None:
    """That a category is left to others is kept before the case is: the log has only that."""
    news.report(category="hate")
    desk.post("/admin/reports/1/claim", "/admin/reports/1")
    database.execute_sql("ALTER TABLE log_entry RENAME TO log_gone")
    try:
        answer = desk.post(f"/admin/reports/1/{what}", "/admin/reports/1", text="Look.")
    finally:
        database.execute_sql("ALTER TABLE log_gone RENAME TO log_entry")
    assert (answer.status_code, told in answer.text) == (503, True)
    assert ('value="hate" checked' in desk.get("/admin/wishes").text) is (what == "not-me")
    assert "Look." not in desk.get("/admin/reports/1").text


def test_one_bad_item_does_not_fail_the_others_of_its_commit(app: Flask, news: Page) -> None:
    """A batch is held back until all are in it: the writer's `keep` waits for the last one."""
    together = threading.Barrier(3, timeout=60)
    first = threading.Event()

    def keep(items) -> None:
        if not first.is_set():
            first.set()
            together.wait()
        for item in items:
            database.execute_sql(item)

    done = []
    writer: Writer[str] = Writer(keep, done.extend)
    month = "INSERT INTO viewer (site, month, key) VALUES (1, 202611, {})"
    outcomes: dict[str, object] = {}

    def store(sql: str) -> None:
        try:
            writer.store(sql)
            outcomes[sql] = "kept"
        except Exception as error:  # noqa: BLE001
            outcomes[sql] = type(error).__name__

    statements = [month.format(0), month.format(1), "INSERT INTO nothing VALUES (1)", month.format(2)]
    opener = threading.Thread(target=store, args=(statements[0],))
    opener.start()
    first.wait(10)
    threads = [threading.Thread(target=store, args=(sql,)) for sql in statements[1:]]
    for thread in threads:
        thread.start()
    while writer._waiting.qsize() < 3:
        threading.Event().wait(0.01)
    threading.Thread(target=together.wait).start()
    together.wait()
    for thread in [opener, *threads]:
        thread.join(10)
    writer.close()
    assert outcomes[statements[2]] != "kept"
    assert [outcomes[sql] for sql in statements if sql != statements[2]] == ["kept"] * 3
    assert sorted(row.key for row in Viewer.select()) == [0, 1, 2]


def test_a_closed_writer_refuses(app: Flask) -> None:
    writer: Writer[str] = Writer(lambda _: None, lambda _: None)
    writer.close()
    with pytest.raises(Busy):
        writer.store("late")
    writer.close()


def test_views_at_once_are_all_counted_and_viewers_once(app: Flask, news: Page) -> None:
    def work(number: int) -> None:
        page = Page(app.test_client(), news.key, news.secret)
        for person in range(10):
            assert page.view(seen("x"), viewer=f"person-{person}").status_code == 200

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    viewers.forget()
    assert (news.usage()["unique_viewers"], news.usage()["impressions"]) == (10, 80)


def test_what_was_answered_with_busy_is_not_stored_later(app: Flask) -> None:
    """The sender will send it again: storing it, too, would count it twice."""
    begun, opened, stored = threading.Event(), threading.Event(), []

    def keep(items) -> None:
        begun.set()
        opened.wait(10)
        stored.extend(items)

    writer: Writer[str] = Writer(keep, lambda _: None, patience=0.5)

    def send_first() -> None:
        with contextlib.suppress(Busy):
            writer.store("first")

    first = threading.Thread(target=send_first)
    first.start()
    begun.wait(10)
    with pytest.raises(Busy):
        writer.store("second")
    opened.set()
    first.join(10)
    writer.close()
    assert stored == ["first"]
