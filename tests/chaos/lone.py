"""One server over a database of its own, and readers who come to it however often it dies."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.node import family, sizes
from e2e.processes import run
from tests.conftest import ORIGIN, SECRET
from tests.nodes.house import Load, Stored
from tests.nodes.machines import Node, PostgreSQL
from tests.servers import _folder

MODERATOR, PASSWORD = "ada@news.example", "correct horse battery"
NO_LIMITS = {
    **{f"WIDGET_LIMIT_{name}": "1000000000/minute" for name in ("VIEWS", "REPORTS", "WORDS", "RENDER", "SIGN_IN")},
    "WIDGET_FLOOD_REPORTS": "0",
    "WIDGET_TRUSTED_PROXIES": "127.0.0.1",
}
STEP_SECONDS = 0.1
INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Its modules are compiled once, as wherever it has been installed; not at each start."""


@dataclass
class Lone:
    """`ask`: one figure of its database."""

    folder: Path
    node: Node
    ask: Callable[[str], Any]
    site: str
    secret: str

    def stored(self) -> Stored:
        return Stored.told(self.ask)

    def whole(self) -> bool:
        """Whether the file is as SQLite wants it. PostgreSQL was not killed."""
        return not (self.folder / "widget-server.sqlite3").exists() or self.ask("PRAGMA integrity_check") == "ok"

    def used(self) -> "Used":
        assert self.node.process
        found = Used()
        for number in family(self.node.process.pid):
            folder = Path(f"/proc/{number}")
            found.mib += sizes((folder / "smaps_rollup").read_text())["Pss"] / 1024
            files = [_target(file) for file in (folder / "fd").iterdir()]
            found.descriptors += len(files)
            found.sockets += sum(file.startswith("socket:") for file in files)
            found.threads += len(list((folder / "task").iterdir()))
        return found

    def log(self) -> str:
        return self.node.log.read_text()


@dataclass
class Used:
    """What a server's processes hold together; pages that they share count once."""

    mib: float = 0.0
    descriptors: int = 0
    sockets: int = 0
    threads: int = 0


def _target(file: Path) -> str:
    """What an open file is; nothing if it has been closed meanwhile."""
    try:
        return str(file.readlink())
    except OSError:
        return ""


@contextmanager
def on_sqlite(**settings: str) -> Iterator[Lone]:
    with _folder() as folder:
        file = folder / "widget-server.sqlite3"

        def ask(sql: str) -> Any:
            with closing(sqlite3.connect(file, timeout=20)) as connection:
                return connection.execute(sql).fetchone()[0]

        with standing(folder, ask, {"WIDGET_DATABASE_URL": f"sqlite:///{file}", **settings}) as lone:
            yield lone


@contextmanager
def on_postgresql(**settings: str) -> Iterator[Lone]:
    with _folder() as folder:
        database = PostgreSQL(folder)
        database.start()
        try:
            with standing(folder, database.ask, {"WIDGET_DATABASE_URL": database.url, **settings}) as lone:
                yield lone
        finally:
            database.stop()


@contextmanager
def standing(folder: Path, ask: Callable[[str], Any], settings: dict[str, str]) -> Iterator[Lone]:
    compiled = {**INSTALLED, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment = {**NO_LIMITS, **compiled, "WIDGET_SECRET_KEY": SECRET, **settings}
    words = ("site", "add", "News", "--origin", ORIGIN, "--json")
    made = json.loads(run(*words, folder=folder, environment=environment))
    run("moderator", "add", MODERATOR, "--password-stdin", folder=folder, environment=environment, typed=PASSWORD)
    node = Node(folder, environment)
    node.start()
    try:
        yield Lone(folder, node, ask, made["site"], made["secret_key"])
    finally:
        node.stop()


@dataclass
class Readers(Load):
    """Readers whose browsers wait a moment after a refusal, and `pause` seconds after an answer."""

    patience: float = 120
    pause: float = 0.0
    slowest: float = 0.0

    def send(self, noun: str, body: dict) -> bool:
        began = time.monotonic()
        fine = super().send(noun, body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.stopping.wait(self.pause if fine else STEP_SECONDS)
        return fine
