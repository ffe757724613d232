"""A simulated month, counted: by the rules alone, and the whole way through a server's API and its database."""

import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from flask.testing import FlaskClient

from benchmarks.population import Visit
from widget_server import create_app
from widget_server.rules.marking import text_sha256
from widget_server.rules.viewers import is_person, viewer_key
from widget_server.settings import Settings
from widget_server.storage import connection, months, sites
from widget_server.storage.tables import database

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
SECRET = "a server's secret of 32 characters"
MONTH_KEY = secrets.token_bytes(32)
"""Chance of its own in each run: no count depends on it."""
ORIGIN = "https://news.example"
DIGEST = text_sha256("A text that a machine wrote.")

_is_person = lru_cache(is_person)
_viewer_key = lru_cache(maxsize=100_000)(viewer_key)


class Mode(StrEnum):
    """How a site tells its readers apart."""

    OWN = "your own ids; all are signed in"
    HALF = "your own ids; half have an account"
    SEEN = "address and browser"
    NAMED = "address and browser without its version"


OFFERED = (Mode.SEEN, Mode.HALF, Mode.OWN)
"""The modes that there are. The other one is counted to see what it would be like."""


@lru_cache
def _without_version(user_agent: str) -> str:
    return re.sub(r"\d+", "", user_agent)


def own_id(visit: Visit, mode: Mode) -> str | None:
    """What the host writes into `data-viewer`."""
    known = mode is Mode.OWN or (mode is Mode.HALF and visit.account)
    return f"person-{visit.person}" if known else None


def arrives(visit: Visit, mode: Mode) -> bool:
    """Whether a server hears of it. What only those see who are signed in, no machine sees."""
    return visit.sent and (visit.person is not None or mode is not Mode.OWN)


def key(visit: Visit, mode: Mode) -> int | None:
    """The viewer that a visit counts as; None if it does not count."""
    if not arrives(visit, mode) or not _is_person(user_agent=visit.user_agent, purpose=visit.purpose):
        return None
    agent = _without_version(visit.user_agent) if mode is Mode.NAMED else visit.user_agent
    return _viewer_key(MONTH_KEY, viewer=own_id(visit, mode), address=visit.address, user_agent=agent)


def counted(visits: Iterable[Visit], mode: Mode) -> int:
    return len({key(visit, mode) for visit in visits} - {None})


def behind_one_proxy(visits: Iterable[Visit]) -> Iterator[Visit]:
    """What a server sees that does not know its own proxy (WIDGET_TRUSTED_PROXIES is missing)."""
    return (replace(visit, address="10.0.0.1") for visit in visits)


def moment(visit: Visit) -> datetime:
    return BEGIN + timedelta(days=visit.at)


def send(client: FlaskClient, site: str, visit: Visit, mode: Mode) -> int:
    """The visit as a reader's browser tells it to the server. Returns the status of its answer."""
    answer = client.post(
        "/api/v1/views",
        json={
            "site": site,
            "views": [{"text_sha256": DIGEST, "disclosed": True}],
            "viewer": own_id(visit, mode),
            "page": f"{ORIGIN}/",
        },
        headers={"Origin": ORIGIN, "User-Agent": visit.user_agent, "Sec-Purpose": visit.purpose},
        environ_overrides={"REMOTE_ADDR": visit.address},
    )
    return answer.status_code


@contextmanager
def _server(clock) -> Iterator[tuple[FlaskClient, int, str]]:
    """A server of its own, and a site on it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'counting.sqlite3'}"
        app = create_app(Settings(secret_key=SECRET, database_url=url, limit_views="1000000/minute"), now=clock)
        with connection():
            site = sites.add("News", [ORIGIN], at=clock())
        yield app.test_client(), site.id, site.key
        app.extensions["widget_server"].writer.close()
        if not database.is_closed():
            database.close()


def counted_by_a_server(visits: Iterable[Visit], mode: Mode) -> int:
    """The same through the API: schema, rules, writer, database. The server's clock goes with the visits."""
    now = BEGIN
    with _server(lambda: now) as (client, site, key_of_site):
        for visit in visits:
            if arrives(visit, mode):
                now = moment(visit)
                if (status := send(client, key_of_site, visit, mode)) != 200:
                    raise SystemExit(f"A view was answered with {status}.")
        with connection():
            return months.usage(site, 202611).viewers
