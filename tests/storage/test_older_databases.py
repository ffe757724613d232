"""A database of an earlier version is brought up to date with what is in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playhouse.migrations import Runner

from tests.conftest import Clock
from widget_server import storage
from widget_server.settings import Settings
from widget_server.storage import MIGRATIONS, alerts
from widget_server.storage.tables import Case, Report, Ruling, database

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE = "0003_claims_likeness_and_notes"


def moment(hours: float) -> int:
    return (BEGAN + timedelta(hours=hours) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def hours(of: datetime | None) -> float | None:
    return of and (of - BEGAN) / timedelta(hours=1)


@pytest.fixture
def older(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A database as version 0.1.0 left it, with a site and a moderator."""
    storage.connect(settings.database_url)
    if settings.database_url.startswith("sqlite"):
        storage.connect(f"sqlite:///{tmp_path / 'older.sqlite3'}")
    else:
        database.connect()
        database.execute_sql("DROP DATABASE IF EXISTS older")
        database.execute_sql("CREATE DATABASE older")
        database.close()
        storage.connect(settings.database_url.rpartition("/")[0] + "/older")
    database.connect()
    Runner(database.obj, str(MIGRATIONS)).up(BEFORE)
    insert("site", key="k", name="News", origins="[]", generation=1, created_at=moment(0))
    insert("moderator", email="ada@news.example", password_hash="", created_at=moment(0))
    yield
    database.close()
    if not settings.database_url.startswith("sqlite"):
        database.obj.close_all()
    storage.connect(settings.database_url)


def insert(table: str, **row: object) -> None:
    sign = database.param
    columns, signs = ", ".join(f'"{name}"' for name in row), ", ".join(sign for _ in row)
    database.execute_sql(f'INSERT INTO "{table}" ({columns}) VALUES ({signs})', tuple(row.values()))


def case(number: int, state: str, *, since: float, category: str = "fraud", leader: int | None = None) -> None:
    waits = state in ("open", "escalated", "appealed")
    insert(
        "case", site_id=1, text_sha256=str(number), text="", verified=False, model="", provider="", review="none",
        state=state, urgent=category == "self_harm", version=0, opened_at=moment(0), waiting_since=moment(since),
        queue="followers" if leader else "waiting" if waits else "decided", place=0, category=category, lang="", seen=0,
        leader_id=leader,
    )  # fmt: skip


def report(of: int, *, at: float, appealed: float | None = None, taken_back: float | None = None) -> None:
    number = f"{of}-{at}"
    insert(
        "report", site_id=1, case_id=of, sender=number, receipt_sha256=number, category="fraud", verified=False,
        comment="", email="", page="", good_faith=False, received_at=moment(at),
        appealed_at=None if appealed is None else moment(appealed),
        taken_back_at=None if taken_back is None else moment(taken_back),
    )  # fmt: skip


def ruling(of: int, before: str, outcome: str | None, *, at: float, undone: float | None = None) -> None:
    insert(
        "ruling", case_id=of, decision="dismiss", before=before, outcome=outcome, category="fraud", ground="guideline",
        message="", moderator_id=1, decided_at=moment(at), undone_at=None if undone is None else moment(undone),
    )  # fmt: skip


def decision_mail(of: int, about: int, *, delivered: float | None) -> None:
    due, sent = (moment(0), None) if delivered is None else (None, moment(delivered))
    insert(
        "delivery", report_id=of, ruling_id=about, created_at=moment(0), due_at=due, attempts=1, delivered_at=sent,
        failure="",
    )  # fmt: skip


def view(of: int, *, at: float) -> None:
    insert("log_entry", at=moment(at), moderator_id=1, verb="view case", subject=f"case {of}", particulars="{}")


def brought_up_to(version: str) -> None:
    Runner(database.obj, str(MIGRATIONS)).up(version)


def brought_up_to_date() -> None:
    database.close()
    storage.migrate()
    database.connect()


