"""`keys`: the server's own secret, under which everything else is made and sealed."""

import sys
from pathlib import Path
from typing import Any

import click

from widget_server.cli.base import as_json, main, now, open_storage, tell
from widget_server.key_file import KEY_FILE, new_secret, put_first
from widget_server.refusal import WrongSetting
from widget_server.rules import keys as made
from widget_server.rules import signatures
from widget_server.settings import Settings, here, setting_here
from widget_server.storage import rotation, sites, webhooks
from widget_server.storage.rotation import Rotated


@main.group()
def keys() -> None:
    """The server's own secret: made anew, and taken out of use."""


@keys.command("new")
def new_key() -> None:
    """Make a new secret of the server; the one before still opens what it made.

    Where WIDGET_SECRET_KEY is set, one is printed for you to set: nothing is changed. Otherwise it stands above the old
    one in widget-server.key. Restart the server afterwards, then `widget-server keys rotate`.
    """
    if setting_here("SECRET_KEY"):
        click.echo(
            f"A new secret:\n\n{new_secret()}\n\n"
            "1. Name it in WIDGET_OLD_SECRET_KEYS and restart: on every node, before the next step. What a node seals, "
            "the others have to open. (A server that runs alone can skip this.)\n"
            "2. Make it WIDGET_SECRET_KEY, name the one before in WIDGET_OLD_SECRET_KEYS, and restart each node.\n"
            "3. Run `widget-server keys rotate`."
        )
        return
    open_storage()
    put_first(new_secret(), Path.cwd())
    click.echo(f"{KEY_FILE} has a new secret above the old one. Restart the server, then `widget-server keys rotate`.")


@keys.command("rotate")
@click.option("--lost", is_flag=True, help="Give up what was sealed under a secret that you do not have any more.")
@as_json
def rotate(lost: bool, as_json: bool) -> None:
    """Seal everything under the newest secret, and tell what has to be done before the old one may be dropped.

    The server may run. Prints the new secret keys of sites and webhooks.
    """
    if lost:
        here()  # makes a secret, if there is none any more
    settings = open_storage(any_secret=True)
    if not settings.old_secret_keys and not lost:
        raise WrongSetting(
            "The server has one secret only, there is nothing to rotate: `widget-server keys new` makes another."
        )
    with click.progressbar(length=1000, label="Sealing", file=sys.stderr) as bar:
        done = rotation.rotate(
            settings.secrets,
            give_up=lost,
            at=now(),
            progress=lambda done, total: bar.update(1000 * done // max(total, 1) - bar.pos),
        )
        bar.update(1000 - bar.pos)
    found = _told(settings, done)
    if as_json:
        tell(found, as_json)
    else:
        _say(found, settings)


def _told(settings: Settings, done: Rotated) -> dict[str, Any]:
    at, waiting = now(), rotation.pending(at=now())
    return {
        "sealed_again": {kind.replace(" ", "_"): number for kind, number in done.again.items()},
        "not_opened": {kind.replace(" ", "_"): number for kind, number in done.lost.items()},
        "sites": [
            {"site": site.key, "name": site.name, "secret_key": sites.secrets_of(site, settings.secrets, at=at)[0]}
            for site in sites.every()
        ],
        "webhooks": [
            {
                "to": webhooks.shown(webhook),
                "secret": webhooks.secrets_of(webhook, settings.secrets, at=at)[0],
            }
            for webhook in webhooks.every()
        ],
        "report_key": signatures.public_key(made.report_seed(settings.secret_key)),
        "invitations": waiting.invitations,
        "people_with_recovery_codes": waiting.people_with_codes,
        "addresses_to_confirm": waiting.unconfirmed,
        "may_be_dropped": not any(done.lost.values()),
    }


def _say(found: dict[str, Any], settings: Settings) -> None:
    again, lost = sum(found["sealed_again"].values()), sum(found["not_opened"].values())
    click.echo(f"{again:,} sealed again; everything else is under the newest secret already.")
    if lost:
        click.echo(f"{lost:,} can be opened by none of the secrets: name the right one in WIDGET_OLD_SECRET_KEYS.")
    if not settings.old_secret_keys:
        return
    click.echo("\nBefore you drop the old secret, give each host its site's new key:\n")
    tell(found["sites"], as_json=False)
    if found["webhooks"]:
        click.echo("and each receiver its webhook's new secret (both sign until then):\n")
        tell(found["webhooks"], as_json=False)
    click.echo(
        "With the old secret end: content tokens that hosts signed with the old keys (reports about them count as seen "
        f"by the reporter), {found['invitations']} open invitations, the recovery codes of "
        f"{found['people_with_recovery_codes']} people, {found['addresses_to_confirm']} links that confirm an address, "
        "and sessions at the desk that were not used since the restart. Reports for auditors are sealed with the key "
        f"{found['report_key']} from now on; keep the old one for those that were made before.\n"
    )
    if found["may_be_dropped"]:
        click.echo(
            "Then drop it: delete the lines below the first of widget-server.key, or take it out of "
            "WIDGET_OLD_SECRET_KEYS, and restart."
        )
