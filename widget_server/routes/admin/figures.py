"""The desk's figures: how much comes, how much is decided, and how long readers wait."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, render_template, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from widget_server.rendering import files
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.exports import taken
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import sites_allowed
from widget_server.routes.streams import csv_file
from widget_server.rules import clocks
from widget_server.rules import figures as rules
from widget_server.rules.harms import HARMS
from widget_server.storage import figures, sites
from widget_server.storage.figures import Figures, Wait
from widget_server.storage.tables import Site

SHOWN_MODELS = 12


class FiguresSchema(Schema):
    """Which period, and which site."""

    class Meta:
        unknown = EXCLUDE

    days = fields.Integer(
        load_default=30,
        validate=validate.OneOf(rules.PERIODS, error=f"Choose one of {', '.join(map(str, rules.PERIODS))}."),
    )
    site = fields.String(load_default="")


_schema = FiguresSchema()


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever is signed in wants to see, of what they may see (`choice`). `within`: the sites; None: all."""

    days: int
    site: str
    choice: list[Site]
    within: list[int] | None
    at: datetime


@blueprint.get("/figures")
def show_figures() -> str:
    asked = _asked()
    found = figures.of(since=rules.since(asked.days, at=asked.at), sites=asked.within)
    waiting, late = figures.waiting(at=asked.at, sites=asked.within)
    return render_template(
        "admin/figures.html",
        asked=asked,
        periods=rules.PERIODS,
        figures=found,
        bars=rules.bars(found.by_day, days=asked.days, at=asked.at),
        by_category=_most(found.by_category),
        by_clause=_most(rules.by_clause(found.by_category)),
        by_model=_most(found.by_model)[:SHOWN_MODELS],
        other_models=_most(found.by_model)[SHOWN_MODELS:],
        waiting=waiting,
        late=late,
        told=clocks.words,
        harms=HARMS,
        words=files.words(files.FALLBACK),
    )


@blueprint.get("/figures.csv")
def download_figures() -> Response:
    asked = _asked()
    taken("figures.csv", [site for site in asked.choice if asked.site in ("", site.key)], days=asked.days)
    found = figures.of(since=rules.since(asked.days, at=asked.at), sites=asked.within)
    rows = [*_rows(found), *_now(*figures.waiting(at=asked.at, sites=asked.within))]
    columns = ("figure", "of", "number")
    return csv_file(f"figures-{asked.days}-days", columns, (dict(zip(columns, row, strict=True)) for row in rows))


def _asked() -> Asked:
    try:
        given = _schema.load(request.args.to_dict())
    except ValidationError as error:
        field, messages = next(iter(error.normalized_messages().items()))
        raise Problem(400, f"“{field}” is not understood: {' '.join(map(str, messages))}") from None
    allowed = sites_allowed()
    choice = [site for site in sites.every() if allowed is None or site.id in allowed]
    if given["site"]:
        allowed = [site.id for site in choice if site.key == given["site"]]
        if not allowed:
            raise Problem(404, "There is no site with this key.")
    return Asked(given["days"], given["site"], choice, allowed, now())


def _most(counted: dict[str, rules.Two]) -> list[tuple[str, rules.Two]]:
    """The most reported and decided first."""
    return sorted(counted.items(), key=lambda pair: (-sum(pair[1]), pair[0]))


def _rows(found: Figures) -> Iterator[tuple[str, str, str]]:
    """One number a row; times in seconds."""
    days = {rules.day(number).isoformat(): two for number, two in sorted(found.by_day.items())}
    groups: dict[str, dict[Any, rules.Two]] = {
        "day": days,
        "category": found.by_category,
        "clause": rules.by_clause(found.by_category),
        "model": found.by_model,
    }
    for group, counted in groups.items():
        for key, two in counted.items():
            for what, number in zip(("reports", "decisions"), two, strict=True):
                yield f"{what} by {group}", key, str(number)
    for what, wait in (("first view", found.first_view), ("decision", found.decision), ("appeal", found.appeal)):
        yield from _seconds(what, wait)
    yield "decisions with a clock", "", str(found.clocked)
    yield "decisions in time", "", str(found.in_time)
    yield "appeals decided", "", str(found.appeals)
    yield "appeals that changed the outcome", "", str(found.reversed)


def _seconds(what: str, wait: Wait) -> Iterator[tuple[str, str, str]]:
    name = f"seconds to {what}"
    yield name, "counted", str(wait.count)
    for kind, took in (("median", wait.median), ("p90", wait.p90)):
        if took is not None:
            yield name, kind, f"{took.total_seconds():.0f}"


def _now(waiting: int, late: int) -> Iterator[tuple[str, str, str]]:
    yield "cases that wait now", "", str(waiting)
    yield "cases that are late now", "", str(late)
