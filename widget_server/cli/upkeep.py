"""`check`, `backup`, `restore`, `export` and `purge`."""

import contextlib
import json
import re
import sys
from pathlib import Path

import click

from widget_server import serving, storage
from widget_server.cli.base import as_json, main, now, open_storage, tell
from widget_server.delivery import screening
from widget_server.refusal import WrongSetting
from widget_server.rendering import badge, files
from widget_server.routes import tags
from widget_server.rules import keys, signatures
from widget_server.rules.screening import HARMLESS
from widget_server.rules.signatures import Verdict
from widget_server.settings import Settings, here
from widget_server.storage import backups, log, months, rotation, sites, webhooks
from widget_server.storage.exports import FILES, Period
from widget_server.storage.tables import Site

DIGEST = re.compile("[0-9a-f]{64}")


@main.command()
@click.option("--expect", default="", metavar="DIGEST", help="A digest of the log that was kept elsewhere.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Only look at this compliance report.",
)
@click.option("--key", default="", metavar="KEY", help="Whose report it must be; without it, this server’s.")
@as_json
def check(expect: str, report: Path | None, key: str, as_json: bool) -> None:
    """Look whether settings, database, cache, mail and log are as they should be.

    Also prints the CSP line to paste, and the secret of the webhook that the settings name. The log is a chain of
    digests: an entry that was changed or removed breaks it. That its end was cut off is found with --expect and the
    newest digest that the desk showed before.

    A compliance report is checked by its seal: with --key from anywhere, without settings or database.
    """
    if report:
        _report(report, [key.strip()] if key.strip() else _own_keys(), as_json)
        return
    settings = open_storage(any_secret=True)
    storage.examine(large=True)
    found = {
        "settings": "ok",
        "database": "ok" if storage.reachable() else "unreachable",
        "cache": _cache(settings),
        "seals": _seals(),
        "log": _log(expect.strip().lower()),
        "sign_in_elsewhere": _elsewhere(settings),
        "mail": "set" if settings.mail_url else "not set: reporters see the answer on their page only",
        "webhook": _webhook(settings),
        "screen": _screen(settings),
        "public_url": settings.public_url + ("" if settings.https else "  (plain http: for this machine only)"),
        "clock": _clock(),
        "widget": files.widget_version(),
        "csp": tags.csp(settings.public_url),
        "style_hash": badge.style_hash(),
    }
    tell(found, as_json)
    if any(str(told).startswith(("unreachable", "broken", "cut off")) for told in found.values()):
        sys.exit(1)


def _clock() -> str:
    here, there = now(), storage.clock()
    told = here.isoformat(timespec="seconds")
    if abs(here - there) < months.GRACE:
        return told
    return (
        f"broken: {told} here, {there.isoformat(timespec='seconds')} where the database is. Set the one that is wrong"
    )


def _own_keys() -> list[str]:
    secrets = [secret for secret in here(make_secret=False).secrets if secret]
    if not secrets:
        raise WrongSetting("No server's secret is here: name the key that the report must be sealed with, by --key.")
    return [signatures.public_key(keys.report_seed(secret)) for secret in secrets]


def _report(file: Path, own: list[str], as_json: bool) -> None:
    """`own`: the keys that it may be sealed with."""
    verdicts = [signatures.verify(file.read_bytes(), key=key) for key in own]
    found = next((one for one in verdicts if one.verdict is Verdict.GENUINE), verdicts[0])
    tell({"report": str(file), "verdict": str(found.verdict), "key": found.key, "sha256": found.sha256}, as_json)
    if found.verdict is not Verdict.GENUINE:
        sys.exit(1)


def _webhook(settings: Settings) -> str:
    if not settings.webhook_url:
        return "not set; others can be added at the desk"
    return f"set, its secret is {webhooks.secret_of_setting(settings.secret_key)}"


def _screen(settings: Settings) -> str:
    """Whether the screen answers: it is asked about one harmless sentence, always the same."""
    if settings.screen is None:
        return "not set: held texts are looked at by people only"
    looked = screening.screener(settings.screen, private_allowed=settings.private_targets)(HARMLESS)
    if looked.found is None:
        return f"unreachable: {looked.failure}"
    odd = "" if not looked.found else ", but finds something in a harmless sentence"
    return f"ok: {settings.screen.model} answers{odd}"


