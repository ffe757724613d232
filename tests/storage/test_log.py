"""The log is only ever added to, by however many at once, and tells when somebody has changed it."""

import threading

import pytest
from flask import Flask
from peewee import SqliteDatabase

from tests.conftest import Clock, Desk, Page
from widget_server.rules.audit import BEGINNING
from widget_server.rules.moderation import Decision
from widget_server.storage import DatabaseError, bulk, connection, log, rulings
from widget_server.storage.rulings import Clash, Verdict
from widget_server.storage.tables import LogEntry, Ruling, database


def add(clock: Clock, number: int) -> None:
    with database.atomic():
        log.write("test", f"thing {number}", moderator=None, at=clock(), site=number % 3 or None, number=number)


def unlocked(*statements: str) -> None:
    """What somebody does who may do everything to the database."""
    if isinstance(database.obj, SqliteDatabase):
        for change in ("update", "delete"):
            database.execute_sql(f"DROP TRIGGER log_entry_{change}")
        for statement in statements:
            database.execute_sql(statement)
        return
    database.execute_sql("ALTER TABLE log_entry DISABLE TRIGGER log_entry_stays")
    for statement in statements:
        database.execute_sql(statement)
    database.execute_sql("ALTER TABLE log_entry ENABLE TRIGGER log_entry_stays")


def test_everything_that_happens_is_a_link_of_one_chain(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "dismiss", "Grüße, “quoted” \\ and \n all 🗼.")
    desk.undo(1)
    news.client.delete(f"/api/v1/reports/{receipt}")
    found = log.verify()
    assert (found.entries, found.broken, found.newest) == (7, None, log.newest().digest)
    assert LogEntry.get_by_id(1).previous == BEGINNING
    assert [row.id for row in LogEntry.select().order_by(LogEntry.id)] == [1, 2, 3, 4, 5, 6, 7]


def test_an_empty_log_is_whole(app: Flask) -> None:
    assert (log.verify().entries, log.verify().broken, log.newest()) == (0, None, None)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE log_entry SET verb = 'other'", "DELETE FROM log_entry", "UPDATE log_entry SET at = at WHERE id = 2"],
)
def test_the_database_refuses_to_change_or_remove_an_entry(app: Flask, clock: Clock, statement: str) -> None:
    for number in range(3):
        add(clock, number)
    with pytest.raises(DatabaseError, match="append-only"), database.atomic():
        database.execute_sql(statement)
    assert (log.verify().entries, log.verify().broken) == (3, None)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE log_entry SET verb = 'other' WHERE id = 3", 3),
        ("UPDATE log_entry SET particulars = '{}' WHERE id = 1", 1),
        ("UPDATE log_entry SET site = NULL WHERE id = 2", 2),
        ("UPDATE log_entry SET moderator_id = NULL, digest = 'x' WHERE id = 2", 2),
        ("DELETE FROM log_entry WHERE id = 1", 2),
        ("DELETE FROM log_entry WHERE id = 3", 4),
        ("DELETE FROM log_entry WHERE id = 5", None),
    ],
)
def test_whoever_gets_round_the_database_is_found(app: Flask, clock: Clock, statement: str, broken: int | None) -> None:
    for number in range(1, 6):
        add(clock, number)
    kept = log.newest().digest
    unlocked(statement)
    assert log.verify().broken == broken
    assert not log.verify(kept).expected


def test_a_digest_that_was_kept_elsewhere_is_found_again_while_nothing_is_cut_off(app: Flask, clock: Clock) -> None:
    add(clock, 1)
    kept = log.newest().digest
    for number in range(2, 5):
        add(clock, number)
    assert log.verify(kept).expected
    unlocked("DELETE FROM log_entry WHERE id > 1")
    assert log.verify(kept).expected
    assert not log.verify("0" * 64).expected


def test_a_long_log_is_read_in_pieces_with_progress(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "AT_ONCE", 3)
    for number in range(8):
        add(clock, number)
    told: list[tuple[int, int]] = []
    assert log.verify(progress=lambda done, total: told.append((done, total))).broken is None
    assert told == [(3, 8), (6, 8), (8, 8)]


def test_many_writers_at_once_make_one_chain(app: Flask, clock: Clock) -> None:
    failures: list[Exception] = []

    def write(name: int) -> None:
        with connection():
            for number in range(20):
                try:
                    add(clock, 100 * name + number)
                except DatabaseError as error:
                    failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (log.verify().entries, log.verify().broken) == (120, None)


def test_nobody_waits_for_each_other_in_a_circle(news: Page, desk: Desk, other_desk: Desk, clock: Clock) -> None:
    """One decides many cases in one transaction, others decide the same ones alone, in the other direction."""
    numbers = list(range(1, 41))
    for number in numbers:
        news.report(f"text {number} of its own, {number * 7919}")
    verdict = Verdict(Decision.DISMISS, "spam", "guideline", "No.")
    failures: list[Exception] = []
    gate = threading.Barrier(3)

    def run(work) -> None:
        with connection():
            gate.wait()
            try:
                work()
            except DatabaseError as error:
                failures.append(error)

    def alone(order: list[int], moderator: int) -> None:
        for number in order:
            try:
                rulings.decide(number, verdict, version=0, moderator=moderator, at=clock())
            except Clash:
                continue

    works = [
        lambda: bulk.decide(dict.fromkeys(numbers, 0), verdict, moderator=1, at=clock()),
        lambda: alone(numbers[::-1], 2),
        lambda: alone(numbers[20:] + numbers[:20], 2),
    ]
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Ruling.select().count() == 40
    assert log.verify().broken is None


def test_what_fails_leaves_no_entry(app: Flask, clock: Clock) -> None:
    def fail() -> None:
        with database.atomic():
            log.write("never", "thing", moderator=None, at=clock())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.atomic():
        log.write("first", "thing", moderator=None, at=clock())
        with pytest.raises(ZeroDivisionError):
            fail()
        log.write("second", "thing", moderator=None, at=clock())
    log.write("third", "thing", moderator=None, at=clock())
    assert [row.verb for row in LogEntry.select().order_by(LogEntry.id)] == ["first", "second", "third"]
    assert log.verify().broken is None


def test_the_desk_shows_the_newest_digest_to_keep(desk: Desk) -> None:
    newest = log.newest()
    assert newest.digest in desk.get("/admin/log").text
    assert newest.digest not in desk.get("/admin/log?before=1").text
