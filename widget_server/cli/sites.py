"""`site`: who embeds the widget."""

from pathlib import Path
from urllib.parse import urlsplit

import click

from widget_server.cli.base import as_json, main, now, open_storage, tell, warn_of_address
from widget_server.origins import ANYWHERE, ANYWHERE_MEANS, origin
from widget_server.refusal import WrongSetting
from widget_server.rendering.wording import read, written
from widget_server.routes import tags
from widget_server.rules.policy import Control
from widget_server.settings import LOOPBACK, Settings
from widget_server.storage import policies, sites, wording
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
    help="Where the site's pages are: https://HOST. Repeat for more; “null” for sandboxed frames.",
)
@as_json
def add_site(name: str, origins: tuple[str, ...], as_json: bool) -> None:
    """Add a site, or more origins to the site of this name; print what to paste."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise WrongSetting(f"NAME must not be empty, nor longer than {LONGEST_NAME} characters.")
    if not name.isprintable():
        raise WrongSetting("NAME holds only what can be seen: no control signs, none that turn the text.")
    wanted = [_origin(given) for given in origins]
    settings = open_storage()
    tell(_to_paste(sites.admit(name, wanted, at=now()), settings), as_json)
    if not as_json:
        click.echo("The tag may also carry:")
        tell(tags.OPTIONS, as_json)
    if any(urlsplit(one).hostname not in LOOPBACK for one in wanted if one != ANYWHERE):
        warn_of_address(settings)
    if ANYWHERE in wanted:
        click.echo(f"widget-server: {ANYWHERE_MEANS}", err=True)


@site.command("list")
@as_json
def list_sites(as_json: bool) -> None:
    """List the sites."""
    open_storage()
    tell([{"site": site.key, "name": site.name, "origins": site.origins} for site in sites.every()], as_json)


@site.command("words")
@click.argument("key")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--show", is_flag=True, help="Print the site's own words, in the form of FILE.")
@click.option("--clear", is_flag=True, help="Say everything in our words again.")
def site_words(key: str, file: Path | None, show: bool, clear: bool) -> None:
    """Have a site's label, dialog and pages say things in its own words.

    FILE holds them as JSON, {"en": {"label": {"report": "Flag"}}}, by the names that the words have in our own files.
    Languages that it does not name stay as they are.
    """
    if (file is not None) + show + clear != 1:
        raise WrongSetting("Give either FILE, or --show, or --clear.")
    settings = open_storage()
    found = existing(sites.find(key), key)
    if file:
        wording.replace(found, _read(file), moderator=None, at=now())
        click.echo(f"Kept. The tag must carry data-words: {_to_paste(found, settings)['script_tag']}")
    elif clear:
        wording.replace(found, {lang: {} for lang in wording.every(found.id)}, moderator=None, at=now())
    else:
        click.echo(written(wording.every(found.id)))


def _read(file: Path) -> dict[str, dict[str, str]]:
    try:
        return read(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSetting(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise WrongSetting(f"{file}: {error}") from None


@site.command("rotate")
@click.argument("key")
@as_json
def rotate_site(key: str, as_json: bool) -> None:
    """Give a site a new secret key; the old one holds for seven days."""
    settings = open_storage()
    tell(_to_paste(existing(sites.rotate(key, at=now()), key), settings), as_json)


def existing(site: Site | None, key: str) -> Site:
    """The site that was asked for. Raises WrongSetting if there is none."""
    if site is None:
        raise WrongSetting(f"There is no site {key}: `widget-server site list` shows them.")
    return site


def _origin(value: str) -> str:
    if value == ANYWHERE:
        return value
    return origin(value, otherwise=f"--origin {value!r}: write https://HOST[:PORT], without a path.")


def _to_paste(site: Site, settings: Settings) -> dict[str, str]:
    site_tag = {"own_words": wording.has(site.id), "waits": policies.of(site).control is Control.WHEN_REQUIRED}
    return {
        "site": site.key,
        "secret_key": sites.secrets_of(site, settings.secrets, at=now())[0],
        "script_tag": tags.script_tag(settings.public_url, site.key, **site_tag),
        "integrity_tag": tags.integrity_tag(settings.public_url, site.key, **site_tag),
        "csp": tags.csp(settings.public_url),
    }
