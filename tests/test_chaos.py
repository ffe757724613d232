"""Short forms of `make chaos`, and how its page tells a promise that was not kept."""

import pytest

from tests.chaos import disk, idle, kills, page
from tests.chaos.__main__ import PARTS
from tests.chaos.lone import on_sqlite

HERE = {"cores": 2, "processor": "a processor", "load": 0.1, "python": "3", "server": "granian", "sqlite": "3"}
IDLE = 1_100
LOST = ("reports_lost", "reports_doubled", "views_lost", "views_doubled")


@pytest.fixture
def servers() -> None:
    """These start a server of their own, on a file, whatever the rest of this run stores in."""


def test_three_kills_under_load_lose_and_double_nothing() -> None:
    found = kills.run(on_sqlite, kills=3)
    assert (found["kills"], found["whole"]) == (3, True)
    assert [found[name] for name in LOST] == [0, 0, 0, 0]
    assert found["views_acknowledged"] > 0


def test_without_room_on_the_disk_readers_are_told_so_and_nothing_acknowledged_is_missing() -> None:
    found = disk.sqlite(rounds=1, full_seconds=1)
    assert {words.split()[1] for words in found["kinds"]} == {"200", "201", "503"}
    assert (found["without_retry_after"], found["pages_harmed"], found["whole"]) == (0, {}, True)
    # What is brought from the log into the file may leave room in the log for a moment.
    assert {"200 no room"} <= set(found["readiness_told"]) <= {"200 no room", "200 ok"}
    assert found["same_processes"]
    assert [found[name] for name in LOST] == [0, 0, 0, 0]


def test_more_than_a_thousand_idle_connections_keep_nobody_out() -> None:
    assert idle.all_files() > 2 * IDLE
    with on_sqlite() as lone:
        held = idle.connected(lone, IDLE)
        assert (len(held), idle.meanwhile(lone, 0.5)["errors"]) == (IDLE, {})
        assert (idle.still_open(held), idle.answered(held[idle.SILENT])) == (IDLE, 1)
        idle.close(held)


def test_the_page_says_what_was_measured_and_what_was_promised() -> None:
    figures = {
        "kills": 3,
        "reports_lost": 1,
        "start_most": 2.0,
        "whole": False,
        "SQLite": {"mib_growth": 0.06, "errors": {"view 500": 2}},
    }
    measured = {"at": "2026-11-26", "machine": HERE, "seconds": 7.0, "figures": figures}
    part = PARTS["kills-sqlite"]
    assert page.broken(part, measured) == [
        "reports lost 1",
        "SQLite: memory growth +6.0 %",
        "SQLite: errors by kind view 500: 2",
        "nothing is damaged: no",
    ]
    told = page.written(PARTS, {"kills-sqlite": measured})
    assert "| reports lost | 1 | 0 |" in told
    assert "| SQLite: memory growth | +6.0 % | 5.0 % |" in told
    assert "killed, with all its processes, at random moments" in told
