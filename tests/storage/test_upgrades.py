"""A database of an older version is brought up to date, with all that is in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playhouse.migrations import Runner

from widget_server import storage
from widget_server.rules.access import OWNER_OF_ALL
from widget_server.settings import Settings
from widget_server.storage import MIGRATIONS, log, people, publications, roles
from widget_server.storage.tables import Case, Change, Likeness, LogEntry, database

AT = 1_700_000_000_000_000
OLD = {
    "site": {"id": 1, "key": "newskey", "name": "News", "origins": "[]", "generation": 1, "created_at": AT},
    "moderator": {"id": 1, "email": "ada@news.example", "password_hash": "x", "created_at": AT},
    "case": {
        "id": 12,
        "site_id": 1,
        "text_sha256": "a",
        "text": "t",
        "verified": False,
        "model": "",
        "provider": "",
        "review": "none",
        "state": "open",
        "urgent": False,
        "version": 0,
        "opened_at": AT,
        "waiting_since": AT,
        "queue": "waiting",
        "place": AT,
        "category": "other",
        "lang": "",
        "seen": 0,
    },
}
ENTRIES = [("sign in", "ada@news.example"), ("dismiss", "case 12"), ("set words", "site newskey"), ("undo", "case 99")]


@pytest.fixture
def older(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The settings of a server whose database is of the version before people had roles."""
    if settings.database_url.startswith("sqlite"):
        settings = replace(settings, database_url=f"sqlite:///{tmp_path / 'older.sqlite3'}")
    else:
        with psycopg.connect(settings.database_url, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS older")
            server.execute("CREATE DATABASE older")
        settings = replace(settings, database_url=urlsplit(settings.database_url)._replace(path="/older").geturl())
    storage.connect(settings.database_url)
    with storage.connection():
        Runner(database.obj, str(MIGRATIONS)).up("0003_claims_likeness_and_notes")
        for table, row in OLD.items():
            insert(table, row)
        for verb, subject in ENTRIES:
            insert("log_entry", {"at": AT, "moderator_id": 1, "verb": verb, "subject": subject, "particulars": "{}"})
    yield settings
    if not database.is_closed():
        database.close()
    if not settings.database_url.startswith("sqlite"):
        database.obj.close_all()


def insert(table: str, row: dict) -> None:
    sign = database.param
    names, signs = ", ".join(row), ", ".join([sign] * len(row))
    database.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({signs})', tuple(row.values()))


def test_whoever_could_do_everything_still_can(older: Settings) -> None:
    storage.migrate()
    with storage.connection():
        person = people.find("ada@news.example")
        assert roles.of([person])[person.id] == OWNER_OF_ALL
        assert person.signed_in_at.year == 2023


def test_entries_of_the_log_know_their_site(older: Settings) -> None:
    storage.migrate()
    with storage.connection():
        assert [entry.site for entry in LogEntry.select().order_by(LogEntry.id)] == [None, 1, 1, None]
        assert [entry.subject for entry in log.page(before=None, size=9, sites=[1])] == ["site newskey", "case 12"]


def test_a_text_that_was_approved_keeps_its_history(older: Settings) -> None:
    approved = {
        "id": "ff",
        "site_id": 1,
        "text_sha256": "a",
        "html_sha256": "b",
        "text": "A text.",
        "links": "[]",
        "model": "",
        "provider": "",
        "audience": "public",
        "state": "approved",
        "note": "Fine.",
        "reviewer_id": 1,
        "created_at": AT,
        "decided_at": AT,
    }
    with storage.connection():
        insert("publication", approved)
    storage.migrate()
    with storage.connection():
        row = publications.find("ff")
        assert (row.source, row.format, row.amended, row.authors) == ("A text.", "text", None, [])
        history = [(step.what, step.moderator and step.moderator.email) for step in publications.history(row)]
        assert history == [("submitted", None), ("approved", "ada@news.example")]


def test_cases_count_what_is_named_and_sites_their_cases(older: Settings) -> None:
    report = {"site_id": 1, "case_id": 12, "verified": False, "comment": "", "email": "", "page": "", "received_at": AT}
    with storage.connection():
        for number, category in enumerate(["fraud", "spam", "fraud", "hate"]):
            given = {"sender": f"s{number}", "receipt_sha256": f"r{number}", "category": category, "good_faith": False}
            taken_back = {"taken_back_at": AT} if category == "hate" else {}
            insert("report", {**report, **given, **taken_back})
        insert("likeness", {"site": 1, "band": 7, "case_id": 12})
    storage.migrate()
    with storage.connection():
        assert Case.get().named == {"fraud": 2, "spam": 1}
        assert Change.get(Change.site == 1).cases == 1
        assert Likeness.get().waits
