"""Reports: a reader says that a text does harm, and learns what became of it."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from flask import Response, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from widget_server.rendering import tokens
from widget_server.routes import challenges, limits
from widget_server.routes.api import answer, blueprint, public_site, signed
from widget_server.routes.api.fields import (
    SHA256,
    PageAddress,
    QuoteSchema,
    StrictBoolean,
    bounded,
    email_or_nothing,
    visible,
)
from widget_server.routes.bodies import load
from widget_server.routes.current import address, now, settings, status_url
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.rules.harms import HARMS, LIMITS
from widget_server.rules.marking import Disclosure, is_whole, may_be_beginning, short, text_sha256, tidy, trimmed
from widget_server.storage import arrivals, confirmations, reports, sites, sources, withdrawals
from widget_server.storage.arrivals import Notice, Otherwise
from widget_server.storage.reports import Status
from widget_server.storage.tables import Report, Site

OTHERWISE = "Was used for a report with another category, text, quote or comment. Make a new one for this report."


class ReportSchema(Schema):
    """A report. `id` is a UUID that its sender makes by chance (version 4): the same one twice is one report, and who
    knows it gets the receipt, also of one that was taken back since. Another category, text, quote or comment under an
    id that is known: 409.
    """

    site = bounded(64, required=True)
    id = fields.UUID(required=True)
    category = fields.String(required=True, validate=validate.OneOf(list(HARMS)))
    text = fields.String(required=True, validate=[validate.Length(max=LIMITS["text"]), visible])
    content = bounded(tokens.LONGEST, allow_none=True)
    quote = fields.Nested(QuoteSchema, load_default=None, allow_none=True)
    comment = bounded(LIMITS["comment"])
    email = fields.String(load_default="", validate=[validate.Length(max=LIMITS["email"]), email_or_nothing])
    page = PageAddress(required=True)
    good_faith = StrictBoolean(load_default=False)
    lang = fields.String(
        load_default="",
        validate=validate.Regexp(
            r"\A([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?\Z", error="Must be a language such as pt-BR."
        ),
        metadata={"description": "The text's language, as the page says it."},
    )
    text_sha256 = fields.String(
        load_default="",
        validate=SHA256,
        metadata={
            "description": "The digest of the whole text, as views have it, where `text` is only the beginning of one "
            "that is longer than a report may be: the report is then about the whole. Else left out."
        },
    )
    work = bounded(
        2_000,
        metadata={
            "description": "The solution of the challenge that a 429 gave, as ALTCHA’s solvers write it (base64). "
            "Good for this id, five minutes long."
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def check_email(self, report: dict[str, Any], **_: Any) -> None:
        if report["email"] and not HARMS[report["category"]].identity:
            raise ValidationError(
                "Not accepted with this category: such reports stay anonymous. Leave it out.", "email"
            )


class FormSchema(ReportSchema):
    """A report by the form that needs no script. A signed link tells which text it is; else the text is copied in."""

    class Meta:
        unknown = EXCLUDE

    text = bounded(LIMITS["text"])
    good_faith = fields.Boolean(load_default=False)  # type: ignore[assignment]


class AppealSchema(Schema):
    """Why the reporter disagrees."""

    comment = fields.String(required=True, validate=[validate.Length(max=LIMITS["comment"]), visible])


schema = ReportSchema()
form_schema = FormSchema()
appeal_schema = AppealSchema()


@blueprint.post("/reports")
@limiter.limit(limits.reports)
def add_report() -> Response:
    report = load(schema, plain=True)
    site = public_site(report["site"]).site
    challenges.demand(site, report, source=_source(site))
    receipt, new = keep(site, report)
    return answer({"receipt": receipt, "status_url": status_url(receipt)}, 201 if new else 200)


@blueprint.get("/reports/<receipt>")
@limiter.limit("120/minute")
def show_report(receipt: str) -> Response:
    return answer(as_json(reports.status(found(receipt))))


@blueprint.post("/reports/<receipt>/appeal")
@limiter.limit(limits.reports)
def appeal_report(receipt: str) -> Response:
    comment = load(appeal_schema, plain=True)["comment"]
    if not reports.appeal(found(receipt), comment, at=now()):
        raise Problem(409, "There is nothing to appeal against: the report is not decided yet, or was appealed before.")
    return answer(as_json(reports.status(found(receipt))))


@blueprint.delete("/reports/<receipt>")
@limiter.limit(limits.reports)
def take_back_report(receipt: str) -> Response:
    withdrawals.take_back(found(receipt), at=now())
    return Response(status=204)


@blueprint.delete("/reports/<receipt>/email")
@limiter.limit(limits.reports)
def forget_address(receipt: str) -> Response:
    confirmations.forget_address(found(receipt), at=now())
    return Response(status=204)


def keep(site: Site, report: dict[str, Any], *, unproved: bool = False) -> tuple[str, bool]:
    """Store what a ReportSchema promised. Returns the receipt, and whether the report is new. Raises Problem.

    `unproved`: it came past the proof of work, while the site was flooded.
    """
    notice = replace(_notice(site, report), source=_source(site), unproved=unproved)
    confirming = limits.confirming(notice.email) if notice.email and not unproved else nullcontext(False)
    try:
        return arrivals.add(
            site, notice, confirming=confirming, storing=limits.store, server_secrets=settings().secrets, at=now()
        )
    except Otherwise:
        raise Problem(
            409,
            "Another report was sent under this id. It is kept as it was; this one is not.",
            errors={"id": [OTHERWISE]},
        ) from None


def _source(site: Site) -> int:
    """From where this request comes, as a number of today."""
    return sources.identify(
        site.id,
        address=address(),
        user_agent=request.user_agent.string,
        at=now(),
    )


def found(receipt: str) -> Report:
    report = reports.find(receipt)
    if report is None:
        raise Problem(
            404, "No report has this receipt. Check that it is complete; a report that was taken back is gone."
        )
    return report


def as_json(status: Status) -> dict[str, Any]:
    """What the API tells about a report. Decisions are always a person's (DSA Art. 16.6)."""
    moments = {name: getattr(status, name) for name in ("received_at", "decided_at", "appealed_at")}
    return {
        "state": status.state,
        "category": status.category,
        **({"outcome": status.outcome, "message": status.message} if status.outcome else {}),
        **{name: moment.isoformat(timespec="seconds") for name, moment in moments.items() if moment},
        "can_appeal": status.can_appeal,
        **{name: True for name in ("set_aside", "later", "confirmed") if getattr(status, name)},
        "automated": False,
    }


