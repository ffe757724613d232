"""What the owner's own programs read: usage, clauses and decisions."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate

from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, secret_site
from widget_server.routes.bodies import checked
from widget_server.routes.current import now
from widget_server.routes.limits import limiter
from widget_server.routes.streams import csv_file, jsonl_file
from widget_server.rules import guideline, statements
from widget_server.rules.viewers import day_name, month_name, month_of, threshold_state
from widget_server.storage import evidence, exports, hidden, policies, viewers
from widget_server.storage.exports import Period
from widget_server.storage.tables import HiddenBadge

MOST_PAGES = 100


class UsageSchema(Schema):
    """Which month."""

    month = fields.String(
        load_default=None,
        validate=validate.Regexp(r"\A\d{4}-(0[1-9]|1[0-2])\Z", error="Must be a month such as 2026-11."),
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
    found = viewers.usage(site.id, int(wanted.replace("-", "")) if wanted else month_of(now()))
    asked = policies.of(site).limits
    return answer(
        {
            "month": month_name(found.month),
            "unique_viewers": found.viewers,
            "impressions": found.impressions,
            "disclosed_share": round(found.disclosed / found.impressions, 4) if found.impressions else None,
            "threshold": asked.viewers_unreported,
            "threshold_state": threshold_state(found.viewers, limits=asked),
            "report": "on",
            "undisclosed_pages": [_as_page(row) for row in hidden.of(site.id, found.month, most=MOST_PAGES)],
        }
    )


@blueprint.get("/compliance")
@limiter.limit(limits.render)
def show_compliance() -> Response:
    site = secret_site()
    clauses = guideline.assess(policies.of(site), evidence.of(site, at=now()))
    return answer(
        {
            "site": site.key,
            "at": now().isoformat(timespec="seconds"),
            "clauses": [
                {"clause": clause.number, **{k: v for k, v in asdict(clause).items() if k != "number"}}
                for clause in clauses
            ],
        }
    )


@blueprint.get("/decisions.<any(csv, jsonl):kind>")
@limiter.limit(limits.render)
def export_decisions(kind: str) -> Response:
    site = secret_site()
    wanted = checked(_decisions, request.args.to_dict())
    rows = exports.decisions(Period([site.id], wanted["since"], wanted["until"]))
    return csv_file("decisions", statements.FIELDS, rows) if kind == "csv" else jsonl_file("decisions", rows)


@blueprint.get("/evaluation.jsonl")
@limiter.limit(limits.render)
def export_evaluation() -> Response:
    site = secret_site()
    wanted = checked(_decisions, request.args.to_dict())
    return jsonl_file("evaluation", exports.evaluation(Period([site.id], wanted["since"], wanted["until"])))


def _as_page(row: HiddenBadge) -> dict[str, Any]:
    """An empty page stands for all whose address is not kept; empty words, for a widget that did not tell."""
    return {
        "page": row.page,
        "hidden_by": row.hidden_by,
        "views": row.views,
        "last_seen": day_name(row.last_day),
    }
