"""Connections to a PostgreSQL that restarts, fails over and is full."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from peewee import OperationalError

from tests.conftest import Desk, Page
from tests.nodes.machines import PostgreSQL
from tests.servers import _folder
from widget_server import storage
from widget_server.settings import Settings
from widget_server.storage import StorageUnusable, faults, known, pool, turns, viewers
from widget_server.storage.tables import database
from widget_server.storage.writer import Writer


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with _folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[PostgreSQL]:
    server = PostgreSQL(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def servers(server: PostgreSQL) -> tuple[str, None]:
    """Every test here is on this PostgreSQL."""
    return server.url, None


def test_after_a_restart_of_the_database_nobody_is_refused(server: PostgreSQL, news: Page, desk: Desk) -> None:
    assert (news.view().status_code, news.report().status_code) == (200, 201)
    server.stop()
    server.start()
    assert [news.report(f"text {number}").status_code for number in range(3)] == [201] * 3
    assert news.view(viewer="somebody").status_code == 200
    assert desk.get("/admin/reports").status_code == 200


@pytest.mark.parametrize("lacking", ["UPDATE month SET unique_viewers = NULL", "DELETE FROM month"])
@pytest.mark.parametrize("long_idle", [False, True])
def test_viewers_whom_a_replica_lacks_that_takes_over_are_counted_when_they_come_back(
    server: PostgreSQL, news: Page, monkeypatch: pytest.MonkeyPatch, lacking: str, *, long_idle: bool
) -> None:
    """It had not got the last that was committed, and stands where the other one stood."""
    for _ in range(2):
        for number in range(3):
            news.view(viewer=str(number))
    assert news.usage()["unique_viewers"] == 3
    for statement in ("DELETE FROM viewer", "DELETE FROM tally", lacking):
        server.ask(statement)
    server.stop()
    server.start()
    if long_idle:
        monkeypatch.setattr(pool, "IDLE_SECONDS", 0)
    for _ in range(2):
        for number in range(3):
            assert news.view(viewer=str(number)).status_code == 200
    usage = news.usage()
    assert (usage["unique_viewers"], usage["first_views"], usage["impressions"]) == (3, 3, 6)


def test_a_month_that_a_replica_lacks_is_opened_anew_for_a_view_that_is_just_being_counted(
    server: PostgreSQL, news: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    identify, lacking = viewers.identify, []

    def failing_over(*given, **named):
        found = identify(*given, **named)
        if not lacking:
            lacking.append(server.ask("DELETE FROM month"))
        return found

    monkeypatch.setattr(viewers, "identify", failing_over)
    assert [news.view(viewer=str(number)).status_code for number in range(3)] == [200] * 3
    assert news.usage()["unique_viewers"] == 3
    assert server.ask("SELECT count(*) FROM month WHERE key IS NULL") == 0


def test_a_database_that_is_away_is_answered_with_503_until_it_is_back(server: PostgreSQL, news: Page) -> None:
    assert news.report().status_code == 201
    server.crash()
    try:
        refused = [news.report(), news.view(viewer="somebody")]
    finally:
        server.start()
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in refused] == [(503, "10")] * 2
    assert (news.report().status_code, news.view(viewer="somebody").status_code) == (201, 200)


def test_a_database_without_room_is_answered_with_503_and_goes_on_when_there_is_some(
    server: PostgreSQL, news: Page
) -> None:
    """As PostgreSQL says it (SQLSTATE 53100)."""
    assert (news.report("first").status_code, news.view().status_code) == (201, 200)
    server.ask(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    for table in ("report", "tally", "reason"):
        server.ask(f"CREATE TRIGGER no_room BEFORE INSERT ON {table} EXECUTE FUNCTION no_room()")
    try:
        refused = [news.report("second"), news.view(viewer="somebody")]
        told = news.client.get("/readyz")
    finally:
        server.ask("DROP FUNCTION no_room CASCADE")
    assert (told.status_code, told.json["database"]) == (200, "no room")
    assert news.client.get("/readyz").status_code == 200
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in refused] == [(503, "10")] * 2
    assert (news.report("second").status_code, news.view(viewer="somebody").status_code) == (201, 200)
    assert news.usage()["impressions"] == 2


def test_a_connection_that_dies_in_the_middle_of_a_request_costs_nobody_an_answer(
    server: PostgreSQL, news: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server ends it after the handler has begun. The report is known again by its id."""
    from widget_server.routes.api import reports

    keep, cut = reports.keep, []

    def cutting(*given, **named):
        if not cut:
            cut.append(database.execute_sql("SELECT pg_backend_pid()").fetchone()[0])
            server.ask(f"SELECT pg_terminate_backend({cut[0]}, 5000)")
        return keep(*given, **named)

    monkeypatch.setattr(reports, "keep", cutting)
    assert news.report().status_code == 201
    assert server.ask("SELECT count(*) FROM report") == 1