def _cache(settings: Settings) -> str:
    if not settings.redis_url:
        return "none: limits are kept in memory"
    from widget_server.routes import counts  # what it needs takes much memory of the server, which does without

    return "ok" if counts.Shared(at=settings.redis_url).check() else "unreachable"


def _seals() -> str:
    """Whether the server's secrets open what is sealed in the database. It tells numbers only."""
    number, lost = rotation.opened()
    if not lost:
        return f"ok: {number:,} opened"
    named = ", ".join(f"{many:,} ({kind})" for kind, many in lost.items())
    return f"broken: {named} of {number:,} cannot be opened. {rotation.ANOTHER}"


def _log(expect: str) -> str:
    if expect and not DIGEST.fullmatch(expect):
        raise WrongSetting("--expect: write the whole digest, 64 characters of 0-9 and a-f, as the desk shows it.")
    with click.progressbar(length=1000, label="Reading the log", file=sys.stderr) as bar:
        found = log.verify(expect, progress=lambda done, total: bar.update(1000 * done // total - bar.pos))
    if found.broken is not None:
        return f"broken at entry {found.broken}: it, or what stood before it, was changed or removed"
    if not found.expected:
        return f"cut off: none of its {found.entries:,} entries has the digest {expect}"
    return f"ok: {found.entries:,} entries, the newest digest {found.newest}"


def _elsewhere(settings: Settings) -> str:
    if settings.provider is None:
        return "not set: people sign in with a password"
    from widget_server.delivery import identity

    try:
        return f"ok: {settings.provider.name}, {identity.issuer(settings.provider)}"
    except identity.NotVerified as refusal:
        return f"unreachable: {refusal}"


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the database to FILE while the server runs."""
    open_storage(any_secret=True)
    with click.progressbar(length=1000, label="Copying", file=sys.stderr) as bar:
        backups.backup(file, progress=lambda done, total: bar.update(1000 * done // max(total, 1) - bar.pos))
    with contextlib.suppress(storage.DatabaseError):  # a full disk keeps nobody from a copy on another one
        log.write("back up", "database", moderator=None, at=now())
    click.echo(
        f"{file} holds the whole database. Keep widget-server.key (or WIDGET_SECRET_KEY), too, but "
        "not beside it: without it nothing that is sealed in it can be opened."
    )


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
def restore(file: Path) -> None:
    """Put a backup in the place of the database, once the server is stopped. The old one is kept beside it."""
    settings = here(make_secret=False)
    if not settings.database_url.startswith("sqlite:///"):
        raise WrongSetting("This installation runs on PostgreSQL: restore it with pg_restore.")
    kept = backups.restore(file, Path(settings.database_url.removeprefix("sqlite:///")), at=now())
    click.echo(f"{file} is in place." + (f" The old database is {kept}." if kept else ""))


@main.command()
@click.argument("what", type=click.Choice(["months", *FILES]), required=False)
@click.option("--site", "key", help="Only this site.")
def export(what: str | None, key: str | None) -> None:
    """Print what is kept, as JSON Lines.

    WHAT is “months”, “decisions” (EU Transparency Database names), “cases”, “reports” (no address, no receipt) or
    “evaluation” (texts about which readers were right); without it, months and decisions.
    """
    open_storage(any_secret=True)
    wanted = [site for site in sites.every() if key in (None, site.key)]
    if key and not wanted:
        raise WrongSetting(f"There is no site {key}: `widget-server site list` shows them.")
    log.write_for_each(wanted, "export", what or "months and decisions", moderator=None, at=now())
    for found in wanted:
        if what in (None, "months"):
            _export_months(found)
        if what != "months":
            for row in FILES[what or "decisions"](Period([found.id])):
                click.echo(json.dumps({"site": found.key, **row}))


def _export_months(site: Site) -> None:
    for month in months.of(site.id):
        usage = months.usage(site.id, month)
        row = {
            "site": site.key,
            "month": month,
            "unique_viewers": usage.viewers,
            "impressions": usage.impressions,
            "disclosed": usage.disclosed,
        }
        click.echo(json.dumps(row))


@main.command()
@as_json
def purge(as_json: bool) -> None:
    """Do now what the server does by itself: close months that are over, send mail, forget what is old."""
    settings = open_storage()
    storage.end()
    tell(serving.keep_house(settings, at=now()), as_json)
