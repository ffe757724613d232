"""`site declare`: what a site's texts are for, and who signs it."""

from typing import Any

import click

from widget_server.cli.base import as_json, now, open_storage, tell
from widget_server.cli.sites import existing, site
from widget_server.refusal import WrongSetting
from widget_server.rules.declarations import Draft, mistakes
from widget_server.rules.purposes import PROHIBITED, PURPOSES
from widget_server.storage import declarations, sites
from widget_server.storage.tables import Declaration

OPTIONS = {
    "purposes": "--purpose",
    "words": "--words",
    "signed_by": "--signed-by",
    "role": "--role",
    "email": "--email",
}
_KNOWN = "\n".join(f"{code:<22} {purpose.meaning}" for code, purpose in PURPOSES.items())
_NEVER = "\n".join(f"{one.code:<22} {one.meaning} ({one.clause})" for one in PROHIBITED.values())
EPILOG = f"\b\n{_KNOWN}\n\n\b\nNever, with the guideline’s clause:\n{_NEVER}"


@site.command("declare", epilog=EPILOG)
@click.argument("key")
@click.option("--purpose", "purposes", multiple=True, help="One of those below. Repeat for more.")
@click.option("--reason", "reasons", multiple=True, help="PURPOSE=WHY, for health, legal and financial information.")
@click.option("--words", default="", help="What the texts are, in your own words. Needed for “other”.")
@click.option("--signed-by", default="", help="The name of the person who signs.")
@click.option("--role", default="", help="What this person is in your house.")
@click.option("--email", default="", help="Where they are asked to renew it in a year.")
@as_json
def declare(
    key: str,
    purposes: tuple[str, ...],
    reasons: tuple[str, ...],
    words: str,
    signed_by: str,
    role: str,
    email: str,
    as_json: bool,
) -> None:
    """Declare what a site's machine-written texts are for.

    With --signed-by, that person declares that this is true, and that the texts are made for nothing that the guideline
    prohibits. Without any option, print the declaration that holds.
    """
    open_storage()
    given = existing(sites.find(key), key)
    if not any((purposes, reasons, words, signed_by, role, email)):
        holds = declarations.newest(given.id)
        if holds is None:
            raise WrongSetting(f"Site {key} has not declared what its texts are for.")
        tell(_told(key, holds), as_json)
        return
    draft = Draft(dict.fromkeys(purposes, "") | _reasons(purposes, reasons), words, signed_by, role, email)
    if wrong := mistakes(draft):
        field, why = next(iter(wrong.items()))
        raise WrongSetting(f"{OPTIONS.get(field, '--reason')}: {why}")
    tell(_told(key, declarations.sign(given, draft, seen=None, moderator=None, at=now())), as_json)


def _reasons(purposes: tuple[str, ...], reasons: tuple[str, ...]) -> dict[str, str]:
    given = {code.strip(): why for code, _, why in (reason.partition("=") for reason in reasons)}
    for code in given.keys() - set(purposes):
        raise WrongSetting(f"--reason {code!r}: write PURPOSE=WHY for one of the purposes that you declare.")
    return given


def _told(key: str, declaration: Declaration) -> dict[str, Any]:
    standing = declarations.as_it_stands(declaration, at=now())
    codes = list(declarations.codes(declaration))
    return {
        "site": key,
        "version": declaration.version,
        "purposes": codes,
        "signed_by": declaration.signed_by,
        "role": declaration.role,
        "email": declarations.shown_address(declaration),
        "signed_on": standing.signed_on.isoformat(),
        "renewal_due_on": standing.due_on.isoformat(),
        "state": standing.state,
        "setting": f"WIDGET_PURPOSES={','.join(codes)}",
    }
