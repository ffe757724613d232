"""`moderator`: who decides."""

import sys

import click

from widget_server.cli.base import as_json, main, now, open_storage, tell
from widget_server.storage import people


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
    open_storage()
    added = people.add(email, _password(password_stdin), at=now())
    click.echo(f"{added.email} can sign in at /admin.")


@moderator.command("password")
@click.argument("email")
@password_stdin
def set_password(email: str, password_stdin: bool) -> None:
    """Give a moderator a new password; their sessions end."""
    open_storage()
    people.set_password(email, _password(password_stdin), at=now())
    click.echo(f"{people.account(email)} has a new password.")


@moderator.command("list")
@as_json
def list_moderators(as_json: bool) -> None:
    """List the moderators."""
    open_storage()
    rows = [{"email": person.email, "since": person.created_at.date().isoformat()} for person in people.every()]
    tell(rows, as_json)
