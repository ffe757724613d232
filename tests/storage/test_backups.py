"""A backup is what was acknowledged when it was taken, also while others write."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask

from tests.conftest import Page
from tests.disks import files_no_larger_than
from tests.servers import SERVERS_USER
from widget_server import storage
from widget_server.settings import Settings
from widget_server.storage import StorageUnusable, backups
from widget_server.storage.tables import database

HAS_IT = """import sqlite3, sys
has = sqlite3.connect(sys.argv[1])
has.execute("SELECT * FROM site").fetchall()
print("open", flush=True)
sys.stdin.read()"""
DIES_MIDWAY = """import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from widget_server.storage import backups
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
backups.restore(Path(sys.argv[1]), Path(sys.argv[2]), at=datetime.now(UTC))"""
HOLLOW_TRIGGER = "TRIGGER log_entry_update BEFORE UPDATE ON log_entry BEGIN SELECT 1; END"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


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


def test_a_backup_of_a_large_file_ends_however_often_somebody_writes_meanwhile(
    app: Flask, news: Page, tmp_path: Path
) -> None:
    news.report("before")
    with storage.connection():
        database.execute_sql("CREATE TABLE ballast AS SELECT zeroblob(20000000)")
    told: list[tuple[int, int]] = []

    def write(done: int, total: int) -> None:
        news.report(f"meanwhile {len(told)}")
        told.append((done, total))
        assert len(told) < 100, "it begins anew again and again"

    backups.backup(tmp_path / "copy", progress=write)
    backups.check(tmp_path / "copy")
    assert len(told) > 1
    assert texts(tmp_path / "copy") == ["before"]


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
        backups.restore(copy, tmp_path / "target", at=NOON)
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("without", "lacks"),
    [
        ("DROP TRIGGER log_entry_update", "trigger log_entry_update"),
        ("DROP INDEX report_receipt_sha256", "index report_receipt_sha256"),
        ("DROP TABLE wording", "table wording"),
        ("ALTER TABLE report DROP COLUMN receipt", "column receipt"),
        (
            "DROP INDEX report_receipt_sha256; CREATE INDEX report_receipt_sha256 ON report (receipt_sha256)",
            "uniqueness report_receipt_sha256",
        ),
        (
            f"DROP TRIGGER log_entry_update; CREATE {HOLLOW_TRIGGER}",
            "trigger log_entry_update",
        ),
        ("CREATE TRIGGER theirs AFTER INSERT ON sign_in BEGIN DELETE FROM moderator; END", "trigger theirs"),
    ],
)
def test_a_backup_that_lacks_something_is_refused(app: Flask, tmp_path: Path, without: str, lacks: str) -> None:
    copy = tmp_path / "copy"
    backups.backup(copy, progress=lambda *_: None)
    with closing(sqlite3.connect(copy)) as opened:
        opened.executescript(without)
    with pytest.raises(StorageUnusable, match=f"not as it was made.*{lacks}"):
        backups.restore(copy, tmp_path / "target", at=NOON)
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("applied", ["", "0001_first_tables", "0002_hidden_badges_and_own_words"])
def test_a_file_that_only_says_that_it_is_ours_is_refused(app: Flask, tmp_path: Path, applied: str) -> None:
    with closing(sqlite3.connect(tmp_path / "hollow")) as hollow, hollow:
        hollow.execute("CREATE TABLE schema_migration (id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied TEXT)")
        hollow.executemany("INSERT INTO schema_migration (name) VALUES (?)", [[applied]] if applied else [])
    with pytest.raises(StorageUnusable, match=r"not a backup|not as it was made"):
        backups.restore(tmp_path / "hollow", tmp_path / "target", at=NOON)
    assert not (tmp_path / "target").exists()


def test_what_an_operator_added_does_not_keep_a_backup_from_being_put_back(app: Flask, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    backups.backup(copy, progress=lambda *_: None)
    with closing(sqlite3.connect(copy)) as opened:
        opened.executescript("CREATE INDEX theirs ON report (page); CREATE TABLE notes (text); ANALYZE")
    backups.restore(copy, tmp_path / "target", at=NOON)


def test_restoring_keeps_what_was_there(app: Flask, tmp_path: Path) -> None:
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    target = tmp_path / "target"
    target.write_bytes(b"old")
    Path(f"{target}-wal").write_bytes(b"old log")
    kept = backups.restore(tmp_path / "copy", target, at=NOON)
    assert kept == tmp_path / "target.before-restore-20261123T120000"
    assert kept.read_bytes() == b"old"
    assert Path(f"{kept}-wal").read_bytes() == b"old log"
    backups.check(target)


def test_nothing_is_put_in_the_place_of_a_database_that_a_server_has(
    app: Flask, news: Page, settings: Settings, tmp_path: Path
) -> None:
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    running = subprocess.Popen([sys.executable, "-c", HAS_IT, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with running, closing(database):
        assert running.stdout
        assert running.stdout.readline() == b"open\n"
        news.report("acknowledged")
        database.close()
        with pytest.raises(StorageUnusable, match="is in use: stop the server first"):
            backups.restore(tmp_path / "copy", file, at=NOON)
        assert [part.name for part in file.parent.glob("*restor*")] == []
    kept = backups.restore(tmp_path / "copy", file, at=NOON)
    assert (texts(file), kept and texts(kept)) == ([], ["acknowledged"])


def test_what_was_put_aside_is_whole_and_takes_nothing_more(app: Flask, news: Page, settings: Settings) -> None:
    """Somebody opened it just before it was moved away."""
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    backups.backup(file.with_name("copy"), progress=lambda *_: None)
    news.report("acknowledged")
    database.close()
    with closing(sqlite3.connect(file)) as waiting:
        kept = backups.restore(file.with_name("copy"), file, at=NOON)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            waiting.execute('UPDATE "case" SET text = ?', ["lost"])
    assert kept
    assert texts(kept) == ["acknowledged"]
    assert not Path(f"{kept}-wal").exists()


def texts(file: Path) -> list[str]:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as opened:
        return [text for (text,) in opened.execute('SELECT text FROM "case"')]


def test_no_restore_overwrites_what_another_kept(app: Flask, tmp_path: Path) -> None:
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    target = tmp_path / "target"
    kept = []
    for number, at in enumerate([NOON, NOON, NOON + timedelta(seconds=1)]):
        target.write_bytes(b"%d" % number)
        kept.append(backups.restore(tmp_path / "copy", target, at=at))
    assert [file.read_bytes() for file in kept if file] == [b"0", b"1", b"2"]


def test_no_log_of_an_older_database_is_left_beside_the_new_one(app: Flask, tmp_path: Path) -> None:
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"target{suffix}").write_bytes(b"old log")
    assert backups.restore(tmp_path / "copy", tmp_path / "target", at=NOON) is None
    kept = [f"target.before-restore-20261123T120000{suffix}" for suffix in ("-shm", "-wal")]
    assert sorted(file.name for file in tmp_path.glob("target*")) == ["target", *kept]


def test_a_restore_that_cannot_be_written_leaves_the_database_alone(app: Flask, tmp_path: Path) -> None:
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    with pytest.raises(StorageUnusable, match="cannot be put in place"):
        backups.restore(tmp_path / "copy", tmp_path / "no" / "folder", at=NOON)
    target = tmp_path / "target"
    target.write_bytes(b"old")
    with pytest.raises(StorageUnusable):
        backups.restore(tmp_path / "noise", target, at=NOON)
    assert [file.read_bytes() for file in tmp_path.glob("target*")] == [b"old"]


def test_what_finds_the_disk_full_leaves_nothing_behind(app: Flask, tmp_path: Path) -> None:
    with storage.connection():
        database.execute_sql("CREATE TABLE ballast AS SELECT zeroblob(20000000)")
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    target = tmp_path / "target"
    target.write_bytes(b"old")
    there = {file.name for file in tmp_path.iterdir()}
    with files_no_larger_than(10_000_000):
        with pytest.raises(StorageUnusable, match="cannot be put in place"):
            backups.restore(tmp_path / "copy", target, at=NOON)
        with pytest.raises(StorageUnusable, match="cannot be written"):
            backups.backup(tmp_path / "another", progress=lambda *_: None)
    assert {file.name for file in tmp_path.iterdir()} == there
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("why", [OSError("the disk is broken"), KeyboardInterrupt()])
def test_what_was_moved_away_comes_back_where_the_backup_does_not_get_into_its_place(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: BaseException
) -> None:
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    target = tmp_path / "target"
    target.write_bytes(b"old")
    Path(f"{target}-wal").write_bytes(b"old log")

    def fail(*_: object) -> None:
        raise why

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((StorageUnusable, KeyboardInterrupt)):
        backups.restore(tmp_path / "copy", target, at=NOON)
    assert {file.name: file.read_bytes() for file in tmp_path.glob("target*")} == {
        "target": b"old",
        "target-wal": b"old log",
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_who_may_not_make_the_old_database_private_moves_nothing_away(app: Flask) -> None:
    with TemporaryDirectory() as name:
        folder, target = Path(name), Path(name) / "target"
        backups.backup(folder / "copy", progress=lambda *_: None)
        target.write_bytes(b"old")
        for file in (folder, folder / "copy"):
            os.chown(file, SERVERS_USER, -1)
        try:
            os.seteuid(SERVERS_USER)
            with pytest.raises(StorageUnusable, match="cannot be put in place"):
                backups.restore(folder / "copy", target, at=NOON)
        finally:
            os.seteuid(0)
        assert {file.name for file in folder.iterdir()} == {"copy", "target"}


def test_no_server_begins_with_an_empty_database_where_a_restore_was_killed(
    app: Flask, news: Page, settings: Settings
) -> None:
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    news.report("acknowledged")
    backups.backup(file.with_name("copy"), progress=lambda *_: None)
    database.close()
    subprocess.run([sys.executable, "-c", DIES_MIDWAY, file.with_name("copy"), file], check=False)
    with pytest.raises(StorageUnusable, match=r"before-restore-.*`widget-server restore FILE`"):
        storage.connect(settings.database_url)
    assert not file.exists()
    backups.restore(file.with_name("copy"), file, at=NOON)
    _start(settings)
    assert texts(file) == ["acknowledged"]


def test_copies_and_what_they_replace_are_readable_by_nobody_else(app: Flask, tmp_path: Path) -> None:
    copy, target = tmp_path / "copy", tmp_path / "target"
    backups.backup(copy, progress=lambda *_: None)
    for suffix in ("", "-wal"):
        Path(f"{target}{suffix}").write_bytes(b"old")
        Path(f"{target}{suffix}").chmod(0o644)
    kept = backups.restore(copy, target, at=NOON)
    assert kept
    assert {file.stat().st_mode & 0o777 for file in (copy, target, kept, Path(f"{kept}-wal"))} == {0o600}


@pytest.mark.parametrize("there", [True, False])
def test_what_root_puts_back_belongs_to_whoever_had_it_or_to_the_owner_of_the_folder(
    app: Flask, tmp_path: Path, *, there: bool
) -> None:
    backups.backup(tmp_path / "copy", progress=lambda *_: None)
    target = tmp_path / "home" / "target"
    target.parent.mkdir()
    if there:
        target.write_bytes(b"old")
    os.chown(target if there else target.parent, SERVERS_USER, -1)
    backups.restore(tmp_path / "copy", target, at=NOON)
    assert target.stat().st_uid == SERVERS_USER


def test_a_damaged_database_stops_the_start_with_the_remedy(app: Flask, news: Page, settings: Settings) -> None:
    for number in range(30):
        news.report("x" * 3000 + str(number))
    storage.examine()
    storage.empty_log()
    database.close()
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    whole = file.read_bytes()
    for damaged in (whole[:8192] + b"\xff" * 32768 + whole[40960:], whole[: len(whole) // 2], b"noise" * 1000):
        file.write_bytes(damaged)
        with pytest.raises(StorageUnusable, match="`widget-server restore FILE`"):
            _start(settings)
        if not database.is_closed():
            database.close()
    file.write_bytes(whole)
    _start(settings)


def _start(settings: Settings) -> None:
    storage.connect(settings.database_url)
    storage.migrate()
    storage.examine()


def test_before_the_tables_change_the_file_is_copied(app: Flask, settings: Settings) -> None:
    with storage.connection():
        database.execute_sql("DELETE FROM schema_migration WHERE name = '0021_sealed'")
        database.execute_sql("ALTER TABLE report DROP COLUMN receipt")
    database.close()
    assert storage.migrate() == ["0021_sealed"]
    (copy,) = Path(settings.database_url.removeprefix("sqlite:///")).parent.glob("*.before-0021_sealed")
    backups.check(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
