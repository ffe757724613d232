"""Deciding many cases alike: first how many and which, then exactly those, all at once, and back again."""

from collections import Counter, defaultdict
from typing import Any, cast

from flask import redirect, render_template, request, url_for
from marshmallow import EXCLUDE, ValidationError, fields, validate
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes import paging
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.decision import LABEL, DecisionSchema, Seen, verdict_of
from widget_server.routes.admin.other_sites import offered_of_batch
from widget_server.routes.admin.queue import asked_for, wanted_of
from widget_server.routes.current import now
from widget_server.routes.errors import Problem, answer, problem
from widget_server.routes.sessions import moderator, sites_allowed
from widget_server.rules import wellness
from widget_server.rules.harms import HARMS
from widget_server.rules.moderation import Decision, Queue
from widget_server.storage import bulk, cases, counted, queue, reasons, sites

SHOWN = 10
DECISIONS = [Decision.DISMISS, Decision.WITHDRAW, Decision.FIX]


class DecideManySchema(DecisionSchema):
    """The decision form for many cases. Its `category` has another name: it is also one of the filters.

    `shown`: the cards that the page was about.
    """

    class Meta:
        unknown = EXCLUDE
        exclude = ("version", "reports", "colleague", *LABEL)

    decision = fields.Enum(Decision, by_value=True, required=True, validate=validate.OneOf(DECISIONS))
    category = fields.String(required=True, data_key="as_category", validate=validate.OneOf(list(HARMS)))
    shown = Seen(required=True, validate=validate.Length(min=1, max=bulk.MOST))


_schema = DecideManySchema()


@blueprint.get("/reports/all")
def show_many() -> str:
    """A dry run: what would be decided."""
    return _page(request.args.to_dict())


@blueprint.post("/reports/all")
def decide_many() -> Response | str | tuple[str, int]:
    typed = request.form.to_dict()
    try:
        form = _schema.load(typed)
    except ValidationError as error:
        return _page(typed, seen=error.valid_data, errors=error.normalized_messages()), 422
    done = bulk.decide(
        form["shown"],
        verdict_of({**form, "colleague": ""}),
        along=form["along"],
        moderator=moderator().id,
        sites=sites_allowed(),
        at=now(),
    )
    return redirect(url_for("admin.show_batch", batch=done.batch, left=done.left, changed=done.changed), 303)


@blueprint.get("/batches/<batch>")
def show_batch(batch: str) -> str:
    return render_template(
        "admin/batch.html",
        batch=batch,
        size=bulk.size(batch[:32], sites=sites_allowed()),
        offers=offered_of_batch(batch[:32]),
        left=_told("left"),
        changed=_told("changed"),
    )


@blueprint.post("/batches/<batch>/undo")
def undo_many(batch: str) -> Response:
    done = bulk.undo(batch[:32], moderator=moderator().id, sites=sites_allowed(), at=now())
    return redirect(url_for("admin.show_batch", batch=batch, left=done.left, undone=done.decided), 303)


@blueprint.errorhandler(bulk.Stopped)
def tell_stopped(stopped: bulk.Stopped) -> Response:
    """What is done stays done, and can be taken back in one go."""
    cause = problem(cast(Exception, stopped.__cause__), at=request.endpoint)
    done = "decisions are taken back" if request.endpoint == "admin.undo_many" else "cases are decided"
    told = f"{stopped.done:,} of {stopped.of:,} {done}. Then an error came in between: the others are as they were."
    onward = "What was decided", url_for("admin.show_batch", batch=stopped.batch)
    return answer(Problem(cause.status, told, retry_after=cause.retry_after, onward=onward))


def _page(given: dict[str, str], *, seen: Any = None, errors: dict[str, list[str]] | None = None) -> str:
    """`seen`: what the form was about that is shown once more."""
    asked = asked_for({**given, "show": Queue.WAITING})
    wanted = wanted_of(asked, sites.every())
    if not wanted.narrowed:
        raise Problem(400, "Choose filters first: all cases at once are never decided alike.")
    me, seen = moderator(), seen or {}
    numbers = seen.get("shown") or queue.numbers(wanted, moderator=me.id, at=now(), most=bulk.MOST)
    cards = bulk.cards(numbers, sites=sites_allowed())
    along = bulk.cards(seen["along"], sites=sites_allowed()) if seen.get("along") else bulk.on_cards(cards)
    on_card = defaultdict(list)
    for one in along:
        on_card[one.leader_id].append(one)
    reported = Counter(case.category for case in [*cards, *along])
    hides = wellness.wishes(me.wishes).mask
    return render_template(
        "admin/bulk.html",
        cards=cards,
        along=along,
        on_card=on_card,
        beside=bulk.read(one.id for card in cards[:SHOWN] for one in on_card[card.id][:SHOWN]),
        most=bulk.MOST,
        few=SHOWN,
        cases=[case for card in cards[:SHOWN] if (case := cases.find(card.id))],
        named=cases.named,
        corrected={one.id: one for one in counted.corrected(case.id for case in [*cards, *along])},
        masked=lambda case: wellness.masked(case.category, hides, urgent=case.card_urgent),
        reported=reported,
        filters={name: value for name, value in asked.items() if value and name not in ("after", "show")},
        decisions=DECISIONS,
        usual=reasons.by_decision(),
        category=max(reported, key=lambda code: reported[code], default="other"),
        harms=HARMS,
        errors=errors or {},
        form=request.form,
        words=files.words(files.FALLBACK),
    )


def _told(name: str) -> int:
    """A number in the address, as the redirect that leads here puts it there."""
    return paging.number(request.args.get(name, "")) or 0
