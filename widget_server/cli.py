"""The command line. A wrong setting or an unusable database ends it with one clear line and exit status 2."""

import json
import os
import secrets
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from widget_server import serving, storage
from widget_server.rendering import badge, files
from widget_server.routes import tags
from widget_server.settings import Settings, WrongSetting, here
from widget_server.storage import backups, evidence, people, sites, viewers
from widget_server.storage.people import NotAccepted
from widget_server.storage.tables import Site

DEMO_SITE = "Demo"
DEMO_MODERATOR = "moderator@demo.example"
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


class Commands(click.Group):
    """Refusals become one line and exit status 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (WrongSetting, storage.StorageUnusable, NotAccepted) as refusal:
            click.echo(f"widget-server: {refusal}", err=True)
            sys.exit(2)
        except storage.DatabaseError as error:
            click.echo(f"widget-server: the database refused: {str(error).splitlines()[0]}.", err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="widget-server")
def main() -> None:
    """Label machine-generated text, take reports about it, count who sees it, decide."""


def _open() -> Settings:
    """The settings, with the database ready."""
    settings = here()
    storage.connect(settings.database_url)
    storage.migrate()
    storage.begin()
    return settings


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(told: dict[str, Any] | list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for row in told if isinstance(told, list) else [told]:
        width = max(len(name) for name in row)
        for name, value in row.items():
            click.echo(f"{name:<{width}}  {', '.join(value) if isinstance(value, list) else value}")
        click.echo()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="More than one only on PostgreSQL."
)
def run(host: str, port: int, workers: int) -> None:
    """Run the server."""
    serving.claim(host, port)
    _at_home_on(host, port)
    settings = _open()
    if workers > 1 and settings.database_url.startswith("sqlite"):
        raise WrongSetting(
            "--workers above 1 needs PostgreSQL (WIDGET_DATABASE_URL); on SQLite one worker is the fastest."
        )
    click.echo(f"widget-server {files.widget_version()} on http://{host}:{port}")
    with serving.housekeeping(settings):
        serving.serve("widget_server.wsgi:app", host=host, port=port, workers=workers)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65534), help="The demo's page takes the next one."
)
def demo(host: str, port: int) -> None:
    """Run the server with a demo site, a demo moderator, and a stranger's page on another origin."""
    for number in (port, port + 1):
        serving.claim(host, number)
    here_url, page_url = f"http://{host}:{port}", f"http://{host}:{port + 1}"
    os.environ["WIDGET_DEMO_URL"] = page_url
    _at_home_on(host, port)
    settings = _open()
    site = sites.named(DEMO_SITE) or sites.add(DEMO_SITE, [], at=_now())
    sites.set_origins(site.key, [page_url])
    password = secrets.token_urlsafe(12)
    if people.find(DEMO_MODERATOR):
        people.set_password(DEMO_MODERATOR, password, at=_now())
    else:
        people.add(DEMO_MODERATOR, password, at=_now())
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
        "WIDGET_SITE_SECRET": sites.secrets_of(site, settings.secret_key, at=_now())[0],
    }
    with ExitStack() as both:
        both.enter_context(serving.housekeeping(settings))
        both.enter_context(serving.beside("-m", "widget_server.demo", host, str(port + 1), environment=environment))
        serving.serve("widget_server.wsgi:app", host=host, port=port, workers=1)


def _at_home_on(host: str, port: int) -> None:
    """Without WIDGET_PUBLIC_URL, links lead to where the server listens. Its workers read the environment."""
    os.environ.setdefault("WIDGET_PUBLIC_URL", f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}")  # noqa: S104


@main.group()
def site() -> None:
    """Sites: who embeds the widget."""


@site.command("add")
@click.argument("name")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    required=True,
    help="Where the site's pages are: https://HOST. Repeat for more.",
)
@as_json
def add_site(name: str, origins: tuple[str, ...], as_json: bool) -> None:
    """Add a site, or more origins to the site of this name; print what to paste."""
    wanted = [_origin(origin) for origin in origins]
    settings = _open()
    found = sites.named(name)
    if found:
        sites.set_origins(found.key, [*found.origins, *(origin for origin in wanted if origin not in found.origins)])
    _tell(_to_paste(found or sites.add(name, wanted, at=_now()), settings), as_json)


@site.command("list")
@as_json
def list_sites(as_json: bool) -> None:
    """List the sites."""
    _open()
    _tell([{"site": site.key, "name": site.name, "origins": site.origins} for site in sites.every()], as_json)


