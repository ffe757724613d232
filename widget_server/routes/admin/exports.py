"""Files for auditors, analysts and the team of the generator. Who took which is kept."""

from typing import Any

from flask import render_template, request
from marshmallow import EXCLUDE, ValidationError, fields
from werkzeug.wrappers import Response

from widget_server.routes.admin import blueprint
from widget_server.routes.api.evidence import DecisionsSchema
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator, sites_allowed
from widget_server.routes.streams import csv_file, is_taken, jsonl_file, period_asked
from widget_server.rules.statements import FIELDS
from widget_server.storage import log, sites
from widget_server.storage.exports import FILES, Period
from widget_server.storage.tables import Site

NAMES = ("decisions.csv", "decisions.jsonl", "cases.jsonl", "reports.jsonl", "evaluation.jsonl")


class ExportSchema(DecisionsSchema):
    """Which period, and of which site (its key; empty, all of them)."""

    class Meta:
        unknown = EXCLUDE

    site = fields.String(load_default="")


_schema = ExportSchema()


@blueprint.get("/exports")
def show_exports() -> str:
    return _page({})


@blueprint.get("/exports/<file>")
def export(file: str) -> Response | tuple[str, int]:
    if file not in NAMES:
        raise Problem(404, "There is no such file. Choose one on the page of exports.")
    name, _, kind = file.partition(".")
    try:
        wanted = _schema.load({field: value for field, value in request.args.items() if value})
    except ValidationError as error:
        return _page(error.normalized_messages()), 422
    site = next((one for one in _sites() if one.key == wanted["site"]), None)
    if wanted["site"] and site is None:
        return _page({"site": ["Choose one of the sites."]}), 422
    period = Period([site.id] if site else sites_allowed(), wanted["since"], wanted["until"])
    taken(file, [site] if site else _sites(), **period_asked())
    rows = FILES[name](period)
    return csv_file(name, FIELDS, rows) if kind == "csv" else jsonl_file(name, rows)


def taken(file: str, of_sites: list[Site], **asked: Any) -> None:
    """Keep who takes this file."""
    if is_taken():
        log.write_for_each(of_sites, "export", file, moderator=moderator().id, at=now(), **asked)


def _sites() -> list[Site]:
    allowed = sites_allowed()
    return [site for site in sites.every() if allowed is None or site.id in allowed]


def _page(errors: dict[str, Any]) -> str:
    return render_template("admin/exports.html", sites=_sites(), errors=errors, form=request.args)
