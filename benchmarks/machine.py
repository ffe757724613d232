"""What the figures were measured on. It names no machine."""

import os
import platform
import sqlite3
import time
from importlib.metadata import version
from pathlib import Path

import psycopg

from benchmarks.servers import REFERENCE_THREADS, REFERENCE_WORKERS
from widget_server.listening import THREADS

SYNCS = 200


def describe(folder: Path, *, postgresql: str | None = None) -> dict[str, object]:
    """The machine, as far as it matters. `folder` is where SQLite's file lies, `postgresql` the other's address."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": postgresql and _postgresql(postgresql),
        "server": f"uvicorn {version('uvicorn')}, {THREADS} threads a worker",
        "reference": f"gunicorn {version('gunicorn')}, gthread, {REFERENCE_WORKERS}×{REFERENCE_THREADS}",
        "flask": version("flask"),
        "sync_ms": round(_sync(folder) * 1000, 3),
        "load": _load(),
    }


def _postgresql(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.execute("SHOW server_version").fetchone()[0].split()[0]


def _load() -> float | None:
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown")


def _sync(folder: Path) -> float:
    """Seconds that the disk takes to keep 4 KB for good: what every commit pays."""
    sync = getattr(os, "fdatasync", os.fsync)
    with (folder / "sync").open("wb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(SYNCS):
            file.write(bytes(4096))
            sync(file.fileno())
        return (time.perf_counter() - start) / SYNCS
