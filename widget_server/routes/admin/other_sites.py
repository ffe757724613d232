"""A withdrawn text on the other sites of those who decide: where it may stand, and its withdrawal there in one go."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.routes import paging
from widget_server.routes.admin import NO_CASE, blueprint
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import admitted, moderator, sites_allowed
from widget_server.rules import wellness
from widget_server.rules.access import DECIDE
from widget_server.rules.harms import HARMS, LIMITS
from widget_server.rules.moderation import Decision
from widget_server.storage import cases, other_sites
from widget_server.storage.other_sites import Offer
from widget_server.storage.rulings import Verdict
from widget_server.storage.tables import Case, Ruling

NOT_WITHDRAWN = "Nothing of this is withdrawn any more: there is nothing to carry to other sites."
CHANGED = "Something happened on the other sites meanwhile. Look at how it stands now, then withdraw."
REFUSED = "You may look at the cases of this site, but not change them."


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was withdrawn: `texts` by their cases, the decision about them, and what can be withdrawn elsewhere."""

    texts: list[Case]
    ruling: Ruling
    offers: list[Offer]
    subject: str
    back: str
    here: str

    @property
    def fingerprint(self) -> str:
        """Of the offers as they stand: nobody withdraws what they have not seen."""
        seen = [
            (offer.site.key, len(offer.ahead), [(case.id, case.version) for case in (*offer.same, *offer.alike)])
            for offer in self.offers
        ]
        return sha256(repr(seen).encode()).hexdigest()[:16]


@blueprint.get("/reports/<int:number>/others")
def show_other_sites(number: int) -> str:
    return _page(_of_case(number))


@blueprint.post("/reports/<int:number>/others")
def withdraw_on_others(number: int) -> Response | str | tuple[str, int]:
    return _withdraw(_of_case(number))


@blueprint.get("/batches/<batch>/others")
def show_others_of_batch(batch: str) -> str:
    return _page(_of_batch(batch[:32]))


@blueprint.post("/batches/<batch>/others")
def withdraw_batch_on_others(batch: str) -> Response | str | tuple[str, int]:
    return _withdraw(_of_batch(batch[:32]))


def offered(case: Case | None) -> list[Offer]:
    """What whoever is signed in could withdraw elsewhere of a case's text: nothing, if it is not withdrawn itself."""
    texts, _ = other_sites.withdrawn(case) if case else ([], None)
    return other_sites.offers(texts, only=sites_allowed(DECIDE))


def offered_after(number: str) -> list[Offer]:
    """The same, after the decision on the case with this number."""
    known = paging.number(number)
    return offered(None if known is None else cases.find(known, sites=sites_allowed(DECIDE)))


def offered_of_batch(batch: str) -> list[Offer]:
    texts, _ = other_sites.withdrawn_together(batch, only=sites_allowed(DECIDE))
    return other_sites.offers(texts, only=sites_allowed(DECIDE))


def _of_case(number: int) -> Withdrawn:
    case = admitted(cases.find(number), missing=NO_CASE, refused=REFUSED)
    texts, ruling = other_sites.withdrawn(case)
    back, here = (url_for(f"admin.{way}", number=number) for way in ("show_case", "withdraw_on_others"))
    return _found(texts, ruling, subject=f"case {number}", back=back, here=here)


def _of_batch(batch: str) -> Withdrawn:
    texts, ruling = other_sites.withdrawn_together(batch, only=sites_allowed())
    back, here = (url_for(f"admin.{way}", batch=batch) for way in ("show_batch", "withdraw_batch_on_others"))
    return _found(texts, ruling, subject=f"batch {batch}", back=back, here=here)


def _found(texts: list[Case], ruling: Ruling | None, **ways: str) -> Withdrawn:
    if ruling is None:
        raise Problem(409, NOT_WITHDRAWN)
    return Withdrawn(texts, ruling, other_sites.offers(texts, only=sites_allowed()), **ways)


def _withdraw(found: Withdrawn) -> Response | str | tuple[str, int]:
    keys, numbers = request.form.getlist("site"), request.form.getlist("alike")
    chosen = [offer for offer in found.offers if offer.site.key in keys]
    alike = [case.id for offer in found.offers for case in offer.alike if str(case.id) in numbers]
    message = request.form.get("message", "")
    if wrong := _wrong(found, message, some=bool(chosen or alike)):
        return _page(found, errors=wrong), 422
    missed = len(chosen) < len(set(keys)) or len(alike) < len(set(numbers))
    if missed or request.form.get("expected") != found.fingerprint:
        return _page(found, errors={"others": [CHANGED]}), 409
    if "preview" in request.form:
        return _page(found, preview=(chosen, len(alike)))
    ruling = found.ruling
    verdict = Verdict(Decision.WITHDRAW, ruling.category, ruling.ground, message)
    done = other_sites.withdraw(
        chosen,
        alike,
        verdict,
        said_of=found.subject,
        first_on={case.site_id: case.site for case in found.texts}.values(),
        moderator=moderator().id,
        at=now(),
    )
    return redirect(url_for("admin.show_batch", batch=done.batch, left=done.left), 303)


def _wrong(found: Withdrawn, message: str, *, some: bool) -> dict[str, list[str]]:
    wrong = {}
    if found.offers and not some:
        wrong["others"] = ["Choose a site, or a near-duplicate."]
    if not message.strip() or len(message) > LIMITS["comment"]:
        wrong["message"] = [f"Write why, up to {LIMITS['comment']:,} characters."]
    return wrong


def _page(
    found: Withdrawn,
    *,
    errors: dict[str, list[str]] | None = None,
    preview: tuple[list[Offer], int] | None = None,
) -> str:
    wishes, typed = wellness.wishes(moderator().wishes), request.method == "POST"
    shown: dict[str, Any] = {
        "keys": request.form.getlist("site") if typed else [one.site.key for one in found.offers if one.reported],
        "numbers": request.form.getlist("alike"),
        "message": request.form.get("message", "") if typed else found.ruling.message,
    }
    return render_template(
        "admin/other_sites.html",
        found=found,
        chosen=shown,
        masked=lambda case: wellness.masked(case.category, wishes.mask, urgent=case.card_urgent),
        errors=errors or {},
        preview=preview,
        harm=HARMS[found.ruling.category],
        words=files.words(files.FALLBACK),
    )
