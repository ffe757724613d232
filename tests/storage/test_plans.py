"""What desk, API and housekeeping ask of a large installation: no statement reads a whole table that grows."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from peewee import SqliteDatabase

from tests.conftest import Clock, Desk, Page
from tests.copies import copied
from tests.inboxes import Inbox
from tests.statements import Asked
from widget_server.rules.webhooks import Kind
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection, webhooks
from widget_server.storage.tables import (
    Alert,
    Burst,
    Case,
    Change,
    Delivery,
    HiddenBadge,
    Likeness,
    LogEntry,
    Note,
    OwnerNotice,
    PageTally,
    PublicationRow,
    PublicationStep,
    Report,
    Ruling,
    Screening,
    Site,
    SourceKey,
    Tally,
    Viewer,
    WebhookDelivery,
    database,
)
from widget_server.storage.tables.base import MomentField

MANY = 10_000
"""Rows of each table that grows: settled and sent, as most are."""
MOST_STEPS = 25_000
MOST_ROWS = 4_000
"""What one statement may cost: far less than to look at MANY rows."""

DESK = [
    "/admin/reports",
    "/admin/reports?show=decided",
    "/admin/reports?show=lapsed",
    "/admin/reports?search=tower",
    "/admin/reports?search=tower&site={key}",
    "/admin/reports?category=misinformation",
    "/admin/reports?model=one",
    "/admin/reports?late=1",
    "/admin/reports?urgent=1",
    "/admin/reports/1",
    "/admin/reports/1/said/misinformation",
    "/admin/reports/1/said/aside",
    "/admin/reports/1/compare",
    "/admin/publications",
    "/admin/publications?show=approved",
    "/admin/viewers",
    "/admin/log",
    "/admin/log?before=5000",
    "/admin/log?subject=case+1",
    "/admin/deliveries",
    "/admin/deliveries?before=5000",
    "/admin/webhooks",
    "/admin/webhooks/1",
    "/admin/webhooks/1?before=5000",
    "/admin/compliance",
    "/admin/figures",
    "/admin/people",
    "/admin/people/1",
    "/admin/account",
    "/admin/sites",
    "/admin/prompts",
    "/admin/clocks",
]
API = ["/api/v1/usage", "/api/v1/compliance", "/api/v1/publications", "/api/v1/publications?state=held", "/metrics"]
EXPECTED = {
    'DELETE FROM "viewer"': "once a month, and what it reads it deletes",
    "SELECT change.cases": "once in each process: afterwards it reads what is new",
    'MAX("t1"."id") FROM "ruling"': "the compliance page counts all decisions of a site that hold",
    'SELECT "t1"."state", COUNT("t1"."id") FROM "publication"': "it counts them, by index alone",
    'FROM "publication" AS "t1" WHERE ("t1"."state" = ': "it counts them, by index alone",
    '"amended" IS NOT NULL': "the compliance page counts the approved texts of a site",
    'DISTINCT "t1"."day" FROM "source_key"': "a row for each site and day of a week",
    '"decided_at" / 86400000000) AS "day"': "the figures of a period read its decisions",
}
"""Statements that read much, and why they may."""


@pytest.fixture
def large(app: Flask, news: Page, desk: Desk, clock: Clock) -> Page:
    """A site that has been there for long. The first of each kind is real."""
    with connection():
        webhooks.add("https://a.example/", kind=Kind.STANDARD, site=None, wanted=[], note="", moderator=1, at=clock())
    for number in range(12):
        news.report("The tower is in Rome.", email="reader@mail.example")
        news.view({"text_sha256": "0" * 64, "disclosed": False, "hidden_by": "covered"}, viewer=str(number))
    news.report("Another tower.", category="profiling", model="one")
    desk.decide(1, "dismiss")
    receipt = news.report("A text that somebody appeals about.").json["receipt"]
    desk.decide(2, "dismiss")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    desk.post("/admin/reports/1/note", "/admin/reports/1", text="A note.")
    news.report("A third text.", category="profiling")
    news.render("For everybody.", audience="public")
    with connection():
        fill(MomentField().db_value(clock()) or 0)
        if not isinstance(database.obj, SqliteDatabase):  # there the server keeps no statistics, either
            database.execute_sql("ANALYZE")
    return news


def fill(now: int) -> None:
    """Of the last ten months: one each 43 minutes."""
    then = f"{now} - n * 2580000000"
    sent = {"due_at": "NULL", "delivered_at": f"{now}", "created_at": f"{now} - n"}
    case = {"queue": "'decided'", "state": "'dismissed'", "outcome": "'dismissed'", "due_at": "NULL"}
    case |= {"text_sha256": "'eeee' || n", "place": f"n * 2580000000 - {now}", "decided_at": then, "model": "'m' || n"}
    copied(Case, 1, MANY, **case, waiting_since=then)
    Change.update(cases=Case.select().count()).execute()
    copied(Report, 1, MANY, sender="'n' || n", receipt_sha256="'n' || n", case_id="n", received_at=then)
    copied(Ruling, 1, MANY, case_id="n", decided_at=then, batch="'b' || n")
    copied(Note, 1, MANY, case_id="n")
    copied(Burst, 1, MANY, case_id="n")
    copied(Likeness, 1, MANY, band="n", case_id="n", waits="FALSE")
    copied(Viewer, 1, MANY, key="n")
    copied(Tally, 1, MANY, site="n + 1", day="20250101")
    copied(PageTally, 1, MANY, site="n + 1")
    copied(HiddenBadge, 1, MANY, site="n + 1")
    first = PublicationRow.get()
    text = {"id": "'n' || n", "html_sha256": "'n' || n", "text_sha256": "'eeee' || n", "state": "'approved'"}
    copied(PublicationRow, first.id, MANY, **text, created_at=then, held_at=then, decided_at=then, reviewer_id="1")
    copied(PublicationStep, 1, MANY, publication_id="'n' || n", at=then)
    Screening.create(publication=first, due_at=None)
    copied(Screening, first.id, MANY, publication_id="'n' || n")
    Alert.create(moderator=1, created_at=first.created_at, delivered_at=first.created_at)
    for table in (Delivery, Alert, OwnerNotice):
        copied(table, 1, MANY, **sent)
    copied(WebhookDelivery, 1, MANY, **sent, event_id="'n' || n")
    copied(LogEntry, 1, MANY, id="n + 1000", at=then, previous="'n' || n", subject="'case ' || n")
    copied(SourceKey, 1, MANY, site="n + 1")
    copied(Site, 1, 30, key="'n' || n", name="'Site ' || n")


def costly(asked: Asked) -> dict[str, int]:
    """The statements that read much, by what they read."""
    if isinstance(database.obj, SqliteDatabase):
        asked.end()
        return {sql: steps for sql, steps in asked.most.items() if steps > MOST_STEPS}
    found = {}
    for sql, values in asked.last.items():
        if (
            re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", sql, re.IGNORECASE)
            and (rows := read(sql, values)) > MOST_ROWS
        ):
            found[sql] = rows
    return found


def read(sql: str, values: Any) -> int:
    """The rows that PostgreSQL looks at for this, which is then undone."""
    with database.obj.connection().transaction(force_rollback=True), database.obj.connection().cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        (plan,) = cursor.fetchone()
    return rows_of((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])


def rows_of(node: dict[str, Any]) -> int:
    looked = [node["Actual Rows"], node.get("Rows Removed by Filter", 0), node.get("Rows Removed by Index Recheck", 0)]
    own = int(sum(looked) * node["Actual Loops"]) if "Scan" in node["Node Type"] else 0
    return own + sum(rows_of(below) for below in node.get("Plans", []))


def test_no_list_reads_a_whole_table(
    large: Page, desk: Desk, inbox: Inbox, settings: Settings, clock: Clock, asked: Asked
) -> None:
    for path in DESK:
        assert desk.get(path.format(key=large.key)).status_code == 200, path
    for path in API:
        assert large.client.get(path, headers=large.bearer).status_code == 200, path
    large.report("One more text.")
    assert desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/2"
    large.view(viewer="somebody")
    large.render("Another text.")
    with connection():
        keep_house(replace(settings, mail_url=inbox.url), at=clock())
        wrong = {sql: much for sql, much in costly(asked).items() if not any(one in sql for one in EXPECTED)}
    assert len(asked.last) > 100
    assert not wrong, "\n\n".join(f"{much:,}: {sql}" for sql, much in wrong.items())
