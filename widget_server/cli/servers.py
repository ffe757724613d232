"""`run` and `demo`."""

import gc
import importlib
import os
import secrets
from contextlib import ExitStack

import click

from widget_server import listening, storage
from widget_server.cli.base import main, now, open_storage, warn_of_address
from widget_server.refusal import WrongSetting
from widget_server.rendering import files
from widget_server.settings import LOOPBACK, setting_here
from widget_server.storage import people, rotation, sites

DEMO_SITE = "Demo"
DEMO_MODERATOR = "moderator@demo.example"


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="More than one only on PostgreSQL."
)
def run(host: str, port: int, workers: int) -> None:
    """Run the server."""
    _at_home_on(host, port)
    settings = open_storage(any_secret=True)
    storage.examine()
    rotation.check()
    listening.claim(host, port)
    if workers > 1 and settings.database_url.startswith("sqlite"):
        raise WrongSetting(
            "--workers above 1 needs PostgreSQL (WIDGET_DATABASE_URL); on SQLite one worker is the fastest."
        )
    click.echo(f"widget-server {files.widget_version()} on {_address(host, port)}")
    if host not in LOOPBACK:
        warn_of_address(settings)
    _prepare()
    with listening.housekeeping(settings):
        listening.serve("widget_server.asgi:app", host=host, port=port, workers=workers)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65534), help="The demo's page takes the next one."
)
def demo(host: str, port: int) -> None:
    """Run the server with a demo site, a demo moderator, and a stranger's page on another origin."""
    here_url, page_url = _address(host, port), _address(host, port + 1)
    os.environ["WIDGET_DEMO_URL"] = page_url
    _at_home_on(host, port)
    settings = open_storage(any_secret=True)
    storage.examine()
    rotation.check()
    for number in (port, port + 1):
        listening.claim(host, number)
    if others := [site.name for site in sites.every() if site.name != DEMO_SITE]:
        click.echo(
            f"widget-server: The database here is not the demo's alone: {others[0]} is in it. {DEMO_MODERATOR}, an "
            "owner of all sites, comes to its people. Stop, and begin in an empty folder, to keep apart.",
            err=True,
        )
    site = sites.admit(DEMO_SITE, [], at=now())
    sites.set_origins(site.key, [settings.demo_url or page_url])
    password = secrets.token_urlsafe(12)
    if known := people.find(DEMO_MODERATOR):
        people.set_password(known, password, at=now())
    else:
        people.add(DEMO_MODERATOR, password, at=now())
    pages = (
        ("A stranger's page", page_url + "/", "an article, a chat and a feed with labelled text: report one"),
        ("The desk", here_url + "/admin", f"sign in as {DEMO_MODERATOR} with {password}"),
        ("First page", here_url + "/", "what this is, and the tag to paste"),
        ("The API", here_url + "/api/docs", ""),
    )
    for title, address, note in pages:
        click.echo(f"  {title:<18} {address:<28} {note}")
    click.echo("Stop with Ctrl-C.")
    environment = {
        "WIDGET_HOST": settings.public_url,
        "WIDGET_SITE": site.key,
        "WIDGET_SITE_SECRET": sites.secrets_of(site, settings.secrets, at=now())[0],
    }
    _prepare()
    with ExitStack() as both:
        both.enter_context(listening.housekeeping(settings))
        both.enter_context(listening.beside("-m", "widget_server.demo", host, str(port + 1), environment=environment))
        listening.serve("widget_server.asgi:app", host=host, port=port, workers=1)


def _prepare() -> None:
    """Load what the workers need once for all of them, and keep nothing open that they may not share."""
    if listening.COPIES:
        gc.disable()
        importlib.import_module("widget_server.application")
        gc.freeze()  # nobody's collector looks through it again, which would give each worker a copy of its own
        gc.enable()
    storage.leave()


def _at_home_on(host: str, port: int) -> None:
    """Without WIDGET_PUBLIC_URL, links lead to where the server listens. Its workers read the environment."""
    if not setting_here("PUBLIC_URL"):
        os.environ["WIDGET_PUBLIC_URL"] = _address("127.0.0.1" if host == "0.0.0.0" else host, port)  # noqa: S104


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
