"""What the SQLite file grows by: with people and with reports, not with views."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.texts import TEXTS
from benchmarks.traffic import ORIGIN
from widget_server import storage
from widget_server.rules.marking import Disclosure, text_sha256
from widget_server.storage import arrivals, sites, viewers
from widget_server.storage.tables import Site, database

VIEWERS, REPORTS, IN_A_COMMIT = 20_000, 2_000, 200
VIEWER, AGAIN = "a viewer, seen for the first time", "an impression of a viewer already seen"
SECRET = "a server's secret of 32 characters"
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


def measure(folder: Path) -> dict[str, float]:
    """Bytes of the database for one more of each."""
    with _database(folder / "stored.sqlite3") as site:
        return {
            VIEWER: _growth(lambda: _views(site), VIEWERS),
            AGAIN: _growth(lambda: _views(site), VIEWERS),
            "a report on a text of its own, 1 KB": _growth(lambda: _reports(site, "own"), REPORTS),
            "a report on a text reported before": _growth(lambda: _reports(site, "same"), REPORTS),
        }


def _growth(work, number: int) -> float:
    before = _bytes()
    work()
    return (_bytes() - before) / number


def _bytes() -> int:
    pages, free, size = (
        database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _views(site: Site) -> None:
    for first in range(0, VIEWERS, IN_A_COMMIT):
        with storage.transaction():
            viewers.keep([_impression(site, number) for number in range(first, first + IN_A_COMMIT)])


def _impression(site: Site, number: int) -> viewers.Impressions:
    who = viewers.identify([site.id], viewer=f"reader {number}", address="", user_agent="", at=NOW)
    return viewers.Impressions(site=site.id, month=who[0].month, at=NOW, viewers=who, seen=1, disclosed=1)


def _reports(site: Site, texts: str) -> None:
    for number in range(REPORTS):
        text = f"{number if texts == 'own' else REPORTS:08d}{TEXTS['text'][8:]}"
        notice = arrivals.Notice(
            sender_id=f"{texts:x<8}-0000-4000-8000-{number:012d}",
            category="misinformation",
            text=text,
            text_sha256=text_sha256(text),
            verified=True,
            label=Disclosure("jamba-large", "AI21"),
            quote={"exact": text[100:160], "prefix": text[68:100], "suffix": text[160:192]},
            comment="The year is wrong, and the second sentence contradicts the source that it names.",
            email="",
            page=f"{ORIGIN}/article",
            good_faith=False,
        )
        arrivals.add(
            site, notice, confirming=nullcontext(False), storing=lambda _: None, server_secrets=(SECRET,), at=NOW
        )


@contextmanager
def _database(file: Path) -> Iterator[Site]:
    storage.connect(f"sqlite:///{file}")
    storage.use_secrets((SECRET,))
    storage.migrate()
    storage.begin()
    try:
        yield sites.add("Bench", [ORIGIN], at=NOW)
    finally:
        database.close()
