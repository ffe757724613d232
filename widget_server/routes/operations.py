"""For operators: alive, ready, and the figures that a monitoring system reads."""

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from widget_server import storage
from widget_server.routes.current import now, server, settings
from widget_server.routes.limits import counted_by, limiter
from widget_server.rules.publishing import Publication
from widget_server.rules.viewers import month_of
from widget_server.storage import months, publications, queue, room, sites

blueprint = Blueprint("operations", __name__)


def begin() -> None:
    """A database connection for every request but those that must answer without one."""
    if request.endpoint not in ("operations.alive", "operations.ready"):
        storage.begin()


@blueprint.get("/healthz")
def alive() -> tuple[Response, int]:
    """Alive: the process answers and its writer runs."""
    fine = server().writer.alive
    return jsonify(status="ok" if fine else "the writer has stopped"), 200 if fine else 503


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Ready: the database answers. One without room is told, yet readers' labels need no more than reading.

    `limits`: whether all nodes count them together or each process for itself.
    """
    database = "unreachable" if not storage.reachable() else "ok" if room.found() else "no room"
    cache = "none" if settings().redis_url is None else "ok" if limiter.storage.check() else "unreachable"
    told = jsonify(database=database, cache=cache, limits=counted_by())
    return told, 503 if database == "unreachable" else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    registry = CollectorRegistry()
    waiting = Gauge("widget_cases_waiting", "Cases that wait for a moderator", registry=registry)
    waiting.set(queue.waiting())
    by_urgency = Gauge(
        "widget_cases_waiting_by_urgency",
        "Cases that wait for a moderator, urgent or not",
        ["urgent"],
        registry=registry,
    )
    late = Gauge("widget_cases_late", "Waiting cases whose clock has run out", ["urgent"], registry=registry)
    for urgent, (waits, is_late) in queue.urgency(at=now()).items():
        by_urgency.labels("yes" if urgent else "no").set(waits)
        late.labels("yes" if urgent else "no").set(is_late)
    held = Gauge("widget_publications_held", "Texts that wait for a review", registry=registry)
    held.set(publications.count(Publication.HELD))
    people = Gauge("widget_unique_viewers", "Unique viewers this month", ["site"], registry=registry)
    impressions = Gauge("widget_impressions", "Impressions this month", ["site"], registry=registry)
    disclosed = Gauge(
        "widget_impressions_disclosed", "Impressions this month with a visible badge", ["site"], registry=registry
    )
    for site in sites.every():
        usage = months.usage(site.id, month_of(now()))
        people.labels(site.key).set(usage.viewers)
        impressions.labels(site.key).set(usage.impressions)
        disclosed.labels(site.key).set(usage.disclosed)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
