"""A backup is what was acknowledged when it was taken, also while others write."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import Page
from widget_server.storage import StorageUnusable, backups
from widget_server.storage.tables import database


@pytest.fixture
def servers() -> None:
    """PostgreSQL has its own tools."""
    return


def test_a_backup_under_load_holds_everything_acknowledged_before_it(app: Flask, news: Page, tmp_path: Path) -> None:
    for number in range(20):
        news.report(f"before {number}")
    stop = threading.Event()
    done: list[int] = []

    def write() -> None:
        page = Page(app.test_client(), news.key, news.secret)
        while not stop.is_set():
            page.report(f"meanwhile {len(done)}")
            done.append(1)
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    while len(done) < 3:
        threading.Event().wait(0.01)
    told: list[tuple[int, int]] = []
    backups.backup(tmp_path / "copy", progress=lambda now, total: told.append((now, total)))
    stop.set()
    writer.join()
    backups.check(tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        (kept,) = copy.execute("SELECT COUNT(*) FROM \"case\" WHERE text LIKE 'before %'").fetchone()
    assert kept == 20
    assert told[-1][0] == told[-1][1]


def test_a_backup_that_cannot_be_written_says_so(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(StorageUnusable, match="cannot be written"):
        backups.backup(tmp_path / "no" / "folder", progress=lambda *_: None)
    (tmp_path / "taken").touch()
    with pytest.raises(StorageUnusable, match="exists already"):
        backups.backup(tmp_path / "taken", progress=lambda *_: None)


def test_a_damaged_backup_is_refused(app: Flask, news: Page, tmp_path: Path) -> None:
    for number in range(30):
        news.report("x" * 3000 + str(number))
    copy = tmp_path / "copy"
    backups.backup(copy, progress=lambda *_: None)
    content = bytearray(copy.read_bytes())
    content[8192:40960] = b"\xff" * (40960 - 8192)
    copy.write_bytes(content)
    with pytest.raises(StorageUnusable, match=r"damaged|not a backup"):
        backups.restore(copy, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_restoring_keeps_what_was_there(app: Flask, tmp_path: Path) -> None:
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    target = tmp_path / "target"
    target.write_bytes(b"old")
    Path(f"{target}-wal").write_bytes(b"old log")
    backups.restore(tmp_path / "copy", target)
    assert (tmp_path / "target.before-restore").read_bytes() == b"old"
    assert (tmp_path / "target.before-restore-wal").read_bytes() == b"old log"
    backups.check(target)