@site.command("rotate")
@click.argument("key")
@as_json
def rotate_site(key: str, as_json: bool) -> None:
    """Give a site a new secret key; the old one holds for seven days."""
    settings = _open()
    found = sites.rotate(key, at=_now())
    if found is None:
        raise WrongSetting(f"There is no site {key}: `widget-server site list` shows them.")
    _tell(_to_paste(found, settings), as_json)


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.username:
        raise WrongSetting(f"--origin {value}: write https://HOST[:PORT], without a path.")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _to_paste(site: Site, settings: Settings) -> dict[str, str]:
    return {
        "site": site.key,
        "secret_key": sites.secrets_of(site, settings.secret_key, at=_now())[0],
        "script_tag": tags.script_tag(settings.public_url, site.key),
        "integrity_tag": tags.integrity_tag(settings.public_url, site.key),
        "csp": tags.csp(settings.public_url),
    }


@main.group()
def moderator() -> None:
    """Moderators: who decides."""


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@moderator.command("add")
@click.argument("email")
@password_stdin
def add_moderator(email: str, password_stdin: bool) -> None:
    """Add a moderator."""
    _open()
    added = people.add(email, _password(password_stdin), at=_now())
    click.echo(f"{added.email} can sign in at /admin.")


@moderator.command("password")
@click.argument("email")
@password_stdin
def set_password(email: str, password_stdin: bool) -> None:
    """Give a moderator a new password; their sessions end."""
    _open()
    people.set_password(email, _password(password_stdin), at=_now())
    click.echo(f"{people.account(email)} has a new password.")


@moderator.command("list")
@as_json
def list_moderators(as_json: bool) -> None:
    """List the moderators."""
    _open()
    rows = [{"email": person.email, "since": person.created_at.date().isoformat()} for person in people.every()]
    _tell(rows, as_json)


@main.command()
@as_json
def check(as_json: bool) -> None:
    """Look whether settings, database, cache and mail are as they should be, and print the CSP line to paste."""
    settings = _open()
    found = {
        "settings": "ok",
        "database": "ok" if storage.reachable() else "unreachable",
        "cache": _cache(settings),
        "mail": "set" if settings.mail_url else "not set: reporters see the answer on their page only",
        "public_url": settings.public_url + ("" if settings.https else "  (plain http: for this machine only)"),
        "clock": _now().isoformat(timespec="seconds"),
        "widget": files.widget_version(),
        "csp": tags.csp(settings.public_url),
        "style_hash": badge.style_hash(),
    }
    _tell(found, as_json)
    if "unreachable" in (found["database"], found["cache"]):
        sys.exit(1)


def _cache(settings: Settings) -> str:
    if not settings.redis_url:
        return "none: limits are kept in memory"
    from limits.storage import storage_from_string

    return "ok" if storage_from_string(settings.redis_url).check() else "unreachable"


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the database to FILE while the server runs."""
    _open()
    with click.progressbar(length=1000, label="Copying", file=sys.stderr) as bar:
        backups.backup(file, progress=lambda done, total: bar.update(1000 * done // max(total, 1) - bar.pos))
    click.echo(f"{file} holds the whole database. Keep widget-server.key (or WIDGET_SECRET_KEY) with it.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
def restore(file: Path) -> None:
    """Put a backup in the place of the database. Stop the server first; the old database is kept beside it."""
    settings = here()
    if not settings.database_url.startswith("sqlite:///"):
        raise WrongSetting("This installation runs on PostgreSQL: restore it with pg_restore.")
    backups.restore(file, Path(settings.database_url.removeprefix("sqlite:///")))
    click.echo(f"{file} is in place.")


@main.command()
@click.option("--site", "key", help="Only this site.")
def export(key: str | None) -> None:
    """Print what is kept about months and decisions, as JSON Lines."""
    _open()
    wanted = [site for site in sites.every() if key in (None, site.key)]
    if key and not wanted:
        raise WrongSetting(f"There is no site {key}: `widget-server site list` shows them.")
    for found in wanted:
        _export(found)


def _export(site: Site) -> None:
    for month in viewers.months(site.id):
        usage = viewers.usage(site.id, month)
        row = {
            "site": site.key,
            "month": month,
            "unique_viewers": usage.viewers,
            "impressions": usage.impressions,
            "disclosed": usage.disclosed,
        }
        click.echo(json.dumps(row))
    for ruling in evidence.rulings(site, since=None, until=None):
        click.echo(json.dumps({"site": site.key, **evidence.statement(ruling)}))


@main.command()
@as_json
def purge(as_json: bool) -> None:
    """Do now what the server does by itself: close months that are over, send mail, forget what is old."""
    settings = _open()
    storage.end()
    _tell(serving.keep_house(settings, at=_now()), as_json)
