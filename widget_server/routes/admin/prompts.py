"""The registry of prompts at the desk: which are in use, how much of each its owner wrote, and what changed."""

from typing import Any

from flask import render_template, request, url_for

from widget_server.routes import paging
from widget_server.routes.admin import blueprint
from widget_server.routes.errors import Problem
from widget_server.routes.paging import page_of_sites
from widget_server.routes.sessions import sites_allowed
from widget_server.rules import conversations, registry
from widget_server.rules.differences import differences
from widget_server.rules.prompts import REQUIRED_CHARACTERS
from widget_server.storage import prompts, sites
from widget_server.storage.tables import Case, PromptTemplate, Site


@blueprint.get("/prompts")
def list_prompts() -> str:
    """The prompts in use of every site; with `site` and `after`, one site's further ones."""
    shown, more = ([_site(request.args["site"])], None) if "site" in request.args else page_of_sites()
    after = request.args.get("after", "")[: registry.LONGEST_NAME] if "site" in request.args else ""
    found = [(site, prompts.page(site, after=after)) for site in shown]
    return render_template(
        "admin/prompts.html", sites=found, page=prompts.PAGE, required=REQUIRED_CHARACTERS, after=after, next=more
    )


@blueprint.get("/prompts/<key>/<name>")
def show_prompt(key: str, name: str) -> str | tuple[str, int]:
    """A prompt: its versions, and of one of them (the one in use) its text and what it changed."""
    site = _site(key)
    newest = prompts.newest(site, name)
    if not newest:
        return render_template("admin/prompt_unknown.html", site=site, name=name[: registry.LONGEST]), 404
    shown = _shown(site, name, request.args.get("version", ""))
    before = prompts.find(site, registry.Reference(name, shown.version - 1))
    text = conversations.shown(shown.template)
    return render_template(
        "admin/prompt.html",
        site=site,
        versions=prompts.versions(site, name, before=paging.before()),
        page=prompts.PAGE,
        newest=newest,
        shown=shown,
        before=before,
        text=text,
        changes=differences(conversations.shown(before.template), text) if before else [],
        required=REQUIRED_CHARACTERS,
    )


def prompt_of(case: Case) -> dict[str, Any] | None:
    """Where the prompt is shown of which a case's text was made, and whether it is registered. None: nobody told."""
    try:
        named = registry.reference(case.prompt)
    except ValueError:
        return None
    known = prompts.find(case.site_id, named) is not None
    version = named.version if known else None
    return {
        "address": url_for("admin.show_prompt", key=case.site.key, name=named.name, version=version),
        "known": known,
    }


def _shown(site: Site, name: str, version: str) -> PromptTemplate:
    number = paging.number(version)
    found = prompts.find(site, registry.Reference(name, number)) if number or not version else None
    if found is None:
        raise Problem(404, "This prompt has no such version.")
    return found


def _allowed() -> list[Site]:
    allowed = sites_allowed()
    return [site for site in sites.every() if allowed is None or site.id in allowed]


def _site(key: str) -> Site:
    site = next((site for site in _allowed() if site.key == key), None)
    if site is None:
        raise Problem(404, "There is no site with this key.")
    return site