def test_a_connection_that_dies_while_a_view_is_looked_at_costs_nobody_an_answer(
    server: PostgreSQL, news: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also past Flask, where views are usually answered."""
    by_key, cut = known.by_key, []

    def cutting(key: str):
        if not cut:
            cut.append(database.execute_sql("SELECT pg_backend_pid()").fetchone()[0])
            server.ask(f"SELECT pg_terminate_backend({cut[0]}, 5000)")
            known.forget()
        return by_key(key)

    monkeypatch.setattr(known, "by_key", cutting)
    assert news.view().status_code == 200
    assert news.usage()["impressions"] == 1


def test_who_finds_no_connection_free_in_time_is_refused(news: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BUSY_SECONDS", 0.2)
    turns.allow(1)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        storage.begin()
        held.set()
        over.wait(10)
        storage.end()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    full = news.client.get("/metrics")
    over.set()
    holder.join(10)
    assert (full.status_code, full.headers["Retry-After"]) == (503, "10")
    assert news.client.get("/metrics").status_code == 200


class TestWorkThatIsUndone:
    """By a conflict with other work: it is done again, as a whole."""

    def attempts(self, times: int, sqlstate: str, *, before: str = "SELECT 1") -> list[int]:
        """Work that the database undoes so many times. Returns how often it was begun."""
        begun: list[int] = []

        def work() -> str:
            begun.append(1)
            database.execute_sql(before)
            with database.atomic():
                if len(begun) <= times:
                    database.execute_sql(f"DO $$ BEGIN RAISE SQLSTATE '{sqlstate}'; END $$")
            return "done"

        with storage.connection():
            assert storage.repeated(work) == "done"
        return begun

    @pytest.mark.parametrize("sqlstate", faults.CONFLICTS)
    def test_it_is_done_again(self, app, sqlstate: str) -> None:
        assert len(self.attempts(3, sqlstate)) == 4

    def test_in_the_end_it_is_refused(self, app) -> None:
        with pytest.raises(OperationalError):
            self.attempts(4, "40001")

    def test_another_fault_is_told_at_once(self, app) -> None:
        with pytest.raises(storage.DatabaseError):
            self.attempts(1, "22012")

    def test_what_may_have_kept_something_is_not_done_twice(self, app) -> None:
        with pytest.raises(OperationalError):
            self.attempts(1, "40001", before="CREATE TABLE IF NOT EXISTS scratch (number int)")

    def test_a_real_deadlock_fails_neither_side(self, app) -> None:
        with storage.connection():
            database.execute_sql("CREATE TABLE IF NOT EXISTS pair (id int PRIMARY KEY, sum int)")
            database.execute_sql("INSERT INTO pair VALUES (1, 0), (2, 0) ON CONFLICT (id) DO UPDATE SET sum = 0")
        together = threading.Barrier(2, timeout=60)

        def add(first: int, second: int) -> None:
            met: list[int] = []

            def work() -> None:
                with database.atomic():
                    database.execute_sql("UPDATE pair SET sum = sum + 1 WHERE id = %s", (first,))
                    if not met:
                        met.append(together.wait())
                    database.execute_sql("UPDATE pair SET sum = sum + 1 WHERE id = %s", (second,))

            with storage.connection():
                storage.repeated(work)

        threads = [threading.Thread(target=add, args=order) for order in ((1, 2), (2, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        with storage.connection():
            assert database.execute_sql("SELECT id, sum FROM pair ORDER BY id").fetchall() == [(1, 2), (2, 2)]


class TestManyViewsInOneCommit:
    @pytest.fixture
    def begun(self, app) -> list[int]:
        """How often a batch was begun. What is stored: a row each time."""
        with storage.connection():
            database.execute_sql("DROP TABLE IF EXISTS stored")
            database.execute_sql("CREATE TABLE stored (number int)")
        return []

    def store(self, begun: list[int], meanwhile: Callable[[], None]) -> None:
        """Hand one item to a writer whose first batch is disturbed at its end."""

        def keep(numbers: Sequence[int]) -> None:
            begun.append(1)
            for number in numbers:
                database.execute_sql("INSERT INTO stored VALUES (%s)", (number,))
            if len(begun) == 1:
                meanwhile()

        writer: Writer[int] = Writer(keep, lambda _: None)
        try:
            writer.store(7)
        finally:
            writer.close()

    def test_a_batch_that_a_conflict_undid_is_stored_once(self, server: PostgreSQL, begun: list[int]) -> None:
        self.store(begun, lambda: database.execute_sql("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
        assert (len(begun), server.ask("SELECT count(*) FROM stored")) == (2, 1)

    def test_a_batch_whose_connection_is_lost_at_its_commit_is_not_tried_again(
        self, server: PostgreSQL, begun: list[int]
    ) -> None:
        """It may be there already: the sender is told that it is not known to be."""

        def end() -> None:
            number = database.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
            server.ask(f"SELECT pg_terminate_backend({number}, 5000)")

        with pytest.raises(OperationalError):
            self.store(begun, end)
        assert (len(begun), server.ask("SELECT count(*) FROM stored")) == (1, 0)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("?sslmode=never", "sslmode"),
        ("?target_session_attrs=any-will-do", "target_session_attrs"),
        ("?pool=7", 'invalid URI query parameter: "pool"'),
        ("?sslmode=require", "SSL"),
    ],
)
def test_what_the_address_says_reaches_the_library_and_is_refused_in_one_line(
    server: PostgreSQL, more: str, told: str
) -> None:
    with pytest.raises(StorageUnusable) as refused:
        storage.connect(server.url + more)
    assert told in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_of_several_hosts_the_one_that_can_be_written_to_is_used(server: PostgreSQL, folder: Path) -> None:
    server.stop()
    replica = PostgreSQL(folder, copy_of=server)
    server.start()
    replica.start()
    try:
        storage.connect(f"postgresql://postgres@127.0.0.1:9,127.0.0.1:{replica.port},127.0.0.1:{server.port}/postgres")
        with storage.connection():
            assert str(database.execute_sql("SHOW port").fetchone()[0]) == str(server.port)
        with pytest.raises(StorageUnusable, match="read-only"):
            storage.connect(replica.url)
    finally:
        replica.stop()


def test_settings_that_are_not_about_postgresql_are_its_defaults() -> None:
    assert Settings(secret_key="x" * 32).database_connections == turns.MOST
