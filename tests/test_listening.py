"""The processes of a server, as an operator starts it: what becomes of the others when one of them dies."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.arrivals import post
from benchmarks.node import family
from benchmarks.traffic import ORIGIN
from e2e.processes import WIDGET_SERVER, run
from tests.conftest import SECRET
from tests.nodes.machines import Node, until
from widget_server.listening import STOP_SECONDS
from widget_server.routes.connection import MOST_AHEAD
from widget_server.storage import StorageUnusable, backups


@pytest.fixture
def servers() -> None:
    """These start a server of their own, on a file, whatever the rest of this run stores in."""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    running = Node(tmp_path, {"WIDGET_SECRET_KEY": SECRET})
    running.start()
    yield running
    running.stop()


def end(process: int) -> None:
    os.kill(process, signal.SIGKILL)


def lives(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_worker_that_dies_is_followed_by_another(node: Node) -> None:
    assert node.process
    main, keeper, worker, writer = family(node.process.pid)
    end(worker)
    until(lambda: node.ready and worker not in family(main))
    until(lambda: not lives(writer))
    assert keeper in family(main)


def test_a_writer_that_dies_is_followed_by_another_and_so_is_its_worker(node: Node) -> None:
    assert node.process
    main, keeper, worker, writer = family(node.process.pid)
    end(writer)
    until(lambda: node.ready and worker not in family(main))
    until(lambda: len([*family(main)]) == 4)
    assert {keeper, worker, writer} & {*family(main)} == {keeper}
    assert "the writer has died" in node.log.read_text()


def test_a_worker_that_dies_while_its_writer_waits_is_followed_at_once(node: Node) -> None:
    """Nobody else has the file, and the port, for as long as the writer would have waited for a file that is locked."""
    assert node.process
    words = ("site", "add", "News", "--origin", ORIGIN, "--json")
    site = json.loads(run(*words, folder=node.folder, environment=node.environment))["site"]
    view = post("/api/v1/views", {"site": site, "views": [{"text_sha256": "0" * 64, "disclosed": True}]})
    main, keeper, worker, writer = family(node.process.pid)
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_connection(("127.0.0.1", node.port)))
        first.sendall(view)
        assert first.recv(12) == b"HTTP/1.1 200"
        other = stack.enter_context(closing(sqlite3.connect(file_of(node), isolation_level=None)))
        other.execute("BEGIN IMMEDIATE")
        reads = Path(f"/proc/{writer}/wchan").read_text()
        for _ in range(8):
            stack.enter_context(socket.create_connection(("127.0.0.1", node.port))).sendall(view)
        until(lambda: Path(f"/proc/{writer}/wchan").read_text() != reads)
        end(worker)
        until(lambda: not lives(writer), within=3)
        until(lambda: {*family(main)} - {main, keeper, worker}, within=3)
    until(lambda: node.ready)


def file_of(node: Node) -> Path:
    return next(node.folder.glob("*.sqlite3"))


def test_told_to_stop_all_of_them_end(node: Node) -> None:
    assert node.process
    every = [*family(node.process.pid)]
    node.stop()
    assert not any(map(lives, every))
    assert "Traceback" not in node.log.read_text()


@pytest.mark.parametrize("words", ["restore copy", "move --to postgresql://nobody@127.0.0.1:1/new"])
def test_a_server_that_nobody_has_asked_anything_keeps_its_file(node: Node, words: str) -> None:
    run("backup", "copy", folder=node.folder, environment=node.environment)
    refused = subprocess.run(
        [*WIDGET_SERVER, *words.split()], cwd=node.folder, env=node.environment, capture_output=True, text=True
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "is in use: stop the server first" in refused.stderr


@pytest.mark.parametrize("left", ["keeper", "worker"])
def test_each_of_its_processes_alone_keeps_the_file(node: Node, left: str) -> None:
    assert node.process
    run("backup", "copy", folder=node.folder, environment=node.environment)
    _, keeper, worker, _ = family(node.process.pid)
    end(worker if left == "keeper" else keeper)
    with pytest.raises(StorageUnusable, match="is in use: stop the server first"):
        backups.restore(node.folder / "copy", file_of(node), at=datetime.now(UTC))


def test_who_reads_no_answer_does_not_keep_it_from_ending(node: Node) -> None:
    assert node.process
    every = [*family(node.process.pid)]
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        stranger.connect(("127.0.0.1", node.port))
        stranger.sendall(b"GET /api/openapi.json HTTP/1.1\r\nHost: widget.example\r\n\r\n" * MOST_AHEAD)
        unread = [-1, 0]
        until(lambda: unread.append(waiting_for(stranger)) or 0 < unread[-1] == unread[-2], every=0.3)
        node.process.terminate()
        assert node.process.wait(2 * STOP_SECONDS) == 0
    assert not any(map(lives, every))


def waiting_for(connection: socket.socket) -> int:
    """How many bytes the other side cannot send, as nobody reads them here."""
    ports = [f":{name[1]:04X}" for name in (connection.getpeername(), connection.getsockname())]
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()]
    (queue,) = [row[4] for row in rows if [address[8:] for address in row[1:3]] == ports]
    return int(queue.partition(":")[0], 16)


def test_all_of_them_end_with_the_main_process_and_the_next_one_has_the_port(node: Node) -> None:
    assert node.process
    every = [*family(node.process.pid)]
    end(node.process.pid)
    node.process.wait()
    until(lambda: not any(map(lives, every)))
    node.start()
    assert node.ready


@pytest.mark.parametrize(
    ("file", "environment", "named"),
    [
        ("WIDGET_PUBLIC_URL=https://widget.example\n", {}, "https://widget.example"),
        ("WIDGET_PUBLIC_URL=https://widget.example\n", {"WIDGET_PUBLIC_URL": ""}, "https://widget.example"),
        ("", {"WIDGET_PUBLIC_URL": ""}, "where it listens"),
    ],
)
def test_pages_name_the_address_of_the_settings_file_or_else_where_the_server_listens(
    tmp_path: Path, file: str, environment: dict[str, str], named: str
) -> None:
    (tmp_path / ".env").write_text(file)
    started = Node(tmp_path, {"WIDGET_SECRET_KEY": SECRET, **environment})
    started.start()
    here = f"http://127.0.0.1:{started.port}"
    try:
        with urllib.request.urlopen(f"{here}/") as answer:
            page = answer.read().decode()
    finally:
        started.stop()
    assert set(re.findall(r"https?://(?:127\.0\.0\.1|widget\.example)[:0-9]*", page)) == {
        here if named == "where it listens" else named
    }
