"""The command line, as an operator types it."""

import json
import os
import re
import secrets
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from e2e.provider import Provider
from tests.conftest import SECRET
from tests.disks import files_no_larger_than
from tests.screens import KEY, MODEL, screening
from tests.servers import SERVERS_USER
from widget_server import storage
from widget_server.cli import main
from widget_server.delivery import identity
from widget_server.key_file import new_secret, put_first, secrets_here
from widget_server.refusal import WrongSetting
from widget_server.rules import keys, signatures
from widget_server.rules.screening import HARMLESS
from widget_server.storage import connection, seals
from widget_server.storage.tables import LogEntry, Moderator, database

FIRST, SECOND = (secrets.token_urlsafe(48) for _ in range(2))


@dataclass
class Printed:
    """What a command left: its exit status, and what it printed where."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command in an empty working folder, with no setting but those given."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WIDGET_")]:
        monkeypatch.delenv(name)

    def run(*words: str, stdin: str = "", **environment: str) -> Printed:
        result = CliRunner().invoke(main, words, input=stdin, env=environment, catch_exceptions=False)
        monkeypatch.delenv("WIDGET_PUBLIC_URL", raising=False)
        if database.obj is not None and not database.is_closed():
            database.close()
        return Printed(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.mark.parametrize(("seconds", "status"), [(-86_400, 1), (-5, 0), (5, 0), (86_400, 1)])
def test_check_finds_a_clock_that_is_not_the_databases(
    command, servers: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch, seconds: int, status: int
) -> None:
    monkeypatch.setattr("widget_server.cli.upkeep.now", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    stored = {"WIDGET_DATABASE_URL": servers[0], "WIDGET_SECRET_KEY": SECRET} if servers else {}
    checked = command("check", "--json", **stored)
    assert checked.returncode == status
    assert json.loads(checked.stdout)["clock"].startswith("broken") == bool(status)


@pytest.mark.parametrize(
    ("origin", "public_url", "warned"),
    [
        ("https://news.example", "", True),
        ("https://news.example", "http://localhost:8000", True),
        ("https://news.example", "https://widget.example", False),
        ("http://localhost:3000", "", False),
        ("null", "", False),
    ],
)
def test_a_tag_that_leads_readers_to_their_own_machine_is_said_to(
    command, origin: str, public_url: str, *, warned: bool
) -> None:
    added = command("site", "add", "News", "--origin", origin, WIDGET_PUBLIC_URL=public_url)
    assert added.returncode == 0
    assert ("Set WIDGET_PUBLIC_URL" in added.stderr) is warned


def test_a_site_is_added_listed_and_rotated(command) -> None:
    added = json.loads(command("site", "add", "News", "--origin", "https://News.example", "--json").stdout)
    assert set(added) == {"site", "secret_key", "script_tag", "integrity_tag", "csp"}
    assert (
        added["script_tag"]
        == f'<script src="http://127.0.0.1:8000/widget.js" data-site="{added["site"]}" defer></script>'
    )
    assert 'integrity="sha384-' in added["integrity_tag"]
    more = json.loads(command("site", "add", "News", "--origin", "https://www.news.example", "--json").stdout)
    assert more["site"] == added["site"]
    listed = json.loads(command("site", "list", "--json").stdout)
    assert listed == [
        {"site": added["site"], "name": "News", "origins": ["https://news.example", "https://www.news.example"]}
    ]
    rotated = json.loads(command("site", "rotate", added["site"], "--json").stdout)
    assert rotated["secret_key"] != added["secret_key"]
    assert command("site", "rotate", "nobody").returncode == 2


def test_a_moderator_is_added_once_with_a_password_that_is_long_enough(command) -> None:
    assert (
        command("moderator", "add", "Ada@News.example", "--password-stdin", stdin="quite long enough\n").returncode == 0
    )
    again = command("moderator", "add", "ada@news.example", "--password-stdin", stdin="quite long enough\n")
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
    short = command("moderator", "add", "bob@news.example", "--password-stdin", stdin="short\n")
    assert (short.returncode, "10 characters" in short.stderr) == (2, True)
    weak = command("moderator", "add", "bob@news.example", "--password-stdin", stdin="bob@news.example\n")
    assert (weak.returncode, len(weak.stderr.splitlines()), "Take four words" in weak.stderr) == (2, 1, True)
    assert (
        command(
            "moderator", "password", "ada@news.example", "--password-stdin", stdin="another one of mine\n"
        ).returncode
        == 0
    )
    assert (
        command(
            "moderator", "password", "bob@news.example", "--password-stdin", stdin="another one of mine\n"
        ).returncode
        == 2
    )
    assert json.loads(command("moderator", "list", "--json").stdout)[0]["email"] == "ada@news.example"


def test_people_have_a_role_on_all_sites_or_on_some(command) -> None:
    keys = [
        json.loads(command("site", "add", name, "--origin", f"https://{name}.example", "--json").stdout)["site"]
        for name in ("news", "shop")
    ]

    def add(email: str, *words: str) -> Printed:
        return command("moderator", "add", email, *words, "--password-stdin", stdin="quite long enough\n")

    add("ada@news.example")
    add("aud@news.example", "--role", "auditor")
    add("bob@news.example", "--role", "moderator", "--site", keys[0], "--site", keys[1])
    listed = json.loads(command("moderator", "list", "--json").stdout)
    assert {row["email"]: row["roles"] for row in listed} == {
        "ada@news.example": ["owner of all sites"],
        "aud@news.example": ["auditor of all sites"],
        "bob@news.example": [f"moderator of {key}" for key in keys],
    }
    wrong = add("eve@news.example", "--site", "nobody")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "widget-server: There is no site nobody: `widget-server site list` shows them.\n",
    )
    assert add("eve@news.example", "--role", "king").returncode == 2
    assert len(json.loads(command("moderator", "list", "--json").stdout)) == 3


def test_the_secret_is_made_once_kept_and_readable_by_nobody_else(command, tmp_path: Path) -> None:
    command("check")
    kept = (tmp_path / "widget-server.key").read_text()
    command("check")
    assert (tmp_path / "widget-server.key").read_text() == kept
    assert (tmp_path / "widget-server.key").stat().st_mode & 0o777 == 0o600


def test_a_first_start_on_a_full_disk_leaves_no_empty_secret_behind(command, tmp_path: Path) -> None:
    with files_no_larger_than(0):
        refused = command("site", "list")
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
        with pytest.raises(WrongSetting, match=r"widget-server\.key cannot be written here"):
            secrets_here("", tmp_path, make=True)
    assert not (tmp_path / "widget-server.key").exists()
    assert command("site", "list").returncode == 0


def test_a_new_secret_that_finds_the_disk_full_leaves_the_old_one_and_can_be_made_later(
    command, tmp_path: Path
) -> None:
    command("site", "list")
    (kept,) = (tmp_path / "widget-server.key").read_text().split()
    with files_no_larger_than(len(kept)), pytest.raises(WrongSetting, match="nothing was changed"):
        put_first(new_secret(), tmp_path)
    assert (tmp_path / "widget-server.key").read_text().split() == [kept]
    assert command("keys", "new").returncode == 0
    assert (tmp_path / "widget-server.key").read_text().split()[1:] == [kept]
    assert len(list(tmp_path.glob("widget-server.key*"))) == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("WIDGET_SECRET_KEY", "dev"),
        ("WIDGET_SECRET_KEY", "changeme"),
        ("WIDGET_SECRET_KEY", "12345678"),
        ("WIDGET_SECRET_KEY", "changeme" * 4),
        ("WIDGET_SECRET_KEY", "Change-Me-Change-Me-Change-Me-Change-Me!"),
        ("WIDGET_SECRET_KEY", "k" * 40),
        ("WIDGET_SECRET_KEY", "12345678901234567890123456789012"),
        ("WIDGET_SECRET_KEY", "this-is-my-very-secret-key-please-change"),
        ("WIDGET_DATABASE_URL", "mysql://localhost/x"),
        ("WIDGET_DATABASE_URL", "sqlite://"),
        ("WIDGET_DATABASE_URL", "sqlite:///no/such/folder/x.sqlite3"),
        ("WIDGET_DATABASE_URL", "postgresql://127.0.0.1:9/none"),
        ("WIDGET_REDIS_URL", "http://localhost"),
        ("WIDGET_PUBLIC_URL", "widget.example"),
        ("WIDGET_PUBLIC_URL", "https://widget.example/path"),
        ("WIDGET_PUBLIC_URL", "http://[::1"),
        ("WIDGET_PUBLIC_URL", "http://[v1.a:b]"),
        ("WIDGET_PUBLIC_URL", "http://a:99999"),
        ("WIDGET_PUBLIC_URL", "http://a:secret@b.example"),
        ("WIDGET_REDIS_URL", "redis://h:notaport"),
        ("WIDGET_REDIS_URL", "unix:///run/redis.sock"),
        ("WIDGET_DATABASE_URL", "postgresql://u@h:abc/db"),
        ("WIDGET_DATABASE_URL", "postgresql://u@a:5432,b:abc/db"),
        ("WIDGET_DATABASE_URL", "postgresql://u@a,,b/db"),
        ("WIDGET_DATABASE_URL", "postgresql://127.0.0.1:9/none?pool=7"),
        ("WIDGET_DATABASE_CONNECTIONS", "0"),
        ("WIDGET_DATABASE_CONNECTIONS", "1001"),
        ("WIDGET_DATABASE_CONNECTIONS", "many"),
        ("WIDGET_REDIS_URL", "redis+cluster://a:7000,b"),
        ("WIDGET_REDIS_URL", "redis+sentinel://a:26379,b:26379"),
        ("WIDGET_MAIL_URL", "smtp://"),
        ("WIDGET_MAIL_URL", "smtp://mail.example:often"),
        ("WIDGET_MAIL_URL", "smtp://mail.example?tls=maybe"),
        ("WIDGET_DEMO_URL", "http://[::1"),
        ("WIDGET_TRUSTED_PROXIES", "everybody"),
        ("WIDGET_PRIVATE_TARGETS", "everything"),
        ("WIDGET_OIDC_CLIENT_SECRET", "alone"),
        ("WIDGET_MAIL_URL", "mail.example"),
        ("WIDGET_WEBHOOK_URL", "hooks.example"),
        ("WIDGET_WEBHOOK_URL", "slack://hooks.example"),
        ("WIDGET_WEBHOOK_URL", "https://ada:secret@hooks.example"),
        ("WIDGET_RETENTION_DAYS", "0"),
        ("WIDGET_RETENTION_DAYS", "a year"),
        ("WIDGET_FLOOD_REPORTS", "-1"),
        ("WIDGET_FLOOD_REPORTS", "many"),
        ("WIDGET_FLOOD_REPORTS", "1000001"),
        ("WIDGET_LIMIT_REPORTS", "often"),
        ("WIDGET_LIMIT_WORDS", "many"),
        ("WIDGET_SCREEN_MODEL", "alone"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_clear_line(command, setting: str, value: str) -> None:
    stopped = command("run", **{setting: value})
    assert (stopped.returncode, len(stopped.stderr.splitlines())) == (2, 1), stopped.stderr
    assert setting in stopped.stderr


def test_a_wrong_address_is_refused_without_a_piece_of_its_password(command) -> None:
    stopped = command("check", WIDGET_DATABASE_URL="postgresql://ada:tower/1889@db.example/widget")
    assert (stopped.returncode, "tower" in stopped.stderr) == (2, False)


def tampered(file: Path, *statements: str) -> None:
    """What somebody does who may do everything to the file."""
    with closing(sqlite3.connect(file)) as changed, changed:
        for trigger in ("log_entry_update", "log_entry_delete"):
            changed.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            changed.execute(statement)


def test_the_log_is_looked_through_and_the_first_broken_entry_named(command, tmp_path: Path) -> None:
    for name in ("ada", "bob", "cleo", "dora"):
        command("moderator", "add", f"{name}@news.example", "--password-stdin", stdin="quite long enough\n")
    file = tmp_path / "widget-server.sqlite3"
    told = json.loads(command("check", "--json").stdout)["log"]
    newest = re.fullmatch("ok: 4 entries, the newest digest ([0-9a-f]{64})", told)[1]
    kept = command("check", "--expect", newest.upper())
    assert (kept.returncode, "ok: 4 entries" in kept.stdout) == (0, True)
    tampered(file, "DELETE FROM log_entry WHERE id = 4")
    assert "ok: 3 entries" in command("check").stdout
    cut = command("check", "--expect", newest)
    assert (cut.returncode, f"cut off: none of its 3 entries has the digest {newest}" in cut.stdout) == (1, True)
    tampered(file, "UPDATE log_entry SET subject = 'eve@news.example' WHERE id = 2")
    broken = command("check")
    assert (broken.returncode, "broken at entry 2: it, or what stood before it" in broken.stdout) == (1, True)
    wrong = command("check", "--expect", "abc")
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)


def test_the_provider_of_sign_ins_is_looked_at(command) -> None:
    provider = Provider()
    provider.start()
    told = command("check", **provider.settings())
    assert (told.returncode, f"ok: Somewhere else, {provider.url}" in told.stdout) == (0, True)
    provider.stop()
    identity.forget()
    gone = command("check", **provider.settings())
    assert (gone.returncode, "unreachable" in gone.stdout, "Traceback" in gone.stderr) == (1, True, False)
    half = {**provider.settings(), "WIDGET_OIDC_CLIENT_ID": ""}
    stopped = command("check", **half)
    assert (stopped.returncode, len(stopped.stderr.splitlines())) == (2, 1)
    assert "WIDGET_OIDC_CLIENT_ID is missing" in stopped.stderr
    for issuer in ("http://provider.example", "https://a:b@provider.example", "https://provider.example?x", "provider"):
        stopped = command("check", **{**provider.settings(), "WIDGET_OIDC_ISSUER": issuer})
        assert (stopped.returncode, "WIDGET_OIDC_ISSUER must be" in stopped.stderr) == (2, True), issuer


@pytest.mark.parametrize("name", [".env", "widget-server.key"])
def test_a_file_that_is_not_utf_8_stops_the_start_with_one_clear_line(command, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"WIDGET_LIMIT_VIEWS=\xff\xfe")
    stopped = command("check")
    assert (stopped.returncode, len(stopped.stderr.splitlines())) == (2, 1), stopped.stderr
    assert name in stopped.stderr


@contextmanager
def taken_port() -> Iterator[str]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


def test_a_taken_port_stops_the_start_with_one_clear_line(command) -> None:
    with taken_port() as port:
        stopped = command("run", "--port", port)
    assert (stopped.returncode, len(stopped.stderr.splitlines())) == (2, 1), stopped.stderr
    assert port in stopped.stderr


def test_settings_are_read_from_a_file_too_and_the_environment_outranks_it(command, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WIDGET_PUBLIC_URL=https://from-file.example\n")
    assert "https://from-file.example" in command("check").stdout
    assert "https://outranks.example" in command("check", WIDGET_PUBLIC_URL="https://outranks.example").stdout


def test_what_is_empty_in_the_environment_hides_nothing_of_the_file(command, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"WIDGET_DATABASE_URL=sqlite:///real.sqlite3\nWIDGET_SECRET_KEY={FIRST}\n")
    command("site", "add", "News", "--origin", "https://news.example")
    empty = {"WIDGET_DATABASE_URL": "", "WIDGET_SECRET_KEY": " "}
    assert [site["name"] for site in json.loads(command("site", "list", "--json", **empty).stdout)] == ["News"]
    assert "Make it WIDGET_SECRET_KEY" in command("keys", "new", **empty).stdout
    assert {file.name for file in tmp_path.iterdir()} == {".env", "real.sqlite3"}


def test_a_backup_is_put_back_and_the_old_database_kept(command, tmp_path: Path) -> None:
    command("site", "add", "Before", "--origin", "https://a.example")
    assert command("backup", "copy.sqlite3").returncode == 0
    assert command("backup", "copy.sqlite3").returncode == 2
    command("site", "add", "After", "--origin", "https://b.example")
    restored = command("restore", "copy.sqlite3")
    assert restored.returncode == 0
    assert [site["name"] for site in json.loads(command("site", "list", "--json").stdout)] == ["Before"]
    (kept,) = tmp_path.glob("widget-server.sqlite3.before-restore-*")
    assert kept.name in restored.stdout


def test_the_database_itself_is_no_backup(command, tmp_path: Path) -> None:
    command("site", "add", "News", "--origin", "https://news.example")
    (tmp_path / "other-name").symlink_to("widget-server.sqlite3")
    for name in ("widget-server.sqlite3", "other-name"):
        refused = command("restore", name)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert [site["name"] for site in json.loads(command("site", "list", "--json").stdout)] == ["News"]


def test_a_damaged_a_foreign_or_a_newer_backup_is_refused(command, tmp_path: Path) -> None:
    command("backup", "copy.sqlite3")
    (tmp_path / "noise").write_bytes(b"noise" * 1000)
    assert command("restore", "noise").returncode == 2
    with sqlite3.connect(tmp_path / "copy.sqlite3") as newer:
        newer.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")
    newer.close()
    refused = command("restore", "copy.sqlite3")
    assert (refused.returncode, "newer version" in refused.stderr) == (2, True)
    assert not list(tmp_path.glob("*before-restore*"))


@pytest.mark.parametrize("url", ["sqlite:///other.sqlite3", "postgresql:///nowhere", "tower", "https://a.example/"])
def test_an_installation_moves_to_postgresql_only(command, url: str) -> None:
    refused = command("move", "--to", url)
    assert (refused.returncode, refused.stderr.partition("--to: write the address")[1] != "") == (2, True)
    assert len(refused.stderr.splitlines()) == 1


def test_an_installation_that_is_none_or_has_no_way_to_go_is_told_in_one_line(command) -> None:
    there = "postgresql://ada@127.0.0.1:1/new"
    for said in ("There is no database", "Nothing was moved"):
        refused = command("move", "--to", there)
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
        command("check")
    assert "runs on PostgreSQL already" in command("move", "--to", there, WIDGET_DATABASE_URL=there).stderr


def test_what_the_server_does_by_itself_can_be_done_at_once(command) -> None:
    done = json.loads(command("purge", "--json").stdout)
    due = ("cases_late", "reviews_expired", "months_closed", "mails_sent", "reports_purged", "webhooks_sent")
    assert done == dict.fromkeys((*due, "texts_screened"), 0)


def test_everything_about_a_site_can_be_exported(command) -> None:
    site = json.loads(command("site", "add", "News", "--origin", "https://news.example", "--json").stdout)["site"]
    assert command("export", "--site", site).returncode == 0
    assert command("export", "--site", "nobody").returncode == 2
    for what in ("months", "decisions", "cases", "reports", "evaluation"):
        assert command("export", what).returncode == 0
    assert command("export", "everything").returncode == 2


def test_the_doctor_tells_the_secret_of_the_webhook_in_the_settings(command) -> None:
    assert "not set" in json.loads(command("check", "--json").stdout)["webhook"]
    url = {"WIDGET_WEBHOOK_URL": "https://hooks.example/a"}
    first, second = (json.loads(command("check", "--json", **url).stdout)["webhook"] for _ in range(2))
    assert ("whsec_" in first, first == second) == (True, True)


SCREEN = {"WIDGET_SCREEN_URL": "https://screen.example", "WIDGET_SCREEN_KIND": "guard", "WIDGET_SCREEN_MODEL": "m"}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("WIDGET_SCREEN_URL", ""),
        ("WIDGET_SCREEN_URL", "screen.example"),
        ("WIDGET_SCREEN_URL", "ftp://screen.example"),
        ("WIDGET_SCREEN_URL", "http://screen.example"),
        ("WIDGET_SCREEN_URL", "http://127.0.0.1:8080"),
        ("WIDGET_SCREEN_URL", "https://10.0.0.7"),
        ("WIDGET_SCREEN_URL", "https://ada:secret@screen.example"),
        ("WIDGET_SCREEN_URL", "https://screen.example/?key=secret"),
        ("WIDGET_SCREEN_URL", "https://screen.example:often"),
        ("WIDGET_SCREEN_KIND", ""),
        ("WIDGET_SCREEN_KIND", "oracle"),
        ("WIDGET_SCREEN_MODEL", ""),
        ("WIDGET_SCREEN_MODEL", "a\nb"),
        ("WIDGET_SCREEN_KEY", "two secret words"),
        ("WIDGET_SCREEN_KEY", "secret\u00e4"),
    ],
)
def test_a_screen_that_cannot_be_asked_stops_the_start_without_its_key(command, setting: str, value: str) -> None:
    stopped = command("run", **{**SCREEN, setting: value})
    assert (stopped.returncode, len(stopped.stderr.splitlines())) == (2, 1), stopped.stderr
    assert (setting in stopped.stderr, "secret" in stopped.stderr) == (True, False)


@pytest.mark.parametrize("kind", ["moderations", "guard"])
def test_the_doctor_asks_the_screen_about_a_harmless_sentence(command, kind: str) -> None:
    with screening() as screen:
        own = {"WIDGET_SCREEN_URL": screen.url + "/v1", "WIDGET_SCREEN_KIND": kind, "WIDGET_SCREEN_MODEL": MODEL}
        own |= {"WIDGET_SCREEN_KEY": KEY, "WIDGET_PRIVATE_TARGETS": "127.0.0.1/32"}
        well = command("check", "--json", **own)
        assert (well.returncode, json.loads(well.stdout)["screen"]) == (0, f"ok: {MODEL} answers")
        assert screen.texts == [HARMLESS]
        locked = command("check", "--json", **{**own, "WIDGET_SCREEN_KEY": "sk-another"})
        assert "unreachable: It answered 401" in json.loads(locked.stdout)["screen"]
        screen.sees["weather"] = {"scores": {"hate": 0.9}, "said": "unsafe\nS10"}
        assert "finds something in a harmless" in command("check", **own).stdout
    gone = command("check", "--json", **own)
    assert (gone.returncode, json.loads(gone.stdout)["screen"].split(":")[0]) == (1, "unreachable")
    assert [KEY in told for told in (well.stdout, gone.stdout, gone.stderr, locked.stdout)] == [False] * 4
    assert "people only" in json.loads(command("check", "--json").stdout)["screen"]


def test_passwords_that_cannot_be_used_are_refused(command) -> None:
    endless = command("moderator", "add", "ada@news.example", "--password-stdin", stdin="x" * 1001 + "\n")
    assert (endless.returncode, "1000 characters" in endless.stderr) == (2, True)
    for address in ("no address", "@news.example", "ada@", "a b@news.example"):
        assert command("moderator", "add", address, "--password-stdin", stdin="quite long enough\n").returncode == 2


def test_the_doctor_says_what_is_wrong_and_fails(command) -> None:
    healthy = json.loads(command("check", "--json").stdout)
    assert (healthy["database"], healthy["cache"]) == ("ok", "none: limits are kept in memory")
    sick = command("check", "--json", WIDGET_REDIS_URL="redis://127.0.0.1:9/0")
    assert (sick.returncode, json.loads(sick.stdout)["cache"]) == (1, "unreachable")


def test_the_doctor_reads_a_large_file_to_its_end(command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "EXAMINED_BYTES", 0)
    assert command("check").returncode == 0
    file = tmp_path / "widget-server.sqlite3"
    with closing(sqlite3.connect(file)) as known:
        known.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = known.execute("PRAGMA page_size").fetchone()
        (page,) = known.execute("SELECT rootpage FROM sqlite_master WHERE name = 'webhook_delivery'").fetchone()
    with file.open("r+b") as damaged:
        damaged.seek((page - 1) * size)
        damaged.write(b"noise" * (size // 5))
    told = command("check")
    assert (told.returncode, "`widget-server restore FILE`" in told.stderr) == (2, True)


def test_the_doctor_counts_what_the_secret_does_not_open(command, tmp_path: Path) -> None:
    first, gone = FIRST, "x" * 40
    assert json.loads(command("check", "--json", WIDGET_SECRET_KEY=first).stdout)["seals"] == "ok: 0 opened"
    listening(tmp_path / "widget-server.sqlite3", first, gone, gone)
    told = command("check", "--json", WIDGET_SECRET_KEY=first)
    said = json.loads(told.stdout)["seals"]
    assert (told.returncode, said.startswith("broken: 2 (webhook address) of 3 cannot be opened.")) == (1, True)
    assert ("hooks.example" in told.stdout, "WIDGET_OLD_SECRET_KEYS" in said) == (False, True)
    well = command("check", "--json", WIDGET_SECRET_KEY=first, WIDGET_OLD_SECRET_KEYS=gone)
    assert (well.returncode, json.loads(well.stdout)["seals"]) == (0, "ok: 3 opened")


def test_more_workers_need_postgresql(command) -> None:
    assert "PostgreSQL" in command("run", "--port", "8999", "--workers", "2").stderr


def test_postgresql_is_copied_by_its_own_tools(command) -> None:
    refused = command("restore", "test_cli.py", WIDGET_DATABASE_URL="postgresql://127.0.0.1/x")
    assert refused.returncode == 2


@pytest.mark.parametrize(
    "made",
    [new_secret, lambda: secrets.token_hex(16), lambda: secrets.token_hex(32), lambda: secrets.token_urlsafe(24)],
)
def test_a_secret_that_was_made_by_chance_is_taken(made: Callable[[], str], tmp_path: Path) -> None:
    for secret in [made() for _ in range(500)]:
        assert secrets_here(secret, tmp_path, make=False) == [secret]


def test_a_weak_secret_in_the_key_file_is_refused_until_another_stands_above_it(command, tmp_path: Path) -> None:
    file = tmp_path / "widget-server.key"
    file.write_text("changeme" * 4)
    refused = command("site", "list")
    assert (refused.returncode, "soon guessed" in refused.stderr) == (2, True)
    file.write_text(f"{FIRST}\n{'changeme' * 4}")
    assert command("site", "list").returncode == 0


def test_a_weak_secret_goes_on_as_an_old_one(command) -> None:
    assert command("site", "list", WIDGET_SECRET_KEY=FIRST, WIDGET_OLD_SECRET_KEYS="changeme" * 4).returncode == 0


def test_no_address_commands_the_operators_terminal(command) -> None:
    for email in ("esc\x1b]0;owned\x07@news.example", "rlo\u202egro.live@news.example"):
        for words in (["add"], ["password"]):
            refused = command("moderator", *words, email, "--password-stdin", stdin="quite long enough\n")
            assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
            assert refused.stderr.strip().isprintable()
    command("moderator", "add", "ada@news.example", "--password-stdin", stdin="quite long enough\n")
    with connection():  # as it may stand in a database from before
        Moderator.update(email="esc\x1b]0;owned\x07@news.example").execute()
    listed = command("moderator", "list").stdout
    assert r"esc\x1b]0;owned\x07@news.example" in listed
    assert all(line.isprintable() for line in listed.splitlines())


def test_a_key_file_that_holds_no_key_is_refused(command, tmp_path: Path) -> None:
    (tmp_path / "widget-server.key").write_text("short")
    refused = command("check")
    assert (refused.returncode, "restore it from your backup" in refused.stderr) == (2, True)


def test_a_key_file_that_cannot_be_read_is_told_in_one_line(command, tmp_path: Path) -> None:
    (tmp_path / "widget-server.key").mkdir()
    refused = command("check")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert "widget-server.key cannot be read" in refused.stderr


@pytest.mark.parametrize(
    "origin",
    [
        "news.example",
        "https://news.example/path",
        "https://news.example#top",
        "ftp://news.example",
        "https://a:b@c.example",
        "https://[::1",
        "https://news.example:99999",
        "https://a..example",
        "https://a b.example",
        "https://1.2.3",
        "https://",
    ],
)
def test_an_origin_is_scheme_and_host(command, origin: str) -> None:
    refused = command("site", "add", "News", "--origin", origin)
    assert (refused.returncode, origin in refused.stderr) == (2, True)


def test_an_origin_is_one_line_even_when_it_is_not(command) -> None:
    refused = command("site", "add", "News", "--origin", "https://news.example\nhttps://b.example")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://News.example/", "https://news.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example:8443", "https://xn--bcher-kva.example:8443"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("http://[0:0::1]:80", "http://[::1]"),
        ("https://news.example.", "https://news.example"),
        ("http://news.example.:8080", "http://news.example:8080"),
    ],
)
def test_origins_are_kept_as_browsers_send_them(command, given: str, sent: str) -> None:
    assert command("site", "add", "News", "--origin", given, "--origin", sent).returncode == 0
    assert json.loads(command("site", "list", "--json").stdout)[0]["origins"] == [sent]
    assert f"script-src {sent};" in command("check", WIDGET_PUBLIC_URL=given).stdout


def test_sandboxed_frames_are_allowed_with_a_warning(command) -> None:
    here = {"WIDGET_PUBLIC_URL": "https://widget.example"}
    added = command("site", "add", "News", "--origin", "https://news.example", "--origin", "null", "--json", **here)
    assert added.returncode == 0
    assert set(json.loads(added.stdout)) == {"site", "secret_key", "script_tag", "integrity_tag", "csp"}
    assert (len(added.stderr.splitlines()), "anybody’s page" in added.stderr) == (1, True)
    assert command("site", "add", "Shop", "--origin", "https://shop.example", **here).stderr == ""
    assert json.loads(command("site", "list", "--json").stdout)[0]["origins"] == ["https://news.example", "null"]


def test_adding_a_site_tells_what_else_the_tag_may_carry(command) -> None:
    told = command("site", "add", "News", "--origin", "https://news.example").stdout
    for option in ("data-lang", "data-theme", "data-viewer", "data-words", "data-copy-notice"):
        assert option in told


@pytest.fixture
def site(command) -> str:
    return json.loads(command("site", "add", "News", "--origin", "https://news.example", "--json").stdout)["site"]


def test_a_site_says_things_in_its_own_words_until_they_are_cleared(command, site: str, tmp_path: Path) -> None:
    own = {
        "en": {"label": {"report": "Flag"}, "page": {"form": {"title": "Tell us"}}},
        "de": {"label": {"report": "Petzen"}},
    }
    (tmp_path / "words.json").write_text(json.dumps(own))
    kept = command("site", "words", site, "words.json")
    assert (kept.returncode, "data-words" in kept.stdout) == (0, True)
    assert json.loads(command("site", "words", site, "--show").stdout) == own
    (tmp_path / "less.json").write_text('{"en": {"label": {"report": "Tell"}}}')
    command("site", "words", site, "less.json")
    assert json.loads(command("site", "words", site, "--show").stdout) == {
        "de": own["de"],
        "en": {"label": {"report": "Tell"}},
    }
    again = json.loads(command("site", "add", "News", "--origin", "https://news.example", "--json").stdout)
    assert ("data-words" in again["script_tag"], "data-words" in again["integrity_tag"]) == (True, True)
    command("site", "words", site, "--clear")
    assert json.loads(command("site", "words", site, "--show").stdout) == {}
    assert "data-words" not in json.loads(command("site", "rotate", site, "--json").stdout)["script_tag"]


def test_a_control_that_waits_is_chosen_on_the_command_line_and_stands_on_the_tag(command, site: str) -> None:
    added = ("site", "add", "News", "--origin", "https://news.example", "--json")
    waits = 'data-report="when-required"'
    for control, stands in (("when_required", True), ("always", False)):
        kept = json.loads(command("site", "policy", site, "--control", control, "--json").stdout)
        tag = json.loads(command(*added).stdout)["script_tag"]
        assert (kept["control"], waits in tag) == (control, stands)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("no JSON", "Not JSON"),
        ("[]", "Not JSON"),
        ('{"en": "Flag"}', "Not JSON"),
        ('{"tlh": {}}', "tlh"),
        ('{"en": {"label": {"shout": "Flag"}}}', "label.shout"),
        ('{"en": {"label": "Flag"}}', "label"),
        ('{"en": {"details": {"generated_on": "Today"}}}', "details.generated_on"),
        ('{"en": {"dir": "rtl"}}', "dir"),
        ("[" * 5000, "Not JSON"),
    ],
)
def test_own_words_that_cannot_be_said_are_refused_in_one_line(
    command, site: str, tmp_path: Path, words, named
) -> None:
    (tmp_path / "words.json").write_text(words)
    refused = command("site", "words", site, "words.json")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert named in refused.stderr
    assert json.loads(command("site", "words", site, "--show").stdout) == {}


def test_words_are_of_a_known_site_and_one_thing_at_a_time(command, site: str) -> None:
    for words in (["nobody", "--show"], [site], [site, "--show", "--clear"], [site, "missing.json"]):
        refused = command("site", "words", *words)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "News\x1b]0;owned\x07", "\u202eswen"])
def test_a_site_has_a_name(command, name: str) -> None:
    refused = command("site", "add", name, "--origin", "https://news.example")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert json.loads(command("site", "list", "--json").stdout) == []


SIGNED = ["--signed-by", "Ada Lovelace", "--role", "Editor", "--email", "ada@news.example"]


def test_the_operator_declares_what_a_sites_texts_are_for(command, site: str) -> None:
    assert command("site", "declare", site).returncode == 2
    wanted = ["--purpose", "customer_support", "--purpose", "health_information"]
    why = ["--reason", "health_information=Leaflets = short; a doctor reads them"]
    signed = json.loads(command("site", "declare", site, *wanted, *why, *SIGNED, "--json").stdout)
    assert (signed["site"], signed["version"], signed["state"]) == (site, 1, "current")
    assert signed["purposes"] == ["customer_support", "health_information"]
    assert (signed["signed_by"], signed["role"], signed["email"]) == ("Ada Lovelace", "Editor", "ada@news.example")
    assert signed["renewal_due_on"][4:] == signed["signed_on"][4:]
    assert signed["setting"] == "WIDGET_PURPOSES=customer_support,health_information"
    again = command("site", "declare", site, "--purpose", "other", "--words", "Horoscopes", *SIGNED)
    assert (again.returncode, "WIDGET_PURPOSES=other" in again.stdout) == (0, True)
    assert json.loads(command("site", "declare", site, "--json").stdout)["version"] == 2


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--purpose", "news"], "--signed-by"),
        (["--purpose", "news", "--signed-by", "Ada"], "--role"),
        (SIGNED, "--purpose"),
        (["--purpose", "profiling", *SIGNED], "guideline 5"),
        (["--purpose", "horoscopes", *SIGNED], "customer_support"),
        (["--purpose", "other", *SIGNED], "--words"),
        (["--purpose", "legal_information", *SIGNED], "--reason"),
        (["--purpose", "news", "--reason", "legal_information=Why not", *SIGNED], "--reason"),
        (["--purpose", "news", "--reason", "no equals sign", *SIGNED], "--reason"),
        (["--purpose", "news", *SIGNED[:4], "--email", "nowhere"], "--email"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused_in_one_line(command, site: str, words: list, named: str) -> None:
    refused = command("site", "declare", site, *words)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert named in refused.stderr
    assert command("site", "declare", site).returncode == 2


def test_the_command_tells_which_purposes_there_are(command) -> None:
    told = " ".join(command("site", "declare", "--help").stdout.split())
    for word in ("customer_support", "translation", "applicant_scoring", "religion or belief. (5)"):
        assert word in told


def test_a_report_is_checked_by_its_seal_with_the_servers_key_or_with_one_that_is_given(
    command, tmp_path: Path
) -> None:
    seed = keys.report_seed(FIRST)
    file, key = tmp_path / "report.html", signatures.public_key(seed)
    file.write_bytes(signatures.sealed(b"<p>Two not met.</p>", seed, within=signatures.HTML))
    for words, settings in (([], {"WIDGET_SECRET_KEY": FIRST}), (["--key", key], {})):
        found = command("check", "--report", str(file), *words, "--json", **settings)
        assert (found.returncode, json.loads(found.stdout)["verdict"]) == (0, "genuine")
    assert not (tmp_path / "widget-server.sqlite3").exists()
    stranger = command("check", "--report", str(file), WIDGET_SECRET_KEY=SECOND)
    assert (stranger.returncode, "sealed with another key" in stranger.stdout) == (1, True)
    file.write_bytes(file.read_bytes().replace(b"Two", b"One"))
    changed = command("check", "--report", str(file), "--key", key, "--json")
    assert (changed.returncode, json.loads(changed.stdout)["verdict"]) == (1, "changed")
    assert command("check", "--report", str(tmp_path / "none.pdf")).returncode == 2
    nobodys = command("check", "--report", str(file))
    assert (nobodys.returncode, "by --key" in nobodys.stderr) == (2, True)
    assert not (tmp_path / "widget-server.key").exists()


def test_the_servers_secret_is_made_anew_and_the_old_one_dropped(command, tmp_path: Path) -> None:
    added = json.loads(command("site", "add", "News", "--origin", "https://news.example", "--json").stdout)
    file = tmp_path / "widget-server.key"
    (first,) = file.read_text().split()
    refused = command("keys", "rotate")
    assert (refused.returncode, "`widget-server keys new`" in refused.stderr) == (2, True)
    assert command("keys", "new").returncode == 0
    new, old = file.read_text().split()
    assert (old, new != first, file.stat().st_mode & 0o777) == (first, True, 0o600)
    rotated = json.loads(command("keys", "rotate", "--json").stdout)
    assert rotated["may_be_dropped"] is True
    assert [site["site"] for site in rotated["sites"]] == [added["site"]]
    assert rotated["sites"][0]["secret_key"] == keys.site_secret(new, site=added["site"], generation=1)
    assert rotated["sites"][0]["secret_key"] != added["secret_key"]
    told = command("keys", "rotate").stdout
    assert "With the old secret end" in told
    assert "then drop it" in told.lower()
    file.write_text(new + "\n")
    assert command("keys", "rotate").returncode == 2
    assert command("check").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["site", "list"],
        ["site", "add", "Shop", "--origin", "https://shop.example"],
        ["moderator", "list"],
        ["keys", "new"],
        ["keys", "rotate"],
        ["purge"],
        ["export"],
        ["backup", "copy"],
        ["run", "--port", "{port}"],
    ],
)
def test_a_command_in_a_folder_without_the_secret_of_a_used_database_makes_none(
    command, tmp_path: Path, words: list[str]
) -> None:
    elsewhere = {"WIDGET_DATABASE_URL": f"sqlite:///{tmp_path}/used.sqlite3"}
    command("site", "list", **elsewhere)
    (tmp_path / "widget-server.key").unlink()
    with taken_port() as port:
        refused = command(*(word.format(port=port) for word in words), **elsewhere)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert "run this where its widget-server.key is" in refused.stderr
    assert list(tmp_path.glob("widget-server.key*")) == []


def test_a_backup_that_is_put_back_where_no_secret_is_waits_for_its_own(command, tmp_path: Path) -> None:
    command("backup", "copy")
    key = (tmp_path / "widget-server.key").rename(tmp_path / "kept apart")
    assert command("restore", "copy").returncode == 0
    with taken_port() as port:
        assert "put it here" in command("run", "--port", port).stderr
    key.rename(tmp_path / "widget-server.key")
    assert command("site", "list").returncode == 0


def test_a_secret_that_is_lost_is_given_up_when_somebody_says_so(command, tmp_path: Path) -> None:
    command("site", "list")
    (tmp_path / "widget-server.key").unlink()
    assert command("keys", "rotate", "--lost").returncode == 0
    assert command("site", "list").returncode == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["site", "rotate", "{site}"], 2),
        (["site", "add", "Shop", "--origin", "https://shop.example"], 2),
        (["keys", "new"], 2),
        (["purge"], 2),
        (["check"], 1),
        (["backup", "copy"], 0),
        (["export"], 0),
    ],
)
def test_no_command_seals_or_signs_under_another_secret_than_the_database_was_used_with(
    command, site: str, tmp_path: Path, words: list[str], status: int
) -> None:
    (key,) = (tmp_path / "widget-server.key").read_text().split()
    listening(tmp_path / "widget-server.sqlite3", key)
    (tmp_path / "widget-server.key").write_text(SECOND)
    told = command(*(word.format(site=site) for word in words))
    assert told.returncode == status, told.stderr
    assert ("was used with another WIDGET_SECRET_KEY" in told.stdout + told.stderr) is (status > 0)


def test_what_root_makes_in_the_folder_of_a_server_belongs_to_the_server(command, tmp_path: Path) -> None:
    os.chown(tmp_path, SERVERS_USER, -1)
    command("site", "list")
    owned = {file.name: file.stat().st_uid for file in tmp_path.iterdir()}
    assert owned == dict.fromkeys(["widget-server.key", "widget-server.sqlite3"], SERVERS_USER)
    os.chown(tmp_path, os.geteuid(), -1)
    command("keys", "new")
    assert (tmp_path / "widget-server.key").stat().st_uid == SERVERS_USER


def listening(file: Path, *secrets: str) -> None:
    """For each secret a webhook that was added under it."""
    with closing(sqlite3.connect(file)) as changed, changed:
        for number, secret in enumerate(secrets):
            seals.use((secret,))
            sealed = seals.seal(seals.Kind.WEBHOOK, f"https://hooks.example/{number}")
            changed.execute(
                "INSERT INTO webhook (key, kind, url, events, note, generation, created_at, paused_why) "
                "VALUES (?, 'standard', ?, '[]', '', 1, 0, '')",
                (str(number), sealed),
            )


def test_a_webhook_under_a_lost_secret_keeps_nothing_else_from_being_rotated(command, tmp_path: Path) -> None:
    first, second, gone = FIRST, SECOND, "x" * 40
    command("site", "list", WIDGET_SECRET_KEY=first)
    listening(tmp_path / "widget-server.sqlite3", gone)
    told = json.loads(
        command("keys", "rotate", "--json", WIDGET_SECRET_KEY=second, WIDGET_OLD_SECRET_KEYS=first).stdout
    )
    assert [webhook["to"] for webhook in told["webhooks"]] == [seals.UNOPENED]
    assert (told["may_be_dropped"], told["not_opened"]["webhook_address"]) == (False, 1)


def test_where_the_secret_is_a_setting_a_new_one_is_printed_to_be_set(command, tmp_path: Path) -> None:
    first, second = FIRST, SECOND
    told = command("keys", "new", WIDGET_SECRET_KEY=first).stdout
    assert re.search(r"^\S{64}$", told, re.MULTILINE)
    assert told.index("1. Name it in WIDGET_OLD_SECRET_KEYS") < told.index("2. Make it WIDGET_SECRET_KEY")
    assert not (tmp_path / "widget-server.key").exists()
    words = {"WIDGET_SECRET_KEY": second, "WIDGET_OLD_SECRET_KEYS": f"{first}, {'x' * 40}"}
    assert json.loads(command("keys", "rotate", "--json", **words).stdout)["may_be_dropped"] is True
    weak = command("site", "list", WIDGET_SECRET_KEY=first, WIDGET_OLD_SECRET_KEYS="short")
    assert (weak.returncode, "WIDGET_OLD_SECRET_KEYS is too weak" in weak.stderr) == (2, True)


def test_a_database_that_is_damaged_or_of_a_newer_version_is_told_in_one_line(command, tmp_path: Path) -> None:
    assert command("site", "list").returncode == 0
    file = tmp_path / "widget-server.sqlite3"
    with closing(sqlite3.connect(file)) as newer, newer:
        newer.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")
    refused = command("run")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert "newer version" in refused.stderr
    for part in tmp_path.glob("widget-server.sqlite3*"):
        part.unlink()
    file.write_bytes(b"noise" * 2000)
    refused = command("run")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert "`widget-server restore FILE`" in refused.stderr


def test_what_the_operator_does_to_a_site_or_takes_away_is_logged(command, tmp_path: Path) -> None:
    add = ("site", "add", "News", "--origin")
    key = json.loads(command(*add, "https://news.example", "--json").stdout)["site"]
    for again in ("https://news.example", "https://www.news.example"):
        command(*add, again)
    command("site", "rotate", key)
    command("export", "cases")
    command("export", "--site", key)
    command("backup", str(tmp_path / "copy.sqlite3"))
    with connection():
        found = [(e.verb, e.subject, e.site, e.moderator_id) for e in LogEntry.select().order_by(LogEntry.id)]
    site = f"site {key}"
    assert found == [
        ("add site", site, 1, None),
        ("add origins", site, 1, None),
        ("rotate secret key", site, 1, None),
        ("export", "cases", 1, None),
        ("export", "months and decisions", 1, None),
        ("back up", "database", None, None),
    ]