def _notice(site: Site, report: dict[str, Any]) -> Notice:
    identity = text_sha256(report["text"])
    digest = report["text_sha256"] or identity
    whole = is_whole(report["text"], digest)
    digest = identity if whole else digest
    if not whole and not may_be_beginning(report["text"]):
        raise Problem(
            422,
            "This text is short enough to come whole.",
            errors={"text_sha256": ["Is not the digest of the text. Leave it out."]},
        )
    label, verified, prompt = Disclosure(), False, ""
    if report["content"]:
        content = signed(site, report["content"], field="content")
        if not report["text"]:
            digest, whole = content.text_sha256, True
        if content.text_sha256 == digest or (whole and is_whole(report["text"], content.text_sha256)):
            label, verified, prompt = _cut(content.disclosure), whole, content.prompt if whole else ""
    elif not report["text"]:
        raise Problem(
            422, "Which text?", errors={"text": ["Copy the text here: the link does not tell which one it is."]}
        )
    return Notice(
        sender_id=str(report["id"]),
        category=report["category"],
        text=trimmed(tidy(report["text"])),
        text_sha256=digest,
        verified=verified,
        label=label,
        quote=report["quote"],
        comment=tidy(report["comment"]),
        email=report["email"],
        page=report["page"],
        good_faith=report["good_faith"],
        lang=report["lang"].partition("-")[0].lower(),
        prompt=prompt,
    )


def _cut(label: Disclosure) -> Disclosure:
    """As long as the API takes names: what a host signs by itself may be of any length."""
    return replace(label, model=short(label.model), provider=short(label.provider))


def site_of_form(key: str) -> Site:
    """The site that our own form reports on. Raises Problem."""
    site = sites.find(key)
    if site is None:
        raise Problem(404, "This site is not known here. Follow the link at the text again.")
    return site
