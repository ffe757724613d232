"""Time per impression with ten million viewers stored, against ten thousand.

    python -m benchmarks.growth [--few 10000] [--many 10000000]

Two databases of each kind, one with few, one with many. In turns, each stores batches as the writer does: half of the
viewers new, half of them stored, none of them remembered by this process.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from urllib.parse import urlsplit

from benchmarks import databases
from widget_server import storage
from widget_server.storage import months, sites, viewers
from widget_server.storage.tables import Site, database
from widget_server.storage.viewers import Identity, Impressions

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
ROUNDS, BATCHES, IN_A_BATCH = 7, 240, 32
KEYS = 2**64
"""A viewer is a number of 64 bits."""
FULL = 0.7
"""How full the pages of an index are into which numbers come in no order."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=10_000_000)
    wanted = parser.parse_args()
    print(json.dumps(measure(wanted.few, wanted.many), indent=2))


def measure(few: int, many: int) -> dict[str, dict[str, float]]:
    """By database."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        urls = [f"sqlite:///{name}/{size}.sqlite3" for size in (few, many)]
        found = {"SQLite": _compared("SQLite", urls, few, many)}
    with databases.postgresql() as postgresql:
        urls = [urlsplit(postgresql.url)._replace(path=f"/{name}").geturl() for name in ("few", "many")]
        for name in ("few", "many"):
            postgresql.ask(f"CREATE DATABASE {name}")
        found["PostgreSQL"] = _compared("PostgreSQL", urls, few, many)
    return found


def _compared(name: str, urls: list[str], few: int, many: int) -> dict[str, float]:
    for url, size in zip(urls, (few, many), strict=True):
        _tell(f"{name}: {size:,} viewers are stored")
        with _open(url) as site:
            _seed(site, size)
    took: dict[str, list[float]] = {url: [] for url in urls}
    for number in range(ROUNDS):
        _tell(f"{name}: round {number + 1} of {ROUNDS}")
        for url, size in zip(urls, (few, many), strict=True):
            with _open(url) as site:
                took[url].append(_round(site, size, random.Random(number)))
    before, after = (median(took[url]) * 1e6 for url in urls)
    ratios = [later / earlier for earlier, later in zip(*(took[url] for url in urls), strict=True)]
    return {"few": few, "many": many, "us_at_few": before, "us_at_many": after, "ratio": median(ratios)}


@contextmanager
def _open(url: str) -> Iterator[Site]:
    storage.connect(url)
    storage.use_secrets(("a server of 32 characters or more",))
    storage.migrate()
    storage.begin()
    viewers.forget()
    try:
        yield sites.named("Bench") or sites.add("Bench", ["https://host.example"], at=NOW)
    finally:
        database.close()
        if hasattr(database.obj, "close_all"):
            database.obj.close_all()


def _key(number: int, size: int) -> int:
    """The viewer of this number among so many: evenly spread, in order."""
    return number * (KEYS // size) - KEYS // 2


def _seed(site: Site, size: int) -> None:
    """So many viewers, in pages as full as if they had come in no order."""
    month, _ = months.running_month(site.id, at=NOW)
    step = KEYS // size
    if hasattr(database.obj, "close_all"):
        indexes = "SELECT indexname FROM pg_indexes WHERE tablename ~ '^viewer_[0-9]+$'"
        for (name,) in database.execute_sql(indexes).fetchall():
            database.execute_sql(f'ALTER INDEX "{name}" SET (fillfactor = {FULL * 100:.0f})')
        numbers = f"SELECT {site.id}, {month}, ({-KEYS // 2}::numeric + n * {step}::numeric)::bigint"
        database.execute_sql(
            f"INSERT INTO viewer (site, month, key) {numbers} FROM generate_series(0, {size - 1}) AS n"
        )
        database.execute_sql("VACUUM ANALYZE viewer")
        database.execute_sql("CHECKPOINT")
        return
    # Pages that are filled in order end up full: some in between come and go.
    every, of = 10, round(FULL * 10)
    dense = step * of // every
    seeding = ["PRAGMA synchronous = OFF", "PRAGMA secure_delete = OFF", "PRAGMA cache_size = -200000"]
    for words in seeding:
        database.execute_sql(words)
    with database.atomic():
        database.execute_sql(
            "WITH RECURSIVE one(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM one WHERE n < ?) "
            "INSERT INTO viewer (site, month, key) SELECT ?, ?, n * ? + ? FROM one",
            (size * every // of - 1, site.id, month, dense, -KEYS // 2),
        )
        database.execute_sql("DELETE FROM viewer WHERE ((key - ?) / ?) % ? >= ?", (-KEYS // 2, dense, every, of))
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _round(site: Site, size: int, chance: random.Random) -> float:
    """Seconds for each impression."""
    month, _ = months.running_month(site.id, at=NOW)
    known = _stored(site, month, size, chance)
    stored = list(known)
    batches = [_batch(site, month, stored, chance) for _ in range(BATCHES)]
    start = time.perf_counter()
    for batch in batches:
        with storage.transaction():
            viewers.keep(batch)
    took = time.perf_counter() - start
    _forget(site, month, {row.viewers[0].key for batch in batches for row in batch} - set(known))
    return took / (BATCHES * IN_A_BATCH)


def _forget(site: Site, month: int, keys: set[int]) -> None:
    """Those who came: the next round begins with as many as this one."""
    with storage.transaction():
        for key in sorted(keys):
            database.execute_sql(f"DELETE FROM viewer WHERE site = {site.id} AND month = {month} AND key = {key}")


def _stored(site: Site, month: int, size: int, chance: random.Random) -> list[int]:
    """Some of the viewers who are stored, from anywhere among them."""
    found = []
    for _ in range(BATCHES * IN_A_BATCH // 2):
        start = chance.randrange(-KEYS // 2, KEYS // 2 - KEYS // size * 4)
        rows = database.execute_sql(
            f"SELECT key FROM viewer WHERE site = {site.id} AND month = {month} AND key >= {start} ORDER BY key LIMIT 1"
        )
        found.append(rows.fetchone()[0])
    return found


def _batch(site: Site, month: int, stored: list[int], chance: random.Random) -> list[Impressions]:
    half = IN_A_BATCH // 2
    keys = [*(stored.pop() for _ in range(half)), *(chance.randrange(-KEYS // 2, KEYS // 2) for _ in range(half))]
    return [
        Impressions(site.id, month, NOW, (Identity(site.id, month, key),), seen=5, disclosed=5, first_disclosed=True)
        for key in chance.sample(keys, len(keys))
    ]


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
