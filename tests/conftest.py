"""A server of its own for each test, on the database that the run was asked for, and the people who use it."""

import html
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from peewee import fn
from werkzeug.test import TestResponse

from tests.inboxes import inbox
from tests.servers import postgresql_url, redis_url
from tests.statements import Asked, asking
from widget_server import create_app
from widget_server.routes.limits import limiter
from widget_server.rules.access import OWNER_OF_ALL, Standing
from widget_server.rules.publishing import CHECKS
from widget_server.settings import Settings
from widget_server.storage import connect, connection, hashing, migrate, people, sites
from widget_server.storage.tables import ALL, database

__all__ = ["inbox"]

SECRET = "a secret of thirty-two characters, or more"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
ORIGIN = "https://news.example"
TEXT = "The tower was finished in 1889 and stands in Rome, where it draws six million visitors a year."


def pytest_sessionstart() -> None:
    """What the server serves is made from the sources as they are now. The mutants of the rules serve nothing."""
    assets = Path(__file__).parent.parent / ".ci" / "assets.py"
    if assets.exists():
        subprocess.run([sys.executable, assets], check=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="What the server stores in."
    )


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[tuple[str, str] | None]:
    """The addresses of a PostgreSQL and a Redis, when this run uses them."""
    if request.config.getoption("--database") == "sqlite":
        yield None
        return
    with postgresql_url() as postgresql, redis_url() as redis:
        yield postgresql, redis


