"""What a site's texts are for: the declaration that holds, the form to sign the next one, and each to print."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from widget_server.routes import paging
from widget_server.routes.admin import blueprint
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import admitted, moderator
from widget_server.rules.declarations import GRACE, LONGEST, Draft, mistakes
from widget_server.rules.purposes import PROHIBITED, PROHIBITED_TITLES, PURPOSES
from widget_server.storage import declarations, sites
from widget_server.storage.tables import Declaration, Site

CONFIRMATIONS = {
    "not_prohibited": "Confirm that the texts are made for nothing of this list.",
    "declared": "Confirm that what you sign is true.",
}
"""What is signed only if it is ticked, and what is said where it is not."""
NAMES = {
    "holds": "The declaration that holds",
    "purposes": "What the texts are for",
    **{f"reason-{purpose.code}": purpose.name for purpose in PURPOSES.values()},
    "words": "In your own words",
    "not_prohibited": "What they are never for",
    "signed_by": "Name",
    "role": "Role",
    "email": "E-mail",
    "declared": "Declaration",
}
"""How the form calls its fields, in its order."""


@blueprint.get("/sites/<key>/purpose")
def show_purpose(key: str) -> str:
    site = _site(key)
    holds = declarations.newest(site.id)
    return _page(site, holds, _as_signed(holds))


@blueprint.post("/sites/<key>/purpose")
def sign_purpose(key: str) -> Response | tuple[str, int]:
    site, form = _site(key), request.form
    draft = _draft()
    wrong = mistakes(draft) | {name: why for name, why in CONFIRMATIONS.items() if name not in form}
    if wrong:
        return _page(site, declarations.newest(site.id), draft, errors=wrong), 422
    try:
        declarations.sign(site, draft, seen=_number(form.get("version", "")), moderator=moderator().id, at=now())
    except declarations.Newer as newer:
        why = f"{newer.declaration.signed_by} has signed another one meanwhile. Look at it, then sign yours if need be."
        return _page(site, newer.declaration, draft, errors={"holds": why}), 409
    return redirect(url_for("admin.show_purpose", key=site.key, kept=""), 303)


@blueprint.get("/sites/<key>/purpose/<version>")
def show_declaration(key: str, version: str) -> str:
    site = _site(key)
    found = declarations.find(site.id, _number(version))
    if found is None:
        raise Problem(404, "This site has no declaration with this number.")
    newest = declarations.newest(site.id)
    return render_template(
        "admin/declaration.html",
        site=site,
        declaration=found,
        standing=declarations.as_it_stands(found, at=now()),
        later=newest if newest != found else None,
        titles=PROHIBITED_TITLES,
    )


def _page(site: Site, holds: Declaration | None, draft: Draft, *, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "admin/purpose.html",
        site=site,
        holds=holds,
        standing=declarations.as_it_stands(holds, at=now()) if holds else None,
        codes=declarations.codes(holds) if holds else (),
        history=declarations.history(site.id),
        draft=draft,
        reasons={code: request.form.get(f"reason-{code}", draft.purposes.get(code, "")) for code in PURPOSES},
        names=NAMES,
        errors={field: [errors[field]] for field in NAMES if field in errors} if errors else {},
        purposes=PURPOSES.values(),
        prohibited=PROHIBITED.values(),
        titles=PROHIBITED_TITLES,
        longest=LONGEST,
        grace=GRACE,
        kept="kept" in request.args,
    )


def _draft() -> Draft:
    """What was typed. Without a mail server nobody would use an address."""
    typed = request.form
    return Draft(
        purposes={code: typed.get(f"reason-{code}", "") for code in request.form.getlist("purposes")},
        **{name: typed.get(name, "") for name in ("words", "signed_by", "role")},
        email=typed.get("email", "") if settings().mails else "",
    )


def _as_signed(holds: Declaration | None) -> Draft:
    """A renewal begins with what holds; who signs it writes their name anew."""
    reasons: dict[str, Any] = {one["code"]: one["reason"] for one in holds.purposes} if holds else {}
    return Draft(purposes=reasons, words=holds.words if holds else "", signed_by="", role="", email=moderator().email)


def _site(key: str) -> Site:
    refused = "You may look at this site's purpose, but not sign for it."
    return admitted(sites.find(key), missing="There is no site with this key.", refused=refused)


def _number(typed: str) -> int:
    """A version; what is none is one that no declaration has."""
    found = paging.number(typed)
    return -1 if found is None else found
