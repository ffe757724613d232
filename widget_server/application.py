"""The server: the only place where all parts meet."""

import contextlib
import importlib
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from widget_server import storage
from widget_server.delivery import identity
from widget_server.rendering import files
from widget_server.routes import (
    admin,
    again,
    api,
    bodies,
    current,
    errors,
    limits,
    operations,
    pages,
    paging,
    sessions,
    sharing,
    theming,
    widget_files,
    words,
)
from widget_server.routes.api import openapi, views
from widget_server.routes.api import rendering as render_route
from widget_server.routes.lanes import Lanes
from widget_server.routes.purse import Purse
from widget_server.rules.marking import line
from widget_server.settings import Settings, here
from widget_server.storage import known, reasons, roles, rotation, sites, sources
from widget_server.storage import viewers as viewer_storage
from widget_server.storage import webhooks as webhook_storage
from widget_server.storage.apart import Apart
from widget_server.storage.viewers import Impressions
from widget_server.storage.writer import Writer

for _folder in (admin, api):  # a route is registered by its module's import
    for _module in pkgutil.iter_modules(_folder.__path__, f"{_folder.__name__}."):
        importlib.import_module(_module.name)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _writer(*, apart: bool) -> Writer[Impressions] | Apart[Impressions]:
    keep, committed = viewer_storage.keep, viewer_storage.remember
    if apart:
        with contextlib.suppress(OSError):  # a thread will do
            return Apart(Impressions, keep, committed)
    return Writer(keep, committed)


def create_app(
    settings: Settings | None = None, now: Callable[[], datetime] = _utc_now, *, in_a_loop: bool = False
) -> Flask:
    """The server. `settings` come from the environment unless given; `now` gives the time, aware, in UTC.

    `in_a_loop`: our own server's, whose writer may work beside it.

    Raises WrongSetting and StorageUnusable, each with one clear line.
    """
    settings = settings or here()
    storage.use_secrets(settings.secrets)
    storage.connect(settings.database_url, most=settings.database_connections)
    storage.migrate()
    with storage.connection():
        rotation.check()
        webhook_storage.from_setting(settings.webhook_url, at=now())
    viewer_storage.forget()
    reasons.forget()
    roles.forget()
    known.forget()
    sites.forget()
    sources.forget()
    identity.forget()
    app = Flask("widget_server", template_folder=str(files.TEMPLATES), static_folder=None)
    app.request_class = bodies.Asked
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = bodies.LONGEST_FORM
    app.url_map.converters["int"] = paging.Number
    app.json.ensure_ascii = True  # type: ignore[attr-defined]
    app.extensions["widget_server"] = current.Server(
        settings=settings,
        now=now,
        writer=_writer(apart=in_a_loop and not settings.redis_url),
        purse=Purse(limits.limiter),
    )
    app.before_request(bodies.refuse_unfit)
    app.before_request(operations.begin)
    app.teardown_request(lambda _: storage.end())
    app.jinja_env.globals |= {"now": current.now, "mail": settings.mails}
    app.jinja_env.filters["line"] = line
    errors.init(app)
    limits.init(app)
    sharing.init(app)
    sessions.init(app)
    for part in (api, admin, openapi, operations, pages, theming, widget_files, words):
        app.register_blueprint(part.blueprint)
    again.init(app)
    app.wsgi_app = Lanes(  # type: ignore[method-assign]
        widget_files.shelf(app.wsgi_app, https=settings.https),
        app.extensions["widget_server"],
        {"/api/v1/views": views.in_a_hurry, "/api/v1/render": render_route.in_a_hurry},
    )
    return app
