"""A case: the evidence, what was said about it, and the decision."""

from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes import paging
from widget_server.routes.admin import NO_CASE, blueprint
from widget_server.routes.admin.clocks import clock_of
from widget_server.routes.admin.decision import corrected, decision_schema, verdict_of
from widget_server.routes.admin.other_sites import offered, offered_after
from widget_server.routes.admin.preview import corrected_with, preview_of
from widget_server.routes.admin.prompts import prompt_of
from widget_server.routes.admin.queue import hand_out
from widget_server.routes.admin.screened import hint_on
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import admitted, from_another_website, may, moderator, sites_allowed
from widget_server.rules import bursts, marking, moderation, wellness
from widget_server.rules.access import READ
from widget_server.rules.harms import HARMS, URGENT, gravest
from widget_server.rules.moderation import Decision, NotPossible, State
from widget_server.rules.purposes import TOLD_AT_ONCE
from widget_server.storage import (
    appeals,
    cards,
    cases,
    claims,
    counted,
    publications,
    reasons,
    related,
    reported,
    roles,
    rulings,
    wholes,
)
from widget_server.storage import bursts as kept_bursts
from widget_server.storage import wellness as kept_wellness
from widget_server.storage.tables import Case, Ruling

MOST_NOTE = 4_000
ASIDE = "aside"
"""What stands in an address in place of a category: the reports that are set aside."""


@blueprint.get("/reports/<int:number>")
def show_case(number: int) -> str:
    case = found(number)
    if may("decide", case.site_id) and request.method == "GET" and not from_another_website():
        cases.open_for_review(case, moderator=moderator().id, at=now())
    return _page(case)


@blueprint.post("/reports/<int:number>/decision")
def decide(number: int) -> Response | str | tuple[str, int]:
    typed = request.form.to_dict()
    try:
        form = decision_schema.load(typed)
    except ValidationError as error:
        return _page(found(number), errors=error.normalized_messages(), form=typed), 422
    if wrong := _wrong_colleague(number, form):
        return _page(found(number), errors=wrong, form=typed), 422
    if "preview" in typed:
        return _page(found(number), form=typed, preview=form)
    label = corrected(form, shown=found(number).label) if form["decision"] is Decision.RELABEL else None
    try:
        case = rulings.decide(
            number,
            verdict_of(form, label=label),
            version=form["version"],
            along=form["along"],
            moderator=moderator().id,
            sites=sites_allowed(),
            at=now(),
        )
    except LookupError:
        raise _refused(number) from None
    except rulings.Clash:
        return _clash(number, form), 409
    except NotPossible as refusal:
        return _page(found(number), errors={"decision": [str(refusal)]}, form=typed), 409
    came = _came(case, seen=form["reports"])
    if "go_on" in typed:
        return hand_out(decided=number if came or form["decision"] is Decision.WITHDRAW else None, came=came)
    return redirect(url_for("admin.list_cases", decided=number, came=came))


@blueprint.post("/reports/<int:number>/claim")
def claim(number: int) -> Response | tuple[str, int] | tuple[dict[str, str], int]:
    """Take the case, or hold it for longer: to the page's script with the lease's new end."""
    try:
        case = claims.claim(number, moderator=moderator().id, sites=sites_allowed(), at=now())
    except LookupError:
        raise _refused(number) from None
    except claims.Held:
        return _clash(number, {}), 409
    except NotPossible as refusal:
        raise Problem(409, str(refusal)) from None
    if request.accept_mimetypes.best == "application/json":
        return {"until": case.claimed_until.isoformat()}, 200
    return redirect(url_for("admin.show_case", number=number), 303)


@blueprint.post("/reports/<int:number>/take-over")
def take_over(number: int) -> Response:
    """An owner of the site takes a case that somebody else holds."""
    claims.take_over(found(number).id, moderator=moderator().id, at=now())
    return redirect(url_for("admin.show_case", number=number), 303)


@blueprint.post("/reports/<int:number>/release")
def release(number: int) -> Response:
    """Give the case back, and perhaps take the one after it."""
    case = found(number)
    claims.release(number, moderator=moderator().id)
    if "go_on" in request.form:
        return hand_out(after=(case.place, case.id))
    return redirect(url_for("admin.list_cases"), 303)


