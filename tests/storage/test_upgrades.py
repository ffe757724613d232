"""A database of an older version is brought up to date, with all that is in it."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playhouse.migrations import Runner

from widget_server import storage
from widget_server.rules.access import OWNER_OF_ALL
from widget_server.rules.likeness import bands, shingles
from widget_server.rules.marking import text_sha256
from widget_server.settings import Settings
from widget_server.storage import (
    MIGRATIONS,
    declarations,
    deliveries,
    log,
    people,
    publications,
    roles,
    seals,
    webhooks,
)
from widget_server.storage.seals import Kind
from widget_server.storage.tables import (
    Case,
    Change,
    Declaration,
    Likeness,
    LogEntry,
    Month,
    OtherDigest,
    PublicationRow,
    Report,
    Screening,
    SourceKey,
    Webhook,
    database,
)

AT = 1_700_000_000_000_000
OLD = {
    "site": {"id": 1, "key": "newskey", "name": "News", "origins": "[]", "generation": 1, "created_at": AT},
    "moderator": {"id": 1, "email": "ada@news.example", "password_hash": "x", "created_at": AT},
    "case": {
        "id": 12,
        "site_id": 1,
        "text_sha256": text_sha256("t"),
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
WEBHOOK = {
    "kind": "standard",
    "url": "https://hooks.example/x",
    "events": "[]",
    "note": "",
    "generation": 1,
    "created_at": AT,
    "paused_why": "",
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
    storage.use_secrets((settings.secret_key,))
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


def a_case(number: int, text: str, **other: object) -> dict:
    return {**OLD["case"], "id": number, "text": text, "text_sha256": text_sha256(text), **other}


def sha256(form: str) -> str:
    return hashlib.sha256(form.encode()).hexdigest()


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


def test_texts_that_were_held_again_wait_from_then_on(older: Settings) -> None:
    text = {"site_id": 1, "text": "A text.", "model": "", "provider": "", "audience": "public", "note": ""}
    happened = {
        "ff": [("submitted", 0)],
        "ee": [("submitted", 0), ("approved", 1), ("expired", 5)],
        "dd": [("submitted", 0), ("rejected", 1), ("taken_back", 2), ("amended", 3)],
        "cc": [("submitted", 0), ("approved", 1), ("taken_back", 2), ("rejected", 3)],
        "bb": [],
    }
    with storage.connection():
        Runner(database.obj, str(MIGRATIONS)).up("0042_other_digests")
        for number, steps in happened.items():
            digests = {"text_sha256": number, "html_sha256": number}
            insert("publication", {"id": number, "state": "held", "created_at": AT, **text, **digests})
            for what, seconds in steps:
                step = {"what": what, "at": AT + seconds * 1_000_000, "note": "", "text_sha256": number}
                insert("publication_step", {"publication_id": number, **step})
    storage.migrate()
    with storage.connection():
        waited = {row.id: (row.held_at - row.created_at).total_seconds() for row in PublicationRow.select()}
    assert waited == {"ff": 0, "ee": 5, "dd": 2, "cc": 2, "bb": 0}


def test_cases_that_were_escalated_wait_since_their_readers_do(older: Settings) -> None:
    day, urgent = 86_400_000_000, -31_556_908_800_000_000
    with storage.connection():
        Runner(database.obj, str(MIGRATIONS)).up("0045_late_and_urgent_by_itself")
        for number, given in {
            13: {"state": "escalated", "reported_since": AT, "place": AT + 9 * day},
            14: {
                "state": "escalated",
                "reported_since": AT,
                "appealed_since": AT - day,
                "place": AT + 9 * day + urgent,
            },
            15: {"state": "appealed", "appealed_since": AT + 9 * day, "place": AT + 9 * day},
            16: {"state": "dismissed", "queue": "decided", "place": -AT},
            17: {"state": "escalated", "place": AT + 9 * day},
        }.items():
            row = {"card_urgent": False, **a_case(number, f"text {number}"), "waiting_since": AT + 9 * day, **given}
            row.pop("urgent")
            insert("case", row)
    storage.migrate()
    with storage.connection():
        waits = {case.id: (case.waiting_since, case.place) for case in Case.select().where(Case.id > 12)}
        began = Case.get_by_id(12).waiting_since
    days = {number: ((since - began).days, place) for number, (since, place) in waits.items()}
    assert days == {
        13: (0, AT),
        14: (-1, AT - day + urgent),
        15: (9, AT + 9 * day),
        16: (9, -AT),
        17: (9, AT + 9 * day),
    }


def test_what_a_screen_said_of_a_text_before_it_was_amended_is_forgotten(older: Settings) -> None:
    held = {"site_id": 1, "text": "A text.", "links": "[]", "model": "", "provider": "", "audience": "public"}
    with storage.connection():
        for number in ("ff", "ee"):
            digests = {"text_sha256": number, "html_sha256": number}
            insert("publication", {"id": number, "state": "held", "note": "", "created_at": AT, **held, **digests})
        Runner(database.obj, str(MIGRATIONS)).up("0015_screenings")
        PublicationRow.update(amended="Another.").where(PublicationRow.id == "ff").execute()
        for number in ("ff", "ee"):
            look = {"model": "m", "found": "[]", "failure": "", "attempts": 1, "screened_at": AT}
            insert("screening", {"publication_id": number, **look})
    storage.migrate()
    with storage.connection():
        assert {row.id: row.asked_text for row in PublicationRow.select()} == {"ff": "Another.", "ee": "A text."}
        assert [row.publication_id for row in Screening.select()] == ["ee"]


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


def test_reports_know_whether_a_mail_confirms_them(older: Settings) -> None:
    report = {"site_id": 1, "case_id": 12, "verified": False, "comment": "", "email": "", "page": "", "received_at": AT}
    owed = {"created_at": AT, "due_at": None, "attempts": 1, "delivered_at": AT, "failure": ""}
    with storage.connection():
        for number in (1, 2):
            insert("report", {
                **report, "id": number, "sender": f"s{number}", "receipt_sha256": f"r{number}", "category": "spam",
                "good_faith": False,
            })  # fmt: skip
        insert("delivery", {**owed, "report_id": 2})
    storage.migrate()
    with storage.connection():
        assert [one.written_to for one in Report.select().order_by(Report.id)] == [False, True]


def test_a_case_that_waits_knows_when_the_latest_came_to_it(older: Settings) -> None:
    report = {"site_id": 1, "case_id": 12, "verified": False, "comment": "", "email": "", "page": ""}
    with storage.connection():
        for number, moments in enumerate([{}, {"received_at": AT + 5}, {"appealed_at": AT + 9}]):
            given = {"sender": f"s{number}", "receipt_sha256": f"r{number}", "category": "fraud", "good_faith": False}
            insert("report", {**report, "received_at": AT, **given, **moments})
    storage.migrate()
    with storage.connection():
        case = Case.get()
        assert case.latest_at - case.opened_at == timedelta(microseconds=9)


def test_cases_that_waited_on_the_card_of_a_decided_one_are_on_the_desk_again(older: Settings) -> None:
    decided = a_case(13, "b", state="dismissed", queue="decided", decided_at=AT)
    follower = {"queue": "followers", "leader_id": 13}
    with storage.connection():
        insert("case", decided)
        insert("case", a_case(14, "c", **follower, place=5))
        insert("case", a_case(15, "d", **{**follower, "leader_id": 12}))
        insert("case", a_case(16, "e", **follower, state="dismissed"))
        insert("likeness", {"site": 1, "band": 7, "case_id": 14})
    storage.migrate()
    with storage.connection():
        cases = {case.id: (case.queue, case.leader_id, case.place) for case in Case.select()}
        assert cases[14] == ("waiting", None, 5)
        assert cases[15] == ("followers", 12, AT)
        assert cases[16] == ("followers", 13, AT)
        assert Likeness.get().waits


def test_what_was_said_to_begin_a_text_has_brought_nothing_together(older: Settings) -> None:
    hateful, innocent = "words of hate, many of them", "the tower stands in Rome"
    on_card = {"queue": "followers", "place": 5}
    with storage.connection():
        for row in (
            a_case(20, hateful),
            a_case(21, hateful, text_sha256="r", leader_id=20, **on_card),
            a_case(22, innocent, leader_id=20, **on_card),
            a_case(23, hateful + "!", leader_id=20, **on_card),
            a_case(24, "", text_sha256="s", leader_id=20, **on_card),
            a_case(30, hateful, text_sha256="t"),
            a_case(31, hateful + "?", leader_id=30, **on_card),
            a_case(32, hateful + "??", leader_id=30, **on_card, state="dismissed", decided_at=AT + 7),
        ):
            insert("case", row)
        for number in (20, 21, 22, 30, 31):
            for band in bands(shingles(hateful)):
                insert("likeness", {"site": 1, "band": band, "case_id": number})
        for band in bands(shingles(innocent)):
            insert("likeness", {"site": 1, "band": band, "case_id": 22})
    storage.migrate()
    with storage.connection():
        cases = {case.id: (case.leader_id, case.queue, case.place) for case in Case.select().where(Case.id >= 20)}
        waits, follows = (None, "waiting", 5), (20, "followers", 5)
        assert cases == {
            20: (None, "waiting", AT),
            21: waits,
            22: waits,
            23: follows,
            24: follows,
            30: (None, "waiting", AT),
            31: waits,
            32: (None, "decided", -AT - 7),
        }
        assert {row.case_id for row in Likeness.select()} == {20, 22, 31}
        assert all(row.waits for row in Likeness.select())


def test_a_text_is_found_under_what_each_browser_makes_of_it(older: Settings) -> None:
    moved, kept = "\u0628\u0897\u0323", "\u0628\u0323\u0897"
    before, now, nul = sha256(moved), sha256(kept), sha256("a\0b")
    with storage.connection():
        insert("site", {**OLD["site"], "id": 2, "key": "shopkey"})
        for row in (
            a_case(20, moved, text_sha256=before),
            a_case(21, moved, text_sha256=before, site_id=2),
            a_case(22, kept, text_sha256=now, site_id=2),
            a_case(23, "a\ufffdb"),
            a_case(24, moved + "!", text_sha256="of the whole that it begins"),
            a_case(25, "p") | {"text": "e" + "\u0301" * 300 + "\ufffd"},
        ):
            insert("case", row)
        shown = {"site_id": 1, "text": moved, "links": "[]", "model": "", "provider": "", "audience": "public"}
        digests = {"text_sha256": before, "html_sha256": "h"}
        insert("publication", {"id": "ff", "state": "held", "note": "", "created_at": AT, **shown, **digests})
    storage.migrate()
    with storage.connection():
        assert {case.id: case.text_sha256 for case in Case.select().where(Case.id >= 20)} == {
            20: now,
            21: before,
            22: now,
            23: text_sha256("a\ufffdb"),
            24: "of the whole that it begins",
            25: text_sha256("p"),
        }
        assert {(one.case_id, one.text_sha256) for one in OtherDigest.select()} == {(20, before), (21, now), (23, nul)}
        assert PublicationRow.get().text_sha256 == now
        for change in Change.select():
            cases = Case.select(Case.id).where(Case.site == change.site)
            others = OtherDigest.select().where(OtherDigest.case.in_(cases)).count()
            assert change.cases == cases.count() + others


def test_a_webhook_knows_who_added_it_as_far_as_the_log_tells(older: Settings) -> None:
    with storage.connection():
        Runner(database.obj, str(MIGRATIONS)).up("0005_webhooks")
        for number in (1, 2):
            insert("webhook", {"id": number, "key": f"w{number}", **WEBHOOK})
        added = {"moderator_id": 1, "verb": "add webhook", "subject": "webhook 2", "particulars": "{}"}
        insert("log_entry", {"at": AT, **added})
    storage.migrate()
    with storage.connection():
        assert [webhook.added_by and webhook.added_by.email for webhook in Webhook.select().order_by(Webhook.id)] == [
            None,
            "ada@news.example",
        ]


class TestSealed:
    """Before migration 0021, addresses stood in the database as they were written."""

    ADDRESS = "jane.doe@reader.example"
    HALF = b"h" * 32

    @pytest.fixture
    def plain(self, older: Settings) -> Settings:
        """An installation of the version before, with an address, a declaration, and a running month."""
        filled = {
            "report": {
                "id": 7, "site_id": 1, "case_id": 12, "sender": "s", "receipt_sha256": "r", "category": "other",
                "verified": False, "comment": "", "email": self.ADDRESS, "page": "", "good_faith": False,
                "received_at": AT, "unproved": False, "model": "",
            },
            "declaration": {
                "id": 1, "site_id": 1, "version": 1, "purposes": "[]", "confirmed": "[]", "words": "", "role": "",
                "signed_by": "Ada", "email": "signer@reader.example", "signed_at": AT, "asked": 0,
            },
            "month": {"site": 1, "month": 202611, "key": self.HALF, "unique_viewers": 1},
            "webhook": {"id": 1, "key": "w", **WEBHOOK},
            "source_key": {"site": 1, "day": 20261123, "key": self.HALF},
        }  # fmt: skip
        with storage.connection():
            Runner(database.obj, str(MIGRATIONS)).up("0020_found_by_index")
            for table, row in filled.items():
                insert(table, row)
        return older

    @pytest.mark.parametrize("new", [(), ("a new secret, also forty characters or more",)])
    def test_they_are_sealed_and_keys_stay_what_they_were(self, plain: Settings, new: tuple[str, ...]) -> None:
        storage.use_secrets((*new, plain.secret_key))
        storage.migrate()
        with storage.connection():
            kept = "".join(str(row) for table in (Report, Declaration) for row in table.select().tuples())
            assert "reader.example" not in kept
            assert deliveries.address(Report.get()) == self.ADDRESS
            assert declarations.address(Declaration.get()) == "signer@reader.example"
            assert webhooks.address(webhooks.every()[0]) == "https://hooks.example/x"
            for table, kind, name in ((Month, Kind.VIEWERS, b"month key"), (SourceKey, Kind.SOURCES, b"day key")):
                before = hmac.digest(plain.secret_key.encode(), name + self.HALF, "sha256")
                assert seals.opened_key(kind, bytes(table.get().key)) == before

    def test_the_file_forgets_them_and_a_copy_of_it_before_stands_beside_it(
        self, plain: Settings, request: pytest.FixtureRequest
    ) -> None:
        if not plain.database_url.startswith("sqlite"):
            return
        file = Path(plain.database_url.removeprefix("sqlite:///"))
        storage.use_secrets((plain.secret_key,))
        storage.migrate()
        parts = [part for part in file.parent.glob(f"{file.name}*") if ".before-" not in part.name]
        assert not any(b"reader.example" in part.read_bytes() for part in parts)
        (copy,) = file.parent.glob("*.before-*")
        assert (copy.name, copy.stat().st_mode & 0o777) == (f"{file.name}.before-0021_sealed", 0o600)
        assert self.ADDRESS.encode() in copy.read_bytes()
        assert storage.migrate() == []
        assert len(list(file.parent.glob("*.before-*"))) == 1

    def test_without_the_servers_secret_it_stays_as_it_is(self, plain: Settings) -> None:
        storage.use_secrets(())
        with pytest.raises(storage.StorageUnusable, match="secret"):
            storage.migrate()
        with storage.connection():
            sign = database.param
            (email,) = database.execute_sql(f"SELECT email FROM report WHERE id = {sign}", (7,)).fetchone()
        assert email == self.ADDRESS
        storage.use_secrets((plain.secret_key,))


def test_a_database_of_a_newer_version_is_left_alone(older: Settings) -> None:
    storage.migrate()
    with storage.connection():
        insert("schema_migration", {"name": "9999_of_tomorrow", "applied": "2027-01-01 00:00:00"})
    with pytest.raises(storage.StorageUnusable, match="newer version"):
        storage.migrate()
