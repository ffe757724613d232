"""SQLite's log of writes goes into the file while the server works."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import until
from widget_server import storage
from widget_server.storage.file import COMMITS, bring_in
from widget_server.storage.tables import Application, database


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    storage.connect(f"sqlite:///{tmp_path / 'a # of names.sqlite3'}")
    storage.migrate()
    storage.begin()
    yield tmp_path / "a # of names.sqlite3"
    database.close()


def test_what_is_committed_comes_into_the_file_while_it_stays_open(file: Path) -> None:
    _commit(range(COMMITS))
    until(lambda: b"kept for the 0th" in file.read_bytes())


def test_who_reads_holds_up_no_commit_and_what_waited_is_brought_in_later(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM application").fetchone() == (0,)
        _commit(range(COMMITS))
        assert reader.execute("SELECT count(*) FROM application").fetchone() == (0,)
    _commit(range(COMMITS, 3 * COMMITS))
    until(lambda: b"kept for the 0th" in file.read_bytes())


def test_a_file_that_is_gone_does_not_come_back_empty(file: Path) -> None:
    _commit(range(COMMITS - 1))
    database.close()
    file.unlink()
    bring_in(file)
    assert not file.exists()


def _commit(numbers: Iterable[int]) -> None:
    for number in numbers:
        with storage.transaction():
            Application.create(name=f"kept for the {number}th")
