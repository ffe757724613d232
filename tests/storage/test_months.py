"""What a viewer costs, and how a month ends."""

import secrets
from datetime import UTC, datetime

from flask import Flask
from peewee import SqliteDatabase

from tests.conftest import Clock, Page
from widget_server.storage import connection, months
from widget_server.storage.tables import Month, Viewer, database

HUNDREDS = 600


def fill(month: int, *, hundreds: int) -> None:
    """Viewers as they come: a hundred in one statement, each with a number that chance has given it."""
    for _ in range(hundreds):
        keys = [int.from_bytes(secrets.token_bytes(8), signed=True) for _ in range(100)]
        Viewer.insert_many([(1, month, key) for key in keys], fields=[Viewer.site, Viewer.month, Viewer.key]).execute()


def size() -> int:
    """Bytes of all tables and indexes."""
    if isinstance(database.obj, SqliteDatabase):
        (pages,), (free,), (bytes_,) = (
            database.execute_sql(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * bytes_
    tables = "SELECT SUM(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'viewer%%'"
    return int(database.execute_sql(tables).fetchone()[0])


def test_a_viewer_takes_few_bytes_and_a_closed_month_none(app: Flask, clock: Clock) -> None:
    with connection():
        empty = size()
        Month.create(site=1, month=202611, key=b"k" * 32)
        with database.atomic():
            fill(202611, hundreds=HUNDREDS)
        most = 30 if isinstance(database.obj, SqliteDatabase) else 80
        assert (size() - empty) / (100 * HUNDREDS) <= most
        clock.move(days=31)
        assert months.close_months(at=clock()) == 1
        assert size() - empty <= 8192


def test_a_month_ends_for_itself_alone(app: Flask) -> None:
    began = {202512: 1, 202601: 1, 202610: 2, 202611: 3, 202612: 2, 202701: 1}
    with connection():
        for month, hundreds in began.items():
            Month.create(site=1, month=month, key=b"k" * 32)
            fill(month, hundreds=hundreds)
        assert months.close_months(at=datetime(2026, 12, 1, 0, 0, 9, tzinfo=UTC)) == 3
        assert left() == {202611: 300, 202612: 200, 202701: 100}
        assert months.close_months(at=datetime(2026, 12, 1, 0, 0, 11, tzinfo=UTC)) == 1
        assert left() == {202612: 200, 202701: 100}
        assert months.close_months(at=datetime(2026, 12, 1, 0, 0, 12, tzinfo=UTC)) == 0


def test_a_month_that_a_clock_ahead_has_opened_keeps_its_viewers(app: Flask) -> None:
    with connection():
        for month in (202611, 202708, 202709, 202710, 202711):
            Month.create(site=1, month=month, key=b"k" * 32)
            fill(month, hundreds=1)
        assert months.close_months(at=datetime(2026, 12, 2, tzinfo=UTC)) == 1
        assert left() == {202708: 100, 202709: 100, 202710: 100, 202711: 100}


def test_who_comes_when_a_month_is_closed_does_not_change_its_number(news: Page, clock: Clock) -> None:
    news.view(viewer="a")
    clock.move(days=31)
    with connection():
        months.close_months(at=clock())
        months.grew({(1, 202611): 5})
        assert months.number_of_viewers(1, 202611) == 1
        Month.create(site=2, month=202612, key=b"k" * 32)
        months.grew({(2, 202612): 5})
        months.grew({(2, 202612): 2})
        assert months.number_of_viewers(2, 202612) == 7


def left() -> dict[int, int]:
    found: dict[int, int] = {}
    for row in Viewer.select():
        found[row.month] = found.get(row.month, 0) + 1
    return dict(sorted(found.items()))
