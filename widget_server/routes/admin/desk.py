"""The queue of cases, a case, and its decision."""

from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes.admin import blueprint
from widget_server.routes.api.fields import visible
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator
from widget_server.rules import marking, moderation
from widget_server.rules.harms import HARMS, LIMITS
from widget_server.rules.moderation import Decision, Label, NotPossible, State
from widget_server.storage import cases, log, reports, sites
from widget_server.storage.tables import Case, Report

VIEWS = {
    "waiting": moderation.WAITING,
    "decided": (State.DISMISSED, State.WITHDRAWN, State.RELABELLED),
    "lapsed": (State.LAPSED,),
}
MESSAGES = {
    Decision.DISMISS: "We looked at this text and found that it does not break the guideline. It stays as it is.",
    Decision.WITHDRAW: "You were right: this text breaks the guideline. It was withdrawn from every page.",
    Decision.RELABEL: "You were right: the label of this text was not correct. We corrected it.",
    Decision.ESCALATE: "",
}


class DecisionSchema(Schema):
    """The decision form. A reporter is never left without a message, but while a colleague still looks."""

    decision = fields.Enum(Decision, by_value=True, required=True)
    version = fields.Integer(required=True)
    category = fields.String(required=True, validate=validate.OneOf(list(HARMS)))
    ground = fields.String(load_default="guideline", validate=validate.OneOf(["guideline", "law"]))
    message = fields.String(load_default="", validate=validate.Length(max=LIMITS["comment"]))
    model = fields.String(load_default="", validate=validate.Length(max=200))
    provider = fields.String(load_default="", validate=validate.Length(max=200))
    review = fields.String(load_default="none", validate=validate.OneOf(["none", "human"]))

    @validates_schema(skip_on_field_errors=True)
    def check_message(self, form: dict[str, Any], **_: Any) -> None:
        if form["decision"] is not Decision.ESCALATE:
            try:
                visible(form["message"])
            except ValidationError:
                raise ValidationError("Write what the reporters are told.", "message") from None


_schema = DecisionSchema()


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for("admin.queue"))


@blueprint.get("/reports")
def queue() -> str:
    shown = request.args.get("show", "waiting")
    if shown not in VIEWS:
        raise Problem(404, "There is no such list. Choose waiting, decided or lapsed.")
    after = cases.find(_number(request.args["after"])) if "after" in request.args else None
    search = request.args.get("search", "").replace("\x00", "")[:200]
    rows = cases.page(VIEWS[shown], site=request.args.get("site"), search=search, after=after)
    page = rows[: cases.PAGE]
    return render_template(
        "admin/queue.html",
        cases=page,
        categories=cases.categories(page),
        counts={name: cases.count(states) for name, states in VIEWS.items()},
        shown=shown,
        search=search,
        sites=sites.every(),
        site=request.args.get("site", ""),
        next=page[-1].id if len(rows) > len(page) else None,
        **_words(),
    )


@blueprint.get("/reports/<int:number>")
def show_case(number: int) -> str:
    case = _case(number)
    cases.open_for_review(case, moderator=moderator().id, at=now())
    return _page(case)


@blueprint.post("/reports/<int:number>/decision")
def decide(number: int) -> Response | tuple[str, int]:
    case = _case(number)
    try:
        form = _schema.load(request.form.to_dict(), unknown="exclude")
    except ValidationError as error:
        return _page(case, errors=error.normalized_messages(), form=request.form.to_dict()), 422
    relabel = form["decision"] is Decision.RELABEL
    try:
        cases.decide(
            number,
            form["decision"],
            version=form["version"],
            category=form["category"],
            ground=form["ground"],
            label=Label(model=form["model"], provider=form["provider"], review=form["review"]) if relabel else None,
            message=form["message"],
            moderator=moderator().id,
            at=now(),
        )
    except cases.Clash:
        return render_template(
            "admin/clash.html", case=_case(number), rulings=cases.rulings(case), form=form, **_words()
        ), 409
    except NotPossible as refusal:
        return _page(_case(number), errors={"decision": [str(refusal)]}, form=request.form.to_dict()), 409
    return redirect(url_for("admin.queue", decided=number))


def _number(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise Problem(400, "“after” must be the number of a case.")
    return int(value)


def _case(number: int) -> Case:
    case = cases.find(number) if number < 2**31 else None
    if case is None:
        raise Problem(404, "There is no case with this number.")
    return case


def _page(case: Case, *, errors: dict[str, list[str]] | None = None, form: dict[str, str] | None = None) -> str:
    found = reports.of_case(case)
    return render_template(
        "admin/case.html",
        case=case,
        reports=found,
        passages=marking.marked(case.text, [report.quote for report in found if report.quote]),
        category=_most_named(found),
        rulings=cases.rulings(case),
        elsewhere=list(cases.earlier(case)),
        history=log.of(f"case {case.id}"),
        decisions=moderation.decisions_in(State(case.state)),
        messages=MESSAGES,
        harms=HARMS,
        errors=errors or {},
        form=form or {},
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "words": files.words(files.FALLBACK),
        "urgent": {code for code, harm in HARMS.items() if harm.urgent},
    }


def _most_named(found: list[Report]) -> str:
    named = [report.category for report in found]
    return max(named, key=named.count) if named else "other"
