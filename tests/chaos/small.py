"""A PostgreSQL whose disk is small and nobody else's, so that it can be filled."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import psycopg

from tests import servers
from tests.nodes.machines import PostgreSQL, until

MIB = 96
SETTINGS = ("min_wal_size=2MB", "max_wal_size=8MB", "checkpoint_timeout=30s")
CHUNK = bytes(4096)
STARTED = """
mount -t tmpfs -o size="$1"m tmpfs "$2" || exit 1
cp -a "$3" "$2/data"
shift 3
trap 'over=1; kill -INT $server' TERM
while [ -z "$over" ]; do "$@" & server=$!; wait $server; wait $server; sleep 0.2; done
"""
"""Where nobody else sees what is mounted. A PostgreSQL that gives up is started again, as systemd does it."""


class Confined(PostgreSQL):
    """Its log of writes comes in pieces of 1 MiB: it soon needs the next one, and falls if there is no room for it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, settings=SETTINGS, initdb=("--wal-segsize=1",))
        self.disk = folder / "disk"
        self.disk.mkdir()
        server = [self.disk / "data" if word == self.data else word for word in self.command]
        apart, back = _ways()
        self.command = [*apart, "sh", "-c", STARTED, "sh", str(MIB), self.disk, self.data, *back, *server]
        self.account = {}

    def stop(self) -> None:
        self.end(signal.SIGTERM)

    def fill(self) -> None:
        """To the last byte."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as ballast:
            while ballast.write(CHUNK):
                pass

    def exhaust(self) -> None:
        """To the last byte, and until PostgreSQL has fallen: its log of writes found no room."""
        self.fill()
        before = self.logged("PANIC")

        def fallen() -> bool:
            with suppress(psycopg.Error):
                self.ask("SELECT pg_logical_emit_message(false, '', repeat('x', 500000))")
            return self.logged("PANIC") > before

        until(fallen)

    def free(self) -> None:
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        assert self.process
        return Path(f"/proc/{self.process.pid}/root{self.disk}/ballast")

    def logged(self, words: str) -> int:
        return (self.folder / f"log-{self.port}").read_text().count(words)


def _ways() -> tuple[list[str], list[str]]:
    """Into a place where a disk may be mounted, and there back to somebody as whom PostgreSQL is willing to run."""
    if account := servers._nobody():
        ids = ("--reuid", str(account["user"]), "--regid", str(account["group"]), "--clear-groups")
        return ["unshare", "-m"], ["setpriv", *ids]
    ids = (f"--map-user={os.getuid()}", f"--map-group={os.getgid()}")
    return ["unshare", "-Urm"], ["unshare", "-U", *ids]
