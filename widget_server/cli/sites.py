"""`site`: who embeds the widget."""

import click

from widget_server.cli.base import as_json, main, now, open_storage, tell
from widget_server.routes import tags
from widget_server.settings import Settings, WrongSetting, origin
from widget_server.storage import sites
from widget_server.storage.tables import Site

LONGEST_NAME = 200


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
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise WrongSetting(f"NAME must not be empty, nor longer than {LONGEST_NAME} characters.")
    wanted = [_origin(given) for given in origins]
    settings = open_storage()
    found = sites.named(name)
    if found:
        sites.set_origins(found.key, dict.fromkeys([*found.origins, *wanted]))
    tell(_to_paste(found or sites.add(name, dict.fromkeys(wanted), at=now()), settings), as_json)


@site.command("list")
@as_json
def list_sites(as_json: bool) -> None:
    """List the sites."""
    open_storage()
    tell([{"site": site.key, "name": site.name, "origins": site.origins} for site in sites.every()], as_json)


@site.command("rotate")
@click.argument("key")
@as_json
def rotate_site(key: str, as_json: bool) -> None:
    """Give a site a new secret key; the old one holds for seven days."""
    settings = open_storage()
    found = sites.rotate(key, at=now())
    if found is None:
        raise WrongSetting(f"There is no site {key}: `widget-server site list` shows them.")
    tell(_to_paste(found, settings), as_json)


def _origin(value: str) -> str:
    return origin(value, otherwise=f"--origin {value!r}: write https://HOST[:PORT], without a path.")


def _to_paste(site: Site, settings: Settings) -> dict[str, str]:
    return {
        "site": site.key,
        "secret_key": sites.secrets_of(site, settings.secret_key, at=now())[0],
        "script_tag": tags.script_tag(settings.public_url, site.key),
        "integrity_tag": tags.integrity_tag(settings.public_url, site.key),
        "csp": tags.csp(settings.public_url),
    }
