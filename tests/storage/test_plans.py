"""What desk, API and housekeeping ask: no statement reads a whole table that grows."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from peewee import SqliteDatabase

from tests.conftest import Clock, Desk, Page
from tests.inboxes import Inbox
from widget_server.rules.webhooks import Kind
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection, webhooks
from widget_server.storage.tables import database

GROW = {
    *("case", "report", "ruling", "likeness", "viewer", "tally", "page_tally", "hidden_badge", "publication", "alert"),
    *("publication_step", "screening", "delivery", "webhook_delivery", "owner_notice", "log_entry", "burst", "note"),
}
PATHS = [
    *("/admin/reports", "/admin/reports?q=tower", "/admin/reports?category=misinformation", "/admin/reports?late=1"),
    *(
        "/admin/reports/1",
        "/admin/publications",
        "/admin/viewers",
        "/admin/log",
        "/admin/outgoing",
        "/admin/compliance",
    ),
    *("/admin/figures", "/admin/purpose", "/admin/people", "/admin/account"),
]
API = ["/api/v1/usage", "/api/v1/compliance", "/api/v1/publications", "/metrics"]
JUSTIFIED = {
    "INSERT INTO log_entry": "the newest entry is the first that SQLite reads, and the only one",
    'DELETE FROM "viewer"': "once a month, and what it reads it deletes, but for a new month's first viewers",
}
ASKS = re.compile(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)\b", re.IGNORECASE)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple]]:
    """Every statement, with the values that it had last."""
    found: dict[str, tuple] = {}
    plainly = type(database.obj).execute_sql

    def execute(self: object, sql: str, params: tuple = (), *more: object, **named: object) -> object:
        if ASKS.match(sql):
            found[sql] = tuple(params or ())
        return plainly(self, sql, params, *more, **named)

    monkeypatch.setattr(type(database.obj), "execute_sql", execute)
    return found


def scanned(sql: str, values: tuple) -> set[str]:
    """The tables that the database would read from end to end for this."""
    if isinstance(database.obj, SqliteDatabase):
        rows = database.obj.connection().execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        names = {b or a: a for a, b in re.findall(r'"(\w+)"(?: AS "(\w+)")?', sql)}
        found = {re.match(r"SCAN (\S+)(?! USING (?:COVERING )?INDEX)", row[3]) for row in rows}
        return {names.get(one[1], one[1]) for one in found if one and "INDEX" not in one.string}
    with database.obj.connection().cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    return {name.strip('"') for name in re.findall(r"Seq Scan on (\S+)", plan)}


def test_no_list_reads_a_whole_table(
    app: Flask, news: Page, desk: Desk, inbox: Inbox, settings: Settings, clock: Clock, asked: dict[str, tuple]
) -> None:
    with connection():
        webhooks.add("https://a.example/", kind=Kind.STANDARD, site=None, wanted=[], note="", moderator=1, at=clock())
    for number in range(5):
        news.report(f"text {number}", email="reader@mail.example")
        news.view(viewer=str(number))
    news.render("For everybody.", audience="public")
    asked.clear()
    for path in PATHS:
        desk.get(path)
    for path in API:
        news.client.get(path, headers=news.bearer)
    clock.move(days=31)
    keep_house(replace(settings, mail_url=inbox.url), at=clock())
    with connection():
        if not isinstance(database.obj, SqliteDatabase):
            database.execute_sql("SET enable_seqscan = off")
        wrong = {
            sql: tables
            for sql, values in list(asked.items())
            if (tables := scanned(sql, values) & GROW) and not sql.lstrip().startswith((*JUSTIFIED,))
        }
        if not isinstance(database.obj, SqliteDatabase):
            database.execute_sql("RESET enable_seqscan")
    assert len(asked) > 60
    assert not wrong, "\n\n".join(f"{tables}: {sql}" for sql, tables in wrong.items())