@blueprint.post("/reports/<int:number>/not-me")
def leave_to_others(number: int) -> Response:
    """This category is handed to others from now on, and with it this case."""
    case = found(number)
    kept_wellness.change(moderator(), lambda wishes: wellness.without(wishes, case.category))
    claims.leave_to_others(number, moderator=moderator().id, at=now())
    return hand_out()


@blueprint.post("/reports/<int:number>/undo")
def undo(number: int) -> Response | tuple[str, int]:
    try:
        rulings.undo(
            number, ruling=request.form.get("ruling", ""), moderator=moderator().id, sites=sites_allowed(), at=now()
        )
    except LookupError:
        raise _refused(number) from None
    except rulings.Clash:
        return _clash(number, {}, undo=True), 409
    except NotPossible as refusal:
        return _page(found(number), errors={"decision": [str(refusal)]}), 409
    return redirect(url_for("admin.show_case", number=number, undone=""), 303)


@blueprint.post("/reports/<int:number>/notes")
def write_note(number: int) -> Response | tuple[str, int]:
    case = found(number)
    text = request.form.get("text", "")
    if not text.strip() or len(text) > MOST_NOTE:
        wrong = f"Write something, up to {MOST_NOTE:,} characters."
        return _page(case, errors={"text": [wrong]}, form=request.form.to_dict()), 422
    cases.write_note(case, text, moderator=moderator().id, at=now())
    return redirect(url_for("admin.show_case", number=number) + "#notes", 303)


@blueprint.post("/reports/<int:number>/split")
def split(number: int) -> Response:
    found(number)
    return _regrouped(number, lambda: cards.split(number, moderator=moderator().id, at=now()))


@blueprint.post("/reports/<int:number>/merge")
def merge(number: int) -> Response:
    found(number)
    into = paging.number(request.form.get("into", ""))
    other = None if into is None else found(into)
    if other is None:
        raise Problem(422, "Name the number of the case to merge with.")
    return _regrouped(number, lambda: cards.merge(number, other.id, moderator=moderator().id, at=now()))


@blueprint.get("/reports/<int:number>/said/<category>")
def list_reports(number: int, category: str) -> str:
    """Every report of one category, or every one that is set aside."""
    if category not in (*HARMS, ASIDE):
        raise Problem(404, "There is no such category.")
    case = found(number)
    rows = reported.page(case, None if category == ASIDE else category, before=paging.before())
    listed = rows[: reported.PAGE]
    more = listed[-1].id if len(rows) > len(listed) else None
    return render_template("admin/said.html", case=case, category=category, reports=listed, next=more, **_words())


@blueprint.get("/reports/<int:number>/statement/<int:ruling>")
def show_statement(number: int, ruling: int) -> str:
    """A decision's statement of reasons (DSA Art. 17), to print."""
    case = found(number)
    one = next((each for each in rulings.of_case(case) if each.id == ruling and each.outcome), None)
    if one is None:
        raise Problem(404, "This case has no such decision.")
    return render_template(
        "admin/statement.html",
        case=case,
        ruling=one,
        harm=HARMS[one.category],
        same_person=appeals.same_person(case, one),
        another=roles.others_than([one.moderator_id], case.site_id).exists(),
        **_words(),
    )


def found(number: int) -> Case:
    """The case, if it is on a site that whoever is signed in may see, and where they may do what they ask for."""
    case = cases.find(number)
    return admitted(case, missing=NO_CASE, refused="You may look at the cases of this site, but not change them.")


def _came(case: Case, *, seen: int | None) -> int | None:
    """How many reports more than were on the page a decision has answered, if any."""
    more = 0 if seen is None or State(case.state) in moderation.WAITING else sum(cases.named(case).values()) - seen
    return more if more > 0 else None


def _refused(number: int) -> Problem:
    """Why a case that somebody asked for is not theirs to change."""
    found(number)
    return Problem(404, NO_CASE)


def _wrong_colleague(number: int, form: dict[str, Any]) -> dict[str, list[str]]:
    """Who is to decide must be one who may: what is wrong with the form, if they may not."""
    if not form["colleague"] or int(form["colleague"]) in [one.id for one in roles.deciders(found(number).site_id)]:
        return {}
    return {"colleague": ["This colleague does not decide on this site: choose another."]}


def _regrouped(number: int, change: Any) -> Response:
    try:
        change()
    except NotPossible as refusal:
        raise Problem(409, str(refusal)) from None
    return redirect(url_for("admin.show_case", number=number), 303)


