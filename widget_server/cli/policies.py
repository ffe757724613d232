"""`site policy`: the guidelines that a site follows, and how."""

from dataclasses import asdict, replace
from typing import Any

import click

from widget_server import storage
from widget_server.cli.base import as_json, now, open_storage, tell
from widget_server.cli.sites import existing, site
from widget_server.refusal import WrongSetting
from widget_server.rules.guidelines import GUIDELINES
from widget_server.rules.policy import Control, mistakes
from widget_server.storage import policies, sites, thresholds

_KNOWN = "\n".join(f"{code:<10} {one.provider}: {one.name}" for code, one in GUIDELINES.items())


@site.command("policy", epilog=f"\b\nGuidelines:\n{_KNOWN}")
@click.argument("key")
@click.option("--guideline", "guidelines", multiple=True, help="One that the site follows. Repeat for more.")
@click.option(
    "--control", type=click.Choice([str(control) for control in Control]), help="When readers see the report control."
)
@click.option("--application", help="Sites of one application share this name.")
@click.option(
    "--least-disclosed", type=int, help="Per cent of views with a visible badge, below which owners are told."
)
@click.option("--responsible", help="Who answers for what is published.")
@click.option("--contact", help="How this person is reached.")
@click.option("--small-audiences/--large-audiences", default=None, help="Whether no text is for many people.")
@click.option("--four-eyes/--two-eyes", default=None, help="Whether authors may not approve their own texts.")
@click.option("--review-days", type=int, help="How long a review holds; 0: as long as the text stays the same.")
@as_json
def site_policy(key: str, as_json: bool, **chosen: Any) -> None:
    """Change what a site's owner has chosen, and print it. Without an option, print it."""
    open_storage()
    given = {name: value for name, value in chosen.items() if value is not None and value != ()}
    if "control" in given:
        given["control"] = Control(given["control"])
    if given.get("review_days") == 0:
        given["review_days"] = None
    with storage.transaction():  # what its owner chooses meanwhile stays
        found = sites.locked(existing(sites.find(key), key))
        wanted = replace(policies.of(found), **given)
        if wrong := mistakes(wanted):
            name, why = next(iter(wrong.items()))
            option = "guideline" if name == "guidelines" else name.replace("_", "-")
            raise WrongSetting(f"--{option}: {why}")
        policies.keep(found, wanted, moderator=None, at=now())
    thresholds.look(found, at=now())
    limits = asdict(wanted.limits) | {"reviewed_purposes": sorted(wanted.limits.reviewed_purposes)}
    tell({"site": key, **asdict(wanted), "guidelines": list(wanted.guidelines), **limits}, as_json)
