"""Deciding many cases alike: first how many and which, then all at once, and back again."""

from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.case import decision_schema, verdict_of
from widget_server.routes.admin.other_sites import offered_of_batch
from widget_server.routes.admin.queue import asked_for, wanted_of
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator, sites_allowed
from widget_server.rules.harms import HARMS
from widget_server.rules.moderation import Decision, Queue
from widget_server.storage import bulk, cases, queue, reasons, sites
from widget_server.storage.tables import Case

SHOWN = 10
DECISIONS = [Decision.DISMISS, Decision.WITHDRAW, Decision.FIX]


@blueprint.get("/reports/all")
def show_many() -> str:
    """A dry run: what would be decided."""
    return _page(request.args.to_dict())


@blueprint.post("/reports/all")
def decide_many() -> Response | str | tuple[str, int]:
    typed = request.form.to_dict()
    numbers = _numbers(typed)
    try:
        form = decision_schema.load(typed)
        if form["decision"] not in DECISIONS:
            raise ValidationError("Choose one of these.", "decision")
    except ValidationError as error:
        return _page(typed, errors=error.normalized_messages()), 422
    if typed.get("expected") != str(len(numbers)):
        again = "The list changed meanwhile: look at how many it is now, then decide."
        return _page(typed, errors={"decision": [again]}), 409
    done = bulk.decide(numbers, verdict_of({**form, "colleague": ""}), moderator=moderator().id, at=now())
    return redirect(url_for("admin.show_batch", batch=done.batch, left=done.left), 303)


@blueprint.get("/batches/<batch>")
def show_batch(batch: str) -> str:
    return render_template(
        "admin/batch.html",
        batch=batch,
        size=bulk.size(batch[:32], sites=sites_allowed()),
        offers=offered_of_batch(batch[:32]),
        left=_left(),
    )


@blueprint.post("/batches/<batch>/undo")
def undo_many(batch: str) -> Response:
    done = bulk.undo(batch[:32], moderator=moderator().id, sites=sites_allowed(), at=now())
    return redirect(url_for("admin.show_batch", batch=batch, left=done.left, undone=done.decided), 303)


def _numbers(given: dict[str, str]) -> list[int]:
    """The waiting cases that the filters ask for; of a form, only those that were there when it was shown."""
    asked = asked_for({**given, "show": Queue.WAITING})
    wanted = wanted_of(asked, sites.every())
    if not wanted.narrowed:
        raise Problem(400, "Choose filters first: all cases at once are never decided alike.")
    newest = given.get("newest", "")
    if newest and not (newest.isascii() and newest.isdigit() and len(newest) < 10):
        raise Problem(400, "“newest” must be the number of a case.")
    found = queue.numbers(wanted, moderator=moderator().id, at=now(), most=bulk.MOST)
    return [number for number in found if not newest or number <= int(newest)]


def _page(given: dict[str, str], *, errors: dict[str, list[str]] | None = None) -> str:
    numbers = _numbers(given)
    asked = asked_for({**given, "show": Queue.WAITING})
    few = [case for number in numbers[:SHOWN] if (case := cases.find(number))]
    return render_template(
        "admin/bulk.html",
        numbers=numbers,
        most=bulk.MOST,
        cases=few,
        filters={name: value for name, value in asked.items() if value and name not in ("after", "show")},
        decisions=DECISIONS,
        usual=reasons.by_decision(),
        category=_common(few),
        harms=HARMS,
        errors=errors or {},
        form=request.form,
        words=files.words(files.FALLBACK),
    )


def _common(few: list[Case]) -> str:
    named: list[Any] = [case.category for case in few]
    return max(named, key=named.count, default="other")


def _left() -> int:
    left = request.args.get("left", "0")
    return int(left) if left.isascii() and left.isdigit() and len(left) < 10 else 0
