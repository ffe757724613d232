"""What a viewer costs, and how a month ends."""

import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from peewee import SqliteDatabase

from tests.conftest import TEXT, Clock, Page, seen
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection, months
from widget_server.storage.tables import Assessment, Month, Viewer, database

HUNDREDS = 600
DECEMBER = datetime(2026, 12, 3, 12, tzinfo=UTC)
ANOTHER = """
import sys
from datetime import datetime
from widget_server import serving, storage
from widget_server.settings import Settings
url, secret, *moments = sys.argv[1:]
storage.use_secrets((secret,))
storage.connect(url)
for moment in moments:
    serving.keep_house(Settings(secret_key=secret, database_url=url), at=datetime.fromisoformat(moment))
"""


def another_process_keeps_house(settings: Settings, *moments: datetime) -> None:
    said = [settings.database_url, settings.secret_key, *[moment.isoformat() for moment in moments]]
    subprocess.run([sys.executable, "-c", ANOTHER, *said], check=True)


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
        assert months.close_months(at=datetime(2026, 11, 30, tzinfo=UTC)) == 3
        assert left() == {202611: 300, 202612: 200, 202701: 100}
        for second, closed in ((9, 0), (11, 1), (12, 0)):
            assert months.close_months(at=datetime(2026, 12, 1, 0, 0, second, tzinfo=UTC)) == closed
        assert left() == {202612: 200, 202701: 100}


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
        with pytest.raises(months.Outdated), database.atomic():
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


@pytest.mark.parametrize("query", [{}, {"unusual": "1"}])
def test_who_comes_after_another_process_has_closed_the_month_counts_in_the_next(
    news: Page, settings: Settings, query: dict
) -> None:
    def came(*people: int) -> None:
        for person in people:
            said = {"site": news.key, "viewer": f"person {person}", "views": [seen(TEXT)]}
            answer = news.client.post("/api/v1/views", json=said, headers={"Origin": news.origin}, query_string=query)
            assert answer.status_code == 200

    came(*range(60))
    another_process_keeps_house(settings, DECEMBER, DECEMBER + timedelta(hours=1))
    came(*range(60), *range(60, 161))
    november, december = news.usage("2026-11"), news.usage("2026-12")
    assert (november["unique_viewers"], december["unique_viewers"]) == (60, 101)
    assert (december["threshold_state"], [one["step"] for one in december["crossings"]]) == (
        "required",
        ["near", "required"],
    )


def test_a_clock_that_is_wrong_for_a_moment_closes_no_month(news: Page, settings: Settings, clock: Clock) -> None:
    """Nor one that is wrong for good beside one that is right; and what is kept of the month waits for its end."""
    for person in range(60):
        news.view(viewer=f"person {person}")
    for minute in (0, 5, 10):
        another_process_keeps_house(settings, *[DECEMBER + timedelta(minutes=minute + late) for late in (0, 4)])
        clock.move(minutes=5)
        keep_house(settings, at=clock())
    for person in range(30, 101):
        assert news.view(viewer=f"person {person}").status_code == 200
    assert (news.usage()["unique_viewers"], news.usage()["threshold_state"]) == (101, "required")
    assert Assessment.select().count() == 0
    clock.moment = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    for _ in range(2):
        keep_house(settings, at=clock())
        clock.move(minutes=5)
    assert [one.told["figures"]["viewers"] for one in Assessment.select()] == [101]
    assert Viewer.select().count() == 0


def test_views_of_a_clock_that_was_ahead_count_there_and_those_after_it_in_their_month(
    news: Page, clock: Clock
) -> None:
    news.view(viewer="a")
    clock.move(days=10)
    news.view(viewer="a")
    news.view(viewer="b")
    clock.move(days=-10)
    news.view(viewer="a")
    news.view(viewer="c")
    assert (news.usage("2026-11")["unique_viewers"], news.usage("2026-12")["unique_viewers"]) == (2, 2)


def test_a_clock_that_was_a_year_ahead_for_one_view_takes_no_later_month_with_it(news: Page, clock: Clock) -> None:
    news.view(viewer="ann")
    clock.move(days=366)
    news.view(viewer="ann")
    clock.move(days=-336)
    for person in ("ann", "bob"):
        news.view(viewer=person)
    assert months.close_months(at=clock()) == 1
    clock.move(days=31)
    news.view(viewer="ann")
    assert months.close_months(at=clock()) == 1
    viewers = {month: news.usage(month)["unique_viewers"] for month in ("2026-11", "2026-12", "2027-01", "2027-11")}
    assert viewers == {"2026-11": 1, "2026-12": 2, "2027-01": 1, "2027-11": 1}


def test_a_clock_that_steps_back_counts_in_the_first_month_that_is_not_closed(news: Page, clock: Clock) -> None:
    news.view(viewer="ann")
    clock.move(days=366)
    news.view(viewer="ann")
    clock.move(days=-358)
    assert months.close_months(at=clock()) == 1
    clock.move(days=-8)
    news.view(viewer="bob")
    assert news.usage("2026-12")["unique_viewers"] == 1
