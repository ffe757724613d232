"""The pages for readers and newcomers: the first page, the report form without script, the reporter's page."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from widget_server.rendering import badge, codes, files, tokens, wording
from widget_server.rendering.sanitising import sanitise
from widget_server.routes import challenges, limits, tags
from widget_server.routes.api import reports as api
from widget_server.routes.api.fields import LONGEST_ADDRESS
from widget_server.routes.bodies import checked
from widget_server.routes.current import now, settings, status_url
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.rules import keys
from widget_server.rules.harms import CHOICES, HARMS, LIMITS
from widget_server.rules.marking import Disclosure, fold, text_sha256
from widget_server.storage import confirmations, reports, sites, withdrawals
from widget_server.storage import wording as own_words
from widget_server.storage.tables import Site

blueprint = Blueprint("pages", __name__)
LONGEST_LANGUAGES = 500
"""Characters of an Accept-Language: of longer ones, what comes after so many is not looked at."""

PASSAGE = (
    "A label tells readers that a machine wrote what they read, before they read it. A report tells the people "
    "responsible that a text does harm, and the reader learns what became of it. Machines write well and are wrong "
    "with confidence; that is why both belong beside every text that a machine wrote."
)


@blueprint.get("/")
def first_page() -> str:
    site = sites.own(settings().public_url, at=now())
    passage = sanitise(PASSAGE, "text")
    content = tokens.Content(text_sha256(PASSAGE), Disclosure(), now())
    return render_template(
        "first_page.html",
        passage=badge.labelled(
            passage.html,
            Disclosure(),
            host=settings().public_url,
            site=site.key,
            content=tokens.sign(content, sites.secrets_of(site, settings().secrets, at=now())[0]),
            day=content.signed_at.date(),
        ),
        own_tag=site.key,
        tag=tags.script_tag(settings().public_url, "SITE_KEY"),
        options=tags.OPTIONS,
    )


@blueprint.get("/about")
def about() -> str:
    """What the label means, for whoever reads it."""
    return render_template("about.html", **_words(None))


@blueprint.get("/demo")
def demo() -> Response | str:
    """The demo stands on another origin, as a page that embeds the widget does."""
    if elsewhere := settings().demo_url:
        return redirect(elsewhere)
    return render_template("demo_elsewhere.html")


@blueprint.get("/report")
def report_form() -> str:
    site = api.site_of_form(request.args.get("site", ""))
    referrer = request.referrer or ""
    page = referrer[:LONGEST_ADDRESS] if referrer.startswith(("http://", "https://")) else ""
    form = {"site": site.key, "content": request.args.get("content", ""), "id": str(uuid.uuid4()), "page": page}
    return _form(site, form)


@blueprint.post("/report")
@limiter.limit(limits.reports)
def send_report() -> Response | tuple[str, int]:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Problem(403, "This form is sent from its own page only. Follow the link at the text again.")
    form = dict(request.form.items())
    site = api.site_of_form(form.get("site", ""))
    nameless = form.get("category") in HARMS and not HARMS[form["category"]].identity
    if nameless or not (settings().mails or form.get("good_faith")):
        form["email"] = ""  # the form does not show this field then
    sent = {name: value for name, value in form.items() if value} | {
        "text": fold(form.get("text", "")) and form["text"]
    }
    try:
        report = checked(api.form_schema, sent)
        report["id"] = keys.said_with(str(report.pop("id")), report)
        receipt, _ = api.keep(site, report, unproved=challenges.flooded(site))
    except Problem as problem:
        if problem.status != 422:
            raise
        errors = problem.errors or {}
        if "content" in errors:
            form["content"] = ""
            errors["text"] = ["Copy the text here: the link is too old to tell which one it is."]
        return _form(site, form, errors=errors), 422
    return redirect(url_for("pages.show_report", receipt=receipt, sent="", lang=_asked()), code=303)


@blueprint.get("/r/")
def find_report() -> Response | str:
    typed = request.args.get("receipt", "").strip()
    receipt = typed.rstrip("/").rpartition("/")[2]  # of the page's whole address, too
    return (
        redirect(url_for("pages.show_report", receipt=receipt[:60], lang=_asked()))
        if receipt
        else render_template("find_report.html", **_words(None))
    )


@blueprint.get("/r/<receipt>")
@limiter.limit("120/minute")
def show_report(receipt: str) -> str | tuple[str, int]:
    report = reports.find(receipt)
    if report is None:
        return render_template("report_gone.html", typed=receipt, **_words(None)), 404
    return _status(receipt)


@blueprint.post("/r/<receipt>/appeal")
@limiter.limit(limits.reports)
def appeal_report(receipt: str) -> Response | tuple[str, int]:
    comment = request.form.get("comment", "")
    try:
        checked(api.appeal_schema, {"comment": comment})
    except Problem as problem:
        return _status(receipt, errors=problem.errors, comment=comment), 422
    if not reports.appeal(api.found(receipt), comment, at=now()):
        return _status(receipt), 409
    return redirect(url_for("pages.show_report", receipt=receipt, lang=_asked()), code=303)


@blueprint.post("/r/<receipt>/delete")
@limiter.limit(limits.reports)
def take_back_report(receipt: str) -> str:
    report = api.found(receipt)
    withdrawals.take_back(report, at=now())
    return render_template("report_gone.html", deleted=True, **_words(report.site_id))


@blueprint.get("/r/<receipt>/confirm")
@limiter.limit("120/minute")
def ask_to_confirm(receipt: str) -> str:
    """Where the link in the mail leads. It changes nothing: mail programs follow links by themselves."""
    return _confirm(receipt, request.args.get("proof", ""))


@blueprint.post("/r/<receipt>/confirm")
@limiter.limit(limits.reports)
def confirm_address(receipt: str) -> Response | tuple[str, int]:
    report, proof = api.found(receipt), request.form.get("proof", "")
    if not confirmations.confirm(report, proof, server_secrets=settings().secrets, at=now()):
        return _confirm(receipt, proof, wrong=True), 403
    return redirect(url_for("pages.show_report", receipt=receipt, done="confirmed", lang=_asked()), code=303)


@blueprint.post("/r/<receipt>/forget-address")
@limiter.limit(limits.reports)
def forget_address(receipt: str) -> Response:
    confirmations.forget_address(api.found(receipt), at=now())
    return redirect(url_for("pages.show_report", receipt=receipt, done="forgotten", lang=_asked()), code=303)


def _confirm(receipt: str, proof: str, *, wrong: bool = False) -> str:
    site = api.found(receipt).site_id
    return render_template("confirm.html", receipt=receipt, proof=proof[:100], wrong=wrong, **_words(site))


def _status(receipt: str, *, errors: dict[str, list[str]] | None = None, **more: Any) -> str:
    report = api.found(receipt)
    return render_template(
        "status.html",
        status=reports.status(report),
        receipt=receipt,
        errors=errors or {},
        address=status_url(receipt),
        code=codes.picture(status_url(receipt)),
        sent="sent" in request.args,
        done=request.args.get("done"),
        **_words(report.site_id),
        **more,
    )


def _form(site: Site, form: dict[str, str], errors: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "report_form.html",
        form=form,
        errors=errors or {},
        choices=CHOICES,
        limits=LIMITS,
        **_words(site.id),
    )


def _words(site: int | None) -> dict[str, Any]:
    """The words in the reader's language, as the site says them."""
    spoken = parse_accept_header(request.headers.get("Accept-Language", "")[:LONGEST_LANGUAGES], LanguageAccept)
    lang = files.language(_asked(), *(tag for tag, _ in spoken))
    words = wording.merged(lang, own_words.of(site, lang) if site else ())
    room = wording.left(words, LIMITS["comment"])
    return {"words": words, "lang": lang, "dir": words["dir"], "asked": _asked(), "room": room}


def _asked() -> str | None:
    """The language that a link or form of ours carries on: the one in which the reader saw the label."""
    wanted = request.values.get("lang", "")
    return files.language(wanted) if wanted.split("-")[0].lower() in files.languages() else None
