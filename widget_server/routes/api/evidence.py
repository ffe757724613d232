"""What the owner's own programs read: usage, clauses and decisions."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate

from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, secret_site
from widget_server.routes.bodies import checked
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.routes.streams import csv_file, is_taken, jsonl_file, period_asked
from widget_server.rules import keys, signatures, statements
from widget_server.rules.disclosure import share
from widget_server.rules.viewers import day_name, month_name, month_of
from widget_server.storage import assessments, exports, hidden, log, months, page_views, standing
from widget_server.storage.exports import Period
from widget_server.storage.months import Day
from widget_server.storage.page_views import PageViews
from widget_server.storage.standing import Standing
from widget_server.storage.tables import Crossing, HiddenBadge, Site

MOST_PAGES = 100


class UsageSchema(Schema):
    """Which month."""

    month = fields.String(
        load_default=None,
        validate=validate.Regexp(r"\A2\d{3}-(0[1-9]|1[0-2])\Z", error="Must be a month such as 2026-11."),
    )


class Moment(fields.String):
    """A date, or a moment in ISO 8601; without a zone it is UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            moment = datetime.fromisoformat(super()._deserialize(value, attr, data, **kwargs))
        except ValueError:
            raise ValidationError("Must be a date such as 2026-11-23, or a moment in ISO 8601.") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class DecisionsSchema(Schema):
    """Decisions from `since` on and before `until`."""

    since = Moment(load_default=None)
    until = Moment(load_default=None)


_usage, _decisions = UsageSchema(), DecisionsSchema()


@blueprint.get("/usage")
@limiter.limit(limits.render)
def show_usage() -> Response:
    site = secret_site()
    wanted = checked(_usage, request.args.to_dict())["month"]
    month = int(wanted.replace("-", "")) if wanted else month_of(now())
    found, stands = months.usage(site.id, month), standing.of(site, at=now(), month=month)
    return answer(
        {
            "month": month_name(found.month),
            "unique_viewers": found.viewers,
            "impressions": found.impressions,
            "disclosed_share": share(found.disclosed, found.impressions),
            "first_views": found.first_views,
            "first_views_disclosed_share": share(found.first_disclosed, found.first_views),
            "threshold": stands.limits.viewers_unreported,
            "threshold_state": stands.state,
            "projected_viewers": stands.projected,
            "crossings": [_as_crossing(crossing) for crossing in stands.crossings],
            "application": _as_application(stands),
            "control": stands.control,
            "report": stands.shown,
            "report_since": stands.since.isoformat(timespec="seconds") if stands.since else None,
            "days": [_as_day(day) for day in found.days],
            "pages": [_as_page_views(page) for page in page_views.of(site.id, month, most=MOST_PAGES)],
            "undisclosed_pages": [_as_page(row) for row in hidden.of(site.id, month, most=MOST_PAGES)],
        }
    )


@blueprint.get("/compliance")
@limiter.limit(limits.render)
def show_compliance() -> Response:
    site, at = secret_site(), now()
    wanted = checked(_usage, request.args.to_dict())["month"]
    told = assessments.now(site, mails=settings().mails, at=at)
    if wanted and wanted != told["month"]:
        kept = assessments.of(site, int(wanted.replace("-", "")))
        if kept is None:
            raise Problem(404, "Nothing is kept of this month.")
        told, at = kept.told, kept.made_at
    months = [told["month"], *(one.told["month"] for one in assessments.history(site))]
    return answer({"site": site.key, "at": at.isoformat(timespec="seconds"), **told, "months": sorted({*months})[::-1]})


@blueprint.get("/report-key")
@limiter.limit(limits.render)
def show_report_key() -> Response:
    """A JSON Web Key (RFC 8037). Anybody may have it."""
    key = signatures.public_key(keys.report_seed(settings().secret_key))
    return answer({"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": key})


@blueprint.get("/decisions.<any(csv, jsonl):kind>")
@limiter.limit(limits.render)
def export_decisions(kind: str) -> Response:
    site = secret_site()
    wanted = checked(_decisions, request.args.to_dict())
    _taken(f"decisions.{kind}", site)
    rows = exports.decisions(Period([site.id], wanted["since"], wanted["until"]))
    return csv_file("decisions", statements.FIELDS, rows) if kind == "csv" else jsonl_file("decisions", rows)


@blueprint.get("/evaluation.jsonl")
@limiter.limit(limits.render)
def export_evaluation() -> Response:
    site = secret_site()
    wanted = checked(_decisions, request.args.to_dict())
    _taken("evaluation.jsonl", site)
    return jsonl_file("evaluation", exports.evaluation(Period([site.id], wanted["since"], wanted["until"])))


def _taken(file: str, site: Site) -> None:
    """Keep that this file was taken."""
    if is_taken():
        log.write_for_each([site], "export by key", file, moderator=None, at=now(), **period_asked())


def _as_crossing(row: Crossing) -> dict[str, Any]:
    return {
        "step": row.step,
        "at": row.at.isoformat(timespec="seconds"),
        "viewers": row.viewers,
        "application": row.application,
    }


def _as_application(stands: Standing) -> dict[str, Any] | None:
    """The viewers that count for the threshold, where several sites are one application: their names are not told.

    Whose key this is need not be known to the others' owners.
    """
    if not stands.application:
        return None
    return {
        "name": stands.application,
        "sites": len(stands.together),
        "unique_viewers": stands.viewers,
    }


def _as_day(day: Day) -> dict[str, Any]:
    return {
        "day": day_name(day.day),
        "impressions": day.impressions,
        "disclosed_share": share(day.disclosed, day.impressions),
        "new_viewers": day.viewers,
    }


def _as_page_views(page: PageViews) -> dict[str, Any]:
    """An empty page stands for all whose address is not kept."""
    return {
        "page": page.page,
        "impressions": page.impressions,
        "disclosed_share": share(page.disclosed, page.impressions),
        "hidden_by": page.hidden_by,
    }


def _as_page(row: HiddenBadge) -> dict[str, Any]:
    """An empty page stands for all whose address is not kept; empty words, for a widget that did not tell."""
    return {
        "page": row.page,
        "hidden_by": row.hidden_by,
        "views": row.views,
        "last_seen": day_name(row.last_day),
    }
