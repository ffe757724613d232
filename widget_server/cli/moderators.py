"""`moderator`: who works at the desk."""

import sys

import click

from widget_server.cli.base import as_json, main, now, open_storage, tell
from widget_server.refusal import WrongSetting
from widget_server.rules import accounts
from widget_server.rules.access import Role
from widget_server.storage import people, roles, second, sites


@main.group()
def moderator() -> None:
    """The people at the desk: who decides, and who looks on."""


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@moderator.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([str(role) for role in Role]), default=str(Role.OWNER), show_default=True)
@click.option("--site", "keys", multiple=True, help="The key of a site; without it, the role holds for all sites.")
@password_stdin
def add_moderator(email: str, role: str, keys: tuple[str, ...], password_stdin: bool) -> None:
    """Add somebody who works at the desk: an owner does everything, a moderator decides, an auditor looks on."""
    open_storage()
    try:
        standing = roles.named(Role(role), keys, {site.key: site for site in sites.every()})
    except LookupError as unknown:
        raise WrongSetting(f"There is no site {unknown.args[0]}: `widget-server site list` shows them.") from None
    added = people.add(email, _password(password_stdin), standing=standing, at=now())
    click.echo(f"{added.email} can sign in at /admin.")


@moderator.command("password")
@click.argument("email")
@password_stdin
def set_password(email: str, password_stdin: bool) -> None:
    """Give a moderator a new password; their sessions end."""
    open_storage()
    people.set_password(people.named(email), _password(password_stdin), at=now())
    click.echo(f"{accounts.account(email)} has a new password.")


@moderator.command("reset-second")
@click.argument("email")
def reset_second(email: str) -> None:
    """Ask for no second factor of somebody who has lost theirs, until they set it up again."""
    open_storage()
    person = people.named(email)
    second.reset(person, by=None, at=now())
    click.echo(f"{person.email} signs in without a second factor now.")


@moderator.command("list")
@as_json
def list_moderators(as_json: bool) -> None:
    """List the moderators."""
    open_storage()
    found = people.every()
    names, standings = {site.id: site.key for site in sites.every()}, roles.of(found)
    rows = [
        {
            "email": person.email,
            "since": person.created_at.date().isoformat(),
            "second_factor": "yes" if person.totp_secret else "no",
            "roles": standings[person.id].in_words(names),
        }
        for person in found
    ]
    tell(rows, as_json)