def _clash(number: int, form: dict[str, Any], *, undo: bool = False) -> str:
    case = found(number)
    return render_template(
        "admin/clash.html",
        case=case,
        rulings=[one for one in rulings.of_case(case) if one.undone_at is None],
        held=_is_held(case),
        form=form,
        undo=undo,
        colleagues=roles.deciders(case.site_id),
        **_words(),
    )


def _is_held(case: Case) -> bool:
    return moderation.held(by=case.claimed_by_id, until=case.claimed_until, moderator=moderator().id, at=now())


def _page(
    case: Case,
    *,
    errors: dict[str, list[str]] | None = None,
    form: dict[str, str] | None = None,
    preview: dict[str, Any] | None = None,
) -> str:
    me, at = moderator(), now()
    wishes = wellness.wishes(me.wishes)
    hidden = wellness.masked(case.category, wishes.mask, urgent=case.card_urgent)
    said = reported.on(case)
    at_once = kept_bursts.of([case])[case.id] if said.of_bursts else []
    decided = rulings.of_case(case)
    open_to_me, beginning = appeals.is_open_to(case, me.id, decided=decided), cases.is_beginning(case)
    newest = sorted(said.reports, key=lambda one: one.received_at, reverse=True)
    beside = related.of(case, pages=[one.page for one in newest if one.page], sites=sites_allowed(READ))
    followers = [one for one in beside if one.why == "card"]
    relabelled = corrected_with(case, [one.case for one in followers])
    return render_template(
        "admin/case.html",
        case=case,
        corrected=relabelled,
        said=said,
        bursts=at_once,
        urgent_bursts=[burst.id for burst in at_once if any(HARMS[code].urgent for code in said.counts)],
        burst_undoable=lambda burst: bursts.undoable(burst.aside_at, at=at),
        open_to_me=open_to_me,
        against_me=me.id in counted.appealed_from(case),
        about_purpose=bool(said.counts.keys() & TOLD_AT_ONCE),
        beginning=beginning,
        awaits_text=wholes.awaits_text(case),
        passages=marking.marked(case.text, [report.quote for report in said.reports if report.quote]),
        category=_category(case, said.counts),
        rulings=decided,
        undoable=_undoable(case, decided, at=at),
        followers=followers,
        related=[one for one in beside if one.why != "card"],
        notes=cases.notes(case),
        colleagues=[person for person in roles.deciders(case.site_id) if person.id != me.id],
        decisions=_decisions(case, mine=open_to_me, beginning=beginning),
        usual=reasons.by_decision(),
        hidden=hidden,
        seen_today=kept_wellness.count(me.id, at=at) if hidden and request.method == "GET" else 0,
        wishes=wishes,
        offers=offered(case),
        hint=hint_on(case),
        offers_before=offered_after(request.args.get("decided", "")),
        mine=case.claimed_by_id == me.id and case.claimed_until and case.claimed_until > at,
        held=_is_held(case),
        clock=clock_of(case),
        prompt=prompt_of(case),
        published=publications.of_text(case.site_id, case.text_sha256) if may("show_publication", case.site_id) else [],
        harms=HARMS,
        errors=errors or {},
        form=form or {},
        preview=preview and preview_of(preview, case, said=said, corrected=relabelled),
        **_words(),
    )


def _decisions(case: Case, *, mine: bool, beginning: bool) -> list[Decision]:
    """What may be decided about a case: all that its state allows if it is theirs to decide, of a beginning only what
    changes no page.
    """
    return [
        one
        for one in moderation.decisions_in(State(case.state))
        if (mine or one is Decision.ESCALATE) and not (beginning and moderation.needs_whole(one))
    ]


def _category(case: Case, counts: dict[str, int]) -> str:
    """As what the form decides a case unless somebody says otherwise: by what waits, not by what was decided before."""
    waits = State(case.state) in moderation.WAITING
    return case.category if waits or not counts else gravest(counts)


def _undoable(case: Case, decided: list[Ruling], *, at: datetime) -> bool:
    """Whether whoever is signed in may take the last of these decisions that holds back."""
    last, me = next((one for one in reversed(decided) if one.undone_at is None), None), moderator().id
    if last is None or not rulings.revocable(case, last, at=at):
        return False
    return last.moderator_id == me or appeals.is_open_again_to(case, me, last, decided=decided)


def _words() -> dict[str, Any]:
    return {"words": files.words(files.FALLBACK), "urgent": set(URGENT)}
