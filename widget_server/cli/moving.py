"""`move`."""

import sys
from pathlib import Path

import click

from widget_server.cli.base import main
from widget_server.origins import several
from widget_server.refusal import WrongSetting
from widget_server.settings import here
from widget_server.storage import moving

SQLITE, POSTGRESQL = "sqlite:///", ("postgresql://", "postgres://")


@main.command()
@click.option("--to", "url", required=True, metavar="URL", help="An empty database: postgresql://USER:PASSWORD@HOST/…")
def move(url: str) -> None:
    """Carry this installation over to PostgreSQL. Stop the server first.

    Every row is copied, counted and compared before anything counts there. The file stays as it is.
    """
    settings = here(make_secret=False)
    if not settings.database_url.startswith(SQLITE):
        raise WrongSetting("This installation runs on PostgreSQL already: move it with pg_dump and pg_restore.")
    otherwise = "--to: write the address of a PostgreSQL database, postgresql://USER:PASSWORD@HOST/DATABASE."
    if not url.startswith(POSTGRESQL) or not several(url, otherwise=otherwise).path.strip("/"):
        raise WrongSetting(otherwise)
    file = Path(settings.database_url.removeprefix(SQLITE))
    with click.progressbar(length=1000, label="Moving", file=sys.stderr) as bar:
        rows = moving.move(file, url, progress=lambda done, total: bar.update(1000 * done // max(total, 1) - bar.pos))
    click.echo(
        f"{sum(rows.values()):,} rows of {len(rows)} tables are there, the same as here. {file} is as it was.\n"
        "Keep widget-server.key (or WIDGET_SECRET_KEY) as it is, put this into the settings, and start the server:\n\n"
        f"WIDGET_DATABASE_URL={url}"
    )
