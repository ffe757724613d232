"""What every command shares: the group, its refusals, the opened storage, and how results are printed."""

import importlib
import json
import sys
from datetime import UTC, datetime
from typing import Any

import click

from widget_server import storage
from widget_server.refusal import WrongSetting
from widget_server.settings import Settings, here
from widget_server.storage import rotation
from widget_server.storage.roles import NotAccepted

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


NOT_HERE = (
    "The database was used with a secret that is not here: run this where its widget-server.key is, put it here, or "
    "set WIDGET_SECRET_KEY. If it is lost, `widget-server keys rotate --lost` gives up what it alone opens."
)
ROOMS = {
    **dict.fromkeys(("run", "demo"), ("servers",)),
    "site": ("sites", "policies", "declarations"),
    "moderator": ("moderators",),
    "prompts": ("prompts",),
    **dict.fromkeys(("check", "backup", "restore", "export", "purge"), ("upkeep",)),
    "move": ("moving",),
    "keys": ("keys",),
}
"""The modules in which each command is: loaded when it is asked for, for a server has to start soon."""


class Commands(click.Group):
    """Refusals become one line and exit status 2."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(ROOMS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        for module in ROOMS.get(name, ()):
            importlib.import_module(f"widget_server.cli.{module}")
        return super().get_command(context, name)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (WrongSetting, storage.StorageUnusable, NotAccepted) as refusal:
            click.echo(f"widget-server: {plain(str(refusal))}", err=True)
            sys.exit(2)
        except storage.DatabaseError as error:
            click.echo(f"widget-server: the database refused: {str(error).splitlines()[0]}.", err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="widget-server")
def main() -> None:
    """Label machine-generated text, take reports about it, count who sees it, decide."""


def open_storage(*, any_secret: bool = False) -> Settings:
    """The settings, with the database ready. A secret is made for a new database alone.

    `any_secret`: also under another one than the database was used with.
    """
    settings = here(make_secret=False)
    storage.connect(settings.database_url)
    if not settings.secret_key:
        settings = here(make_secret=not storage.in_use())
    if not settings.secret_key:
        raise storage.StorageUnusable(NOT_HERE)
    storage.use_secrets(settings.secrets)
    storage.migrate()
    storage.begin()
    if not any_secret:
        rotation.check()
    return settings


def warn_of_address(settings: Settings) -> None:
    """Links and tags that lead to the reader's own machine find nothing there."""
    if not settings.reached_from_elsewhere:
        click.echo(
            f"widget-server: Links and the tag lead to {settings.public_url}, which only this machine reaches. Set "
            "WIDGET_PUBLIC_URL to the address at which readers reach this server, in the environment or in .env.",
            err=True,
        )


def now() -> datetime:
    return datetime.now(UTC)


def tell(told: dict[str, Any] | list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for row in told if isinstance(told, list) else [told]:
        width = max(len(name) for name in row)
        for name, value in row.items():
            told_of = ", ".join(value) if isinstance(value, list) else str(value)
            click.echo(f"{name:<{width}}  {plain(told_of)}")
        click.echo()


def plain(text: str) -> str:
    """Text whose signs command no terminal and turn no line around: those are named."""
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in text)
