"""A server within this process, on a database of its own, with two sites and an owner who is signed in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from argon2 import PasswordHasher
from flask import Flask

from tests.conftest import SECRET, Clock, Desk, Page, signed_in
from widget_server import create_app
from widget_server.routes.limits import limiter
from widget_server.settings import Settings
from widget_server.storage import connection, hashing, sites
from widget_server.storage.tables import database

OWNER = "ada@news.example"


@dataclass
class Inside:
    app: Flask
    clock: Clock
    news: Page
    shop: Page
    desk: Desk


@contextmanager
def inside(**settings: Any) -> Iterator[Inside]:
    """Limits do not count: what refuses is what is tried, and not that it is tried often."""
    folder, clock, slow = Path(mkdtemp(prefix="widget-chaos-")), Clock(), hashing._hasher
    hashing._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    own = {"public_url": "https://widget.example", "flood_reports": 0, "limit_words": "1000000000/minute", **settings}
    app = create_app(
        Settings(secret_key=SECRET, database_url=f"sqlite:///{folder / 'one.sqlite3'}", redis_url=None, **own),
        now=clock,
    )
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = True, False
    limiter.enabled = False
    try:
        news, shop = (_page(app, clock, name) for name in ("News", "Shop"))
        yield Inside(app, clock, news, shop, signed_in(app, clock, OWNER))
    finally:
        limiter.enabled, hashing._hasher = True, slow
        app.extensions["widget_server"].writer.close()
        if not database.is_closed():
            database.close()
        shutil.rmtree(folder, ignore_errors=True)


def _page(app: Flask, clock: Clock, name: str) -> Page:
    origin = f"https://{name.lower()}.example"
    with connection():
        site = sites.add(name, [origin], at=clock())
        secret = sites.secrets_of(site, (SECRET,), at=clock())[0]
    return Page(app.test_client(), site.key, secret, origin)
