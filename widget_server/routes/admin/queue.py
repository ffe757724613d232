"""The queue of cases: what waits, what was decided, and whose turn it is."""

from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import redirect, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.clocks import clock_of
from widget_server.routes.admin.other_sites import offered_after
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator, sites_allowed
from widget_server.rules import moderation, wellness
from widget_server.rules.harms import HARMS
from widget_server.rules.moderation import Queue, State
from widget_server.storage import bursts, cases, claims, queue, searching, sites
from widget_server.storage import wellness as kept_wellness
from widget_server.storage.queue import Wanted
from widget_server.storage.tables import Site

SHOWN = (Queue.WAITING, Queue.DECIDED, Queue.LAPSED)
CLAUSES = tuple(dict.fromkeys(harm.clause for harm in HARMS.values()))


class QueueSchema(Schema):
    """Which cases. `after`: place and number of the last case of the page before."""

    class Meta:
        unknown = EXCLUDE

    site = fields.String(load_default="")
    category = fields.String(load_default="", validate=validate.OneOf(["", *HARMS]))
    clause = fields.String(load_default="", validate=validate.OneOf(["", *CLAUSES]))
    state = fields.String(load_default="", validate=validate.OneOf(["", *State]))
    model = fields.String(load_default="", validate=validate.Length(max=200))
    lang = fields.String(load_default="", validate=validate.Regexp(r"\A[A-Za-z-]{0,16}\Z"))
    claimed = fields.String(load_default="", validate=validate.OneOf(["", "me", "others", "nobody"]))
    confirmed = fields.String(load_default="", validate=validate.OneOf(["", "yes"]))
    since = fields.String(load_default="", validate=validate.Regexp(r"\A(\d{4}-\d\d-\d\d)?\Z"))
    until = fields.String(load_default="", validate=validate.Regexp(r"\A(\d{4}-\d\d-\d\d)?\Z"))
    late = fields.String(load_default="", validate=validate.OneOf(["", "1"]))
    urgent = fields.String(load_default="", validate=validate.OneOf(["", "1"]))
    search = fields.String(load_default="", validate=validate.Length(max=200))
    after = fields.String(load_default="", validate=validate.Regexp(r"\A(-?[0-9]{1,18}_[0-9]{1,9})?\Z"))

    @post_load
    def make(self, wanted: dict[str, Any], **_: Any) -> dict[str, Any]:
        for day in ("since", "until"):
            try:
                datetime.fromisoformat(wanted[day] or "2026-01-01")
            except ValueError:
                raise ValidationError("Must be a day such as 2026-11-23.", day) from None
        return wanted


_schema = QueueSchema()


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for("admin.list_cases"))


@blueprint.get("/reports")
def list_cases() -> str:
    asked = asked_for()
    every = sites.known(sites_allowed())
    wanted = wanted_of(asked, every)
    me, at = moderator().id, now()
    rows = queue.page(wanted, after=_cursor(asked["after"]), moderator=me, at=at)
    page = rows[: queue.PAGE]
    wishes = wellness.wishes(moderator().wishes)
    filters = {name: value for name, value in asked.items() if value and name != "after"}
    return render_template(
        "admin/queue.html",
        cases=page,
        categories={case.id: cases.named(case) for case in page},
        bursts=bursts.of(page),
        counts=queue.counts(wanted, moderator=me, at=at),
        most_counted=queue.MOST_COUNTED,
        searched=_searched(asked["search"]),
        asked=asked,
        filters=filters,
        narrowed=wanted.narrowed,
        query=urlencode(filters),
        saved=queue.saved_filters(me),
        sites=every,
        offers=offered_after(request.args.get("decided", "")),
        clauses=CLAUSES,
        languages=files.languages(),
        masked=lambda case: wellness.masked(case.category, wishes.mask, urgent=case.card_urgent),
        mine=lambda case: case.claimed_by_id == me and case.claimed_until > at,
        held=lambda case: moderation.held(by=case.claimed_by_id, until=case.claimed_until, moderator=me, at=at),
        clock_of=clock_of,
        next=f"{page[-1].place}_{page[-1].id}" if len(rows) > len(page) else None,
        harms=HARMS,
        words=files.words(files.FALLBACK),
    )


