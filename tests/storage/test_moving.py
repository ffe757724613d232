"""An installation moves from SQLite to PostgreSQL: whole, or not at all."""

import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page, signed_in
from tests.receivers import receiving
from tests.servers import postgresql_url
from widget_server import create_app, storage
from widget_server.rules.webhooks import Kind
from widget_server.settings import Settings
from widget_server.storage import StorageUnusable, backups, connection, log, months, moving, webhooks
from widget_server.storage.tables import Case, Report, Site, Webhook, database

TEXTS = [
    "Plain.",
    "Der Turm \u2013 \u05de\u05d2\u05d3\u05dc \U0001f5fc",
    'back\\slash, "quotes",\ttabs\r\nand lines',
    "\\N",
    "\\.",
]
EMAIL = "ada@news.example"
PAGES = ["/admin/reports", "/admin/reports/1", "/admin/publications", "/admin/viewers", "/admin/log", "/admin/figures"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql_url() as url:
        yield url


@pytest.fixture
def servers() -> None:
    """What is moved is an SQLite installation."""
    return


@pytest.fixture
def target(server: str) -> str:
    """An empty PostgreSQL database."""
    with psycopg.connect(server, autocommit=True) as connected:
        connected.execute("DROP DATABASE IF EXISTS new WITH (FORCE)")
        connected.execute("CREATE DATABASE new")
    return urlsplit(server)._replace(path="/new").geturl()


@pytest.fixture
def file(news: Page, shop: Page, clock: Clock, app: Flask, tmp_path: Path) -> Path:
    """The file of an installation with something in most of its tables, whose server has stopped."""
    for number in range(30):
        news.view(viewer=f"person {number}")
        shop.view(viewer=f"person {number}")
    clock.move(days=10)
    news.view(viewer="person of December")
    desk = signed_in(app, clock, EMAIL)
    with connection():
        webhooks.add("https://a.example/", kind=Kind.STANDARD, site=None, wanted=[], note="", moderator=1, at=clock())
    for number, text in enumerate(TEXTS):
        news.report(text, comment=text, email=f"reader{number}@mail.example", quote={"exact": text})
        shop.report(text)
    desk.decide(1, "withdraw", TEXTS[1])
    desk.decide(2, "dismiss")
    news.render("For everybody.", audience="public")
    for page in PAGES:
        desk.get(page)
    backups.backup(tmp_path / "stopped.sqlite3", progress=lambda *_: None)
    return tmp_path / "stopped.sqlite3"


def contents(file: Path) -> dict[str, list[tuple]]:
    with closing(sqlite3.connect(file)) as opened:
        return {
            name: opened.execute(f'SELECT * FROM "{name}"').fetchall()
            for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        }


def rows_in(url: str) -> int:
    with psycopg.connect(url) as opened:
        names = [name for (name,) in opened.execute(moving.TABLES).fetchall()]
        return sum(opened.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names)


def looked_at(settings: Settings, clock: Clock) -> dict[str, str]:
    """What a moderator, a site's owner and the command line see of an installation."""
    app = create_app(settings, now=clock)
    try:
        desk = Desk(app.test_client(), EMAIL)
        assert (
            desk.post("/admin/login", "/admin/login", email=EMAIL, password="correct horse battery").status_code == 302
        )
        seen = {page: re.sub(r'name="csrf_token"[^>]*', "", desk.get(page).text) for page in PAGES}
        with connection():
            for site in Site.select().order_by(Site.id):
                for month in months.of(site.id):
                    seen[f"usage {site.key} {month}"] = str(months.usage(site.id, month))
            found = log.verify()
            assert found.broken is None
            seen["sites"] = str(list(Site.select().order_by(Site.id).tuples()))
        return seen
    finally:
        app.extensions["widget_server"].writer.close()
        database.close()


def test_both_databases_tell_the_same(file: Path, target: str, settings: Settings, clock: Clock, news: Page) -> None:
    before, steps = contents(file), []
    rows = moving.move(file, target, progress=lambda done, total: steps.append((done, total)))
    assert contents(file) == before
    assert rows == {
        f'"{name}"': len(before[name]) for name in before if not name.startswith(("schema_", "case_words", "sqlite_"))
    }
    assert steps == sorted(steps)
    assert steps[-1] == (2 * sum(rows.values()),) * 2
    assert len([name for name, number in rows.items() if number]) >= 15, rows
    moved = replace(settings, database_url=target)
    moment = clock.moment
    here = looked_at(settings, clock)
    clock.moment = moment
    there = looked_at(moved, clock)
    assert there == here


def test_what_comes_afterwards_gets_new_numbers(
    file: Path, target: str, settings: Settings, clock: Clock, news: Page
) -> None:
    moving.move(file, target)
    app = create_app(replace(settings, database_url=target), now=clock)
    page = Page(app.test_client(), news.key, news.secret)
    assert page.report("One more.").status_code == 201
    assert page.view(viewer="person of December").status_code == 200
    assert page.usage("2026-12")["unique_viewers"] == 1
    assert page.usage("2026-11")["unique_viewers"] == 30
    with connection():
        assert Case.select().count() == 2 * len(TEXTS) + 1
        assert Report.select().count() == 2 * len(TEXTS) + 1
        assert log.verify().broken is None
        with pytest.raises(storage.IntegrityError):
            Report.update(case=999).execute()
    app.extensions["widget_server"].writer.close()
    database.close()


def test_the_number_of_what_was_removed_before_is_not_given_again(
    file: Path, target: str, settings: Settings, clock: Clock
) -> None:
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("PRAGMA foreign_keys = ON")
        (removed,) = opened.execute("SELECT MAX(id) FROM webhook").fetchone()
        opened.execute("DELETE FROM webhook WHERE id = ?", (removed,))
    moving.move(file, target)
    app = create_app(replace(settings, database_url=target), now=clock)
    with connection():
        webhooks.add("https://b.example/", kind=Kind.STANDARD, site=None, wanted=[], note="", moderator=1, at=clock())
        assert [webhook.id for webhook in Webhook.select()] == [removed + 1]
    app.extensions["widget_server"].writer.close()
    database.close()


def test_a_server_that_runs_keeps_its_file(file: Path, target: str, news: Page) -> None:
    with closing(sqlite3.connect(file)) as running:
        running.execute("SELECT * FROM site").fetchall()
        with pytest.raises(StorageUnusable, match="is in use: stop the server first"):
            moving.move(file, target)
    assert rows_in(target) == 0


def test_nobody_writes_into_the_file_meanwhile(file: Path, target: str) -> None:
    refused = []

    def write(done: int, total: int) -> None:
        with closing(sqlite3.connect(file, timeout=0)) as other:
            try:
                other.execute("DELETE FROM site")
            except sqlite3.OperationalError as error:
                refused.append(str(error))

    moving.move(file, target, progress=write)
    assert set(refused) == {"database is locked"}


def test_a_database_with_rows_is_left_as_it_is(file: Path, target: str) -> None:
    with psycopg.connect(target) as other:
        other.execute("CREATE TABLE theirs (id INTEGER)")
        other.execute("INSERT INTO theirs VALUES (1)")
    with pytest.raises(StorageUnusable, match="is not empty: its table theirs has rows"):
        moving.move(file, target)
    with psycopg.connect(target) as other:
        assert [name for (name,) in other.execute(moving.TABLES).fetchall()] == ["theirs"]


def test_nobody_moves_twice(file: Path, target: str) -> None:
    moving.move(file, target)
    before = rows_in(target)
    with pytest.raises(StorageUnusable, match="is not empty"):
        moving.move(file, target)
    assert rows_in(target) == before


def test_a_file_of_another_version_is_not_moved(file: Path, target: str) -> None:
    with closing(sqlite3.connect(file)) as changed:
        changed.execute("DELETE FROM schema_migration WHERE name LIKE '0019%'")
        changed.commit()
    with pytest.raises(StorageUnusable, match="is of another version"):
        moving.move(file, target)


def test_what_postgresql_cannot_keep_is_told_and_nothing_moved(file: Path, target: str) -> None:
    with closing(sqlite3.connect(file)) as changed:
        changed.execute("UPDATE moderator SET email = ?", ("a" * 300,))
        changed.commit()
    with pytest.raises(StorageUnusable, match="Nothing was moved: value too long"):
        moving.move(file, target)
    assert rows_in(target) == 0


def test_what_arrives_otherwise_is_told_and_nothing_moved(file: Path, target: str) -> None:
    storage.connect(target)
    storage.migrate()
    database.close()
    with psycopg.connect(target) as spoiled:
        spoiled.execute(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.comment := NEW.comment || ' '; RETURN NEW; END $$"
        )
        spoiled.execute("CREATE TRIGGER spoil BEFORE INSERT ON report FOR EACH ROW EXECUTE FUNCTION spoil()")
    with pytest.raises(StorageUnusable, match='the rows of "report" did not arrive as they are here'):
        moving.move(file, target)
    assert rows_in(target) == 0


def test_a_row_too_few_is_told_and_nothing_moved(file: Path, target: str) -> None:
    storage.connect(target)
    storage.migrate()
    database.close()
    with psycopg.connect(target) as spoiled:
        spoiled.execute("CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
        spoiled.execute(
            "CREATE TRIGGER lose BEFORE INSERT ON report FOR EACH ROW WHEN (NEW.id = 3) EXECUTE FUNCTION lose()"
        )
    with pytest.raises(StorageUnusable, match='of 10 rows of "report", 9 arrived'):
        moving.move(file, target)
    assert rows_in(target) == 0


def test_a_link_that_breaks_leaves_nothing_behind(file: Path, target: str) -> None:
    parts = urlsplit(target)
    broken = threading.Event()

    def carry(line: socket.socket, _: bytes) -> None:
        with socket.create_connection((parts.hostname, parts.port)) as server:
            threading.Thread(target=pump, args=[server, line], daemon=True).start()
            pump(line, server)

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while not broken.is_set() and (some := source.recv(4096)):
                sink.sendall(some)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    with receiving(carry, silent=True) as wire:
        through = parts._replace(netloc=f"postgres@127.0.0.1:{wire.port}").geturl()

        def cut(done: int, total: int) -> None:
            if done > total // 2:
                broken.set()

        with pytest.raises(StorageUnusable, match="Nothing was moved"):
            moving.move(file, through, progress=cut)
    assert rows_in(target) == 0
    moving.move(file, target)
    assert rows_in(target) > 100


def test_a_mistyped_address_is_refused_without_a_piece_of_its_password(tmp_path) -> None:
    (tmp_path / "house.sqlite3").touch()
    with pytest.raises(StorageUnusable) as refusal:
        moving.move(tmp_path / "house.sqlite3", "postgresql://user:pa%zzword@127.0.0.1:1/db")
    assert "zzword" not in str(refusal.value)