@pytest.fixture(scope="session", autouse=True)
def hasty_hashing() -> None:
    """Passwords are hashed as ever, but with less work: several sign in in most of the tests."""
    hashing._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """The time: it moves when a test moves it, and by a microsecond whenever somebody looks."""

    moment: datetime = field(default=datetime(2026, 11, 23, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.moment += timedelta(microseconds=1)
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without anything in it, brought up to date once: each test gets a copy."""
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    connect(f"sqlite:///{file}")
    migrate()
    database.close()
    return file


@pytest.fixture
def settings(servers: tuple[str, str] | None, tmp_path: Path, empty_file: Path) -> Settings:
    postgresql, redis = servers or (f"sqlite:///{tmp_path / 'test.sqlite3'}", None)
    if servers is None:
        shutil.copy(empty_file, tmp_path / "test.sqlite3")
    return Settings(
        secret_key=SECRET,
        database_url=postgresql,
        redis_url=redis,
        public_url="https://widget.example",
        limit_reports="1000/minute",
        limit_sign_in="1000/minute",
        limit_words="1000000000/minute",
        flood_reports=0,
    )


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates, compiled once for all tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def app(settings: Settings, clock: Clock, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    app = create_app(settings, now=clock)
    app.jinja_env.bytecode_cache = compiled
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    limiter.reset()
    yield app
    app.extensions["widget_server"].writer.close()
    if not database.is_closed():
        database.close()
    if not settings.database_url.startswith("sqlite"):
        with connection():
            _empty()


def _empty() -> None:
    """PostgreSQL is one for all tests: what the last one used is as new. Emptying a table costs, used or not."""
    names = [table._meta.table_name for table in ALL]
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names)
    numbered = "SELECT regexp_replace(sequencename, '_id_seq$', '') FROM pg_sequences WHERE last_value IS NOT NULL"
    used = {name for (name,) in database.execute_sql(f"{filled} UNION {numbered}").fetchall()} & {*names}
    if used:
        tables = ", ".join(f'"{name}"' for name in sorted(used))
        database.execute_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


@pytest.fixture
def asked(app: Flask) -> Iterator[Asked]:
    """Every statement from now on."""
    with asking() as found:
        yield found


@dataclass
class Page:
    """A page of a site: what a reader's browser does with the widget on it, and what the site's owner may ask."""

    client: FlaskClient
    key: str
    secret: str
    origin: str = ORIGIN

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def view(
        self, *views: dict, browser: str = BROWSER, address: str = "203.0.113.7", headers: dict | None = None, **body
    ) -> TestResponse:
        return self.client.post(
            "/api/v1/views",
            json={"site": self.key, "views": list(views) or [seen(TEXT)], "page": f"{self.origin}/story", **body},
            headers={"Origin": self.origin, "User-Agent": browser, **(headers or {})},
            environ_overrides={"REMOTE_ADDR": address},
        )

    def report(self, text: str = TEXT, *, headers: dict | None = None, **body) -> TestResponse:
        report = {"site": self.key, "id": str(uuid.uuid4()), "category": "misinformation", "text": text}
        return self.client.post(
            "/api/v1/reports",
            json={**report, "page": f"{self.origin}/story", **body},
            headers={"Origin": self.origin, **(headers or {})},
        )

    def status(self, receipt: str) -> dict:
        return self.client.get(f"/api/v1/reports/{receipt}").json

    def render(self, text: object = TEXT, *, headers: dict | None = None, **body) -> TestResponse:
        return self.client.post(
            "/api/v1/render", json={"text": text, **body}, headers={**self.bearer, **(headers or {})}
        )

    def usage(self, month: str = "2026-11") -> dict:
        return self.client.get("/api/v1/usage", query_string={"month": month}, headers=self.bearer).json


def seen(text: str, *, disclosed: bool = True) -> dict:
    from widget_server.rules.marking import text_sha256

    return {"text_sha256": text_sha256(text), "disclosed": disclosed}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def news(app: Flask, clock: Clock) -> Page:
    with connection():
        site = sites.add("News", [ORIGIN], at=clock())
        secret = sites.secrets_of(site, (SECRET,), at=clock())[0]
    return Page(app.test_client(), site.key, secret)


@pytest.fixture
def shop(app: Flask, clock: Clock) -> Page:
    """A page of another site on the same server."""
    with connection():
        site = sites.add("Shop", ["https://shop.example"], at=clock())
        secret = sites.secrets_of(site, (SECRET,), at=clock())[0]
    return Page(app.test_client(), site.key, secret, "https://shop.example")


def shown_in(answer: TestResponse) -> str:
    """What the form of this page says that it holds."""
    return html.unescape(re.search(r'name="shown" value="([^"]+)"', answer.text)[1])


def held(desk: "Desk", path: str) -> str:
    return shown_in(desk.get(path))


@dataclass
class Desk:
    """A moderator's browser, signed in."""

    client: FlaskClient
    email: str

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url="https://widget.example")

    def post(self, path: str, token_from: str = "/admin/reports", **form: object) -> TestResponse:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(token_from).text)
        assert token, f"no form at {token_from}"
        return self.client.post(
            path,
            data={"csrf_token": token[1], **form},
            base_url="https://widget.example",
            headers={"Referer": "https://widget.example/"},
        )

    def cases(self, **query: str) -> list[int]:
        listed = self.client.get("/admin/reports", query_string=query, base_url="https://widget.example").text
        return list(dict.fromkeys(int(number) for number in re.findall(r'href="/admin/reports/(\d+)"', listed)))

    def decide(
        self, number: int, decision: str, message: str = "Thank you.", *, along: bool = False, **form: str
    ) -> TestResponse:
        """As it is shown now. `along`: with the near-duplicates that are shown on its card."""
        opened = self.get(f"/admin/reports/{number}").text
        shown = re.search(r'name="along" value="([\d: ]+)"', opened)
        version = re.search(r'name="version"[^>]*value="(\d+)"', opened)
        filled = {
            "decision": decision,
            "message": message,
            "category": "misinformation",
            "version": version[1] if version else "0",
            **({"note": "Checked."} if decision == "relabel" and not {"model", "review", "note"} & {*form} else {}),
            **({"along": shown[1]} if along and shown else {}),
            **form,
        }
        return self.post(f"/admin/reports/{number}/decision", f"/admin/reports/{number}", **filled)

    def many(self, query: str) -> dict[str, str]:
        """The form that decides alike what these filters find, as it is shown now."""
        form = self.get(f"/admin/reports/all?{query}").text.split('id="decision-form"')[1].split("</form>")[0]
        fields = re.findall(r'<input type="(hidden|checkbox)" name="(\w+)" value="([^"]*)"( checked)?', form)
        filled = {name: value for kind, name, value, checked in fields if kind == "hidden" or checked}
        chosen = re.search(r'<select id="\w+" name="(\w+)">.*?value="(\w+)" selected', form)
        assert chosen
        return {**filled, chosen[1]: chosen[2], "decision": "dismiss", "message": "We have looked at them."}

    def decide_many(self, form: dict[str, str], **changed: str) -> TestResponse:
        return self.post("/admin/reports/all", **{**{n: v for n, v in form.items() if n != "csrf_token"}, **changed})

    def undo(self, number: int, **form: object) -> TestResponse:
        """Take back the decision that the page of a case shows for that, or the last one."""
        page = f"/admin/reports/{number}"
        shown = re.search(r'name="ruling" value="(\w+)"', self.get(page).text)
        return self.post(f"{page}/undo", page, **{"ruling": shown[1] if shown else newest_ruling(number), **form})

    def review(self, number: str, verdict: str = "approved", note: str = "", **form: object) -> TestResponse:
        """Open a publication, confirm every check, and decide."""
        page = f"/admin/publications/{number}"
        seen = re.search(r'name="seen" value="(\w+)"', self.get(page).text)
        filled = {"seen": seen[1] if seen else "", "checks": [*CHECKS], **form}
        return self.post(page, "/admin/publications", verdict=verdict, note=note, **filled)

    def amend(self, number: str, source: str, **form: object) -> TestResponse:
        page = f"/admin/publications/{number}"
        seen = re.search(r'name="seen" value="(\w+)"', self.get(page).text)
        filled = {"seen": seen[1] if seen else "", **form}
        return self.post(f"{page}/text", "/admin/publications", source=source, **filled)


def newest_ruling(case: int) -> str:
    from widget_server.storage.tables import Ruling

    with connection():
        return str(Ruling.select(fn.MAX(Ruling.id)).where(Ruling.case == case, Ruling.undone_at.is_null()).scalar())


def signed_in(app: Flask, clock: Clock, email: str, standing: Standing = OWNER_OF_ALL) -> Desk:
    with connection():
        people.add(email, "correct horse battery", standing=standing, at=clock())
    desk = Desk(app.test_client(), email)
    answer = desk.post("/admin/login", "/admin/login", email=email, password="correct horse battery")
    assert answer.status_code == 302, answer.text
    return desk


@pytest.fixture
def desk(app: Flask, clock: Clock) -> Desk:
    return signed_in(app, clock, "ada@news.example")


@pytest.fixture
def other_desk(app: Flask, clock: Clock) -> Desk:
    return signed_in(app, clock, "bob@news.example")