@blueprint.post("/reports/next")
def take_next() -> Response | str:
    """Hand out the most urgent, oldest case; or, if much harm was seen today, a pause first."""
    me, at = moderator(), now()
    wishes = wellness.wishes(me.wishes)
    tired = wellness.pause_due(kept_wellness.texts_today(me.id, at=at), wishes.pause_after)
    if tired and "go_on" not in request.form:
        return render_template("admin/pause.html", texts=kept_wellness.texts_today(me.id, at=at))
    return hand_out(resume=True)


@blueprint.post("/filters")
def keep_filter() -> Response:
    name = request.form.get("name", "").strip()[:80]
    query = urlencode([pair for pair in parse_qsl(request.form.get("query", "")[:2000]) if pair[0] != "after"])
    if not name:
        raise Problem(422, "Give the filter a name, then keep it.")
    queue.save_filter(moderator().id, name, query)
    return redirect(url_for("admin.list_cases") + f"?{query}")


@blueprint.post("/filters/<int:number>/forget")
def forget_filter(number: int) -> Response:
    queue.forget_filter(moderator().id, number)
    return redirect(url_for("admin.list_cases"))


def hand_out(
    *,
    after: tuple[int, int] | None = None,
    resume: bool = False,
    decided: int | None = None,
    came: int | None = None,
) -> Response:
    """To the next case, now this moderator's, or to the queue if none waits. `resume`: the one they hold goes first.

    `decided`: the case that they have just decided; `came`: how many reports that they had not seen are answered, too.
    """
    me = moderator()
    case = claims.next_for(
        me.id, without=wellness.wishes(me.wishes).not_me, sites=sites_allowed(), at=now(), after=after, resume=resume
    )
    if case is None:
        return redirect(url_for("admin.list_cases", done="", decided=decided, came=came), 303)
    return redirect(url_for("admin.show_case", number=case.id, decided=decided, came=came), 303)


def asked_for(form: dict[str, str] | None = None) -> dict[str, Any]:
    """The filters of the address (or of a form), and the list in which they look."""
    given = request.args.to_dict() if form is None else form
    shown = given.get("show", Queue.WAITING)
    if shown not in SHOWN:
        raise Problem(404, "There is no such list. Choose waiting, decided or lapsed.")
    try:
        return {"show": shown, **_schema.load(given)}
    except ValidationError as error:
        field, messages = next(iter(error.normalized_messages().items()))
        raise Problem(400, f"“{field}” is not understood: {' '.join(map(str, messages))}") from None


def _searched(words: str) -> str:
    """Among what a search looks."""
    if searching.is_read(words):
        millions = searching.MOST_CHARACTERS // 1_000_000
        return f"In the texts of the newest {searching.MOST_READ:,} cases, up to {millions} million characters."
    return f"Among the newest {searching.MOST_FOUND:,} cases with these words." if words else ""


def wanted_of(asked: dict[str, Any], every: list[Site]) -> Wanted:
    """What is asked for, within the sites that the moderator may see."""
    allowed = sites_allowed()
    if asked["site"]:
        named = [site.id for site in every if site.key == asked["site"]]
        allowed = [number for number in named if allowed is None or number in allowed]
    within = None if allowed is None else tuple(allowed)
    codes = tuple(code for code, harm in HARMS.items() if harm.clause == asked["clause"]) if asked["clause"] else ()
    if asked["category"]:
        codes = (asked["category"],) if not codes or asked["category"] in codes else ("",)
    return Wanted(
        queue=Queue(asked["show"]),
        sites=within,
        categories=codes,
        state=asked["state"],
        model=asked["model"],
        lang=asked["lang"],
        claimed=asked["claimed"],
        confirmed=bool(asked["confirmed"]),
        since=_day(asked["since"]),
        until=_day(asked["until"]),
        late=bool(asked["late"]),
        urgent=bool(asked["urgent"]),
        among=searching.having(asked["search"], sites=within) if asked["search"] else None,
    )


def _day(value: str) -> datetime | None:
    return datetime.combine(datetime.fromisoformat(value), time(), UTC) if value else None


def _cursor(value: str) -> tuple[int, int] | None:
    if not value:
        return None
    place, number = value.split("_")
    return int(place), int(number)