def test_cases_that_wait_are_due_from_when_their_reporters_began_to_wait(older: None) -> None:
    case(1, "open", since=1)
    report(1, at=1)
    report(1, at=2)
    case(2, "escalated", since=9)
    report(2, at=1, taken_back=2)
    report(2, at=3)
    case(3, "appealed", since=8, category="self_harm")
    report(3, at=1, appealed=8)
    ruling(3, "open", "dismissed", at=5)
    case(4, "open", since=7)  # of its reports nothing is left
    case(5, "dismissed", since=1)
    report(5, at=1)
    ruling(5, "open", "dismissed", at=5)
    case(6, "open", since=6, category="self_harm", leader=1)
    report(6, at=6)
    brought_up_to_date()
    kept = [
        (hours(row.reported_since), hours(row.appealed_since), hours(row.due_at), hours(row.card_due_at))
        for row in Case.select().order_by(Case.id)
    ]
    assert kept == [
        (1, None, 25, 7),  # its card with the first on it
        (3, None, 27, 27),
        (None, 8, 80, 80),
        (7, None, 31, 31),
        (None, None, None, None),
        (6, None, 7, 7),
    ]


def test_a_case_that_leads_a_card_is_due_by_itself_as_the_owner_says(older: None) -> None:
    for number, leads in ((1, "open"), (3, "escalated"), (5, "appealed"), (7, "appealed")):
        case(number, leads, since=1)
        report(number, at=1)
        case(number + 1, "open", since=1, category="self_harm", leader=number)
        report(number + 1, at=1)
    Runner(database.obj, str(MIGRATIONS)).up("0042_other_digests")
    database.execute_sql('UPDATE "case" SET urgent = TRUE')  # as a card was whose leader is not
    insert("clock", kind="fraud", hours=50)
    insert("clock", kind="appeal", hours=10)
    Case.update(appealed_since=BEGAN + timedelta(hours=2)).where(Case.id == 5).execute()
    Case.update(appealed_since=BEGAN + timedelta(hours=2), reported_since=None).where(Case.id == 7).execute()
    brought_up_to_date()
    cards = Case.select().where(Case.leader.is_null()).order_by(Case.id)
    assert [(hours(row.due_at), hours(row.card_due_at)) for row in cards] == [(51, 2), (51, 2), (12, 2), (12, 2)]
    assert [(row.urgent, row.card_urgent) for row in cards] == [(False, True)] * 4


def test_old_decisions_get_the_wait_that_is_still_known(older: None) -> None:
    case(1, "withdrawn", since=10)
    report(1, at=1, appealed=10)
    view(1, at=2)
    ruling(1, "open", None, at=3)
    ruling(1, "escalated", "dismissed", at=5, undone=6)
    ruling(1, "escalated", "dismissed", at=7)
    view(1, at=11)
    ruling(1, "appealed", "withdrawn", at=12)
    ruling(1, "withdrawn", "relabelled", at=13)
    brought_up_to_date()
    kept = [
        (hours(row.reported_since), hours(row.appealed_since), hours(row.viewed_at), row.replaced, row.due_at)
        for row in Ruling.select().order_by(Ruling.id)
    ]
    assert kept == [
        (1, None, 2, None, None),
        (1, None, 2, None, None),
        (1, None, 2, None, None),
        (None, 10, 11, "dismissed", None),
        (None, None, None, "withdrawn", None),
    ]


def test_what_is_late_already_is_told_once(older: None, clock: Clock) -> None:
    case(1, "open", since=1)
    report(1, at=1)
    brought_up_to_date()
    assert [alerts.find_late(at=clock()) for _ in range(2)] == [1, 0]


def test_a_report_knows_what_its_reporter_has_heard_also_where_the_mails_are_forgotten(older: None) -> None:
    case(1, "open", since=6)
    report(1, at=1)  # the mails are forgotten
    report(1, at=6)  # waits
    ruling(1, "open", "dismissed", at=2)
    ruling(1, "dismissed", "withdrawn", at=3, undone=4)
    case(2, "withdrawn", since=1)
    report(2, at=1)  # the second decision was never told
    report(2, at=2)  # it is to be told
    report(2, at=3)  # without an address
    ruling(2, "open", "dismissed", at=5)
    ruling(2, "dismissed", "withdrawn", at=6)
    decision_mail(3, 3, delivered=5)
    decision_mail(4, 4, delivered=None)
    brought_up_to("0042_other_digests")
    database.execute_sql("UPDATE report SET email = 'sealed' WHERE id < 5")
    brought_up_to_date()
    assert [row.heard_id for row in Report.select().order_by(Report.id)] == [1, None, 3, None, None]
