"""What the owner of a site has chosen: the guidelines it follows, and how they are kept there."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from widget_server.routes import paging
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.shown import contested, shown_then
from widget_server.routes.current import now
from widget_server.routes.sessions import admitted, may, moderator, sites_allowed
from widget_server.rules.guidelines import GUIDELINES
from widget_server.rules.meanwhile import Contested
from widget_server.rules.policy import LONGEST, LONGEST_REVIEW, NAMES, Control, Policy, mistakes, policy
from widget_server.storage import policies, sites, thresholds
from widget_server.storage.policies import NotTheirs
from widget_server.storage.tables import Site


@blueprint.get("/sites/<key>/policy")
def show_policy(key: str) -> str:
    site = _site(key)
    chosen = policies.of(site)
    return _page(site, chosen, _as_typed(chosen), shown=chosen.as_json())


@blueprint.post("/sites/<key>/policy")
def keep_policy(key: str) -> Response | tuple[str, int]:
    site, form, shown = _site(key), request.form, shown_then()
    typed = {name: form.get(name, "").strip() for name in ("least_disclosed", "review_days")}
    wanted = Policy(
        guidelines=tuple(form.getlist("guidelines")),
        control=Control(form["control"]) if form.get("control") in list(Control) else policies.of(site).control,
        application=form.get("application", "").strip(),
        least_disclosed=_number(typed["least_disclosed"]),
        responsible=form.get("responsible", "").strip(),
        contact=form.get("contact", "").strip(),
        small_audiences="small_audiences" in form,
        four_eyes="four_eyes" in form,
        review_days=_number(typed["review_days"]) if typed["review_days"] else None,
    )
    if errors := mistakes(wanted):
        return _page(site, wanted, typed, shown=shown, errors={name: [why] for name, why in errors.items()}), 422
    try:
        policies.keep(site, wanted, moderator=moderator().id, at=now(), owned=sites_allowed(), shown=shown)
    except NotTheirs as refusal:
        return _page(site, wanted, typed, shown=shown, errors={"application": [str(refusal)]}), 422
    except Contested as refusal:
        merged, taken = policy(refusal.typed), contested(refusal, asdict(policy(refusal.now)))
        return _page(site, merged, _as_typed(merged), shown=refusal.now, errors=taken), 409
    thresholds.look(site, at=now())
    return redirect(url_for("admin.show_policy", key=site.key, kept=""), 303)


def _number(typed: str) -> int:
    """What is no whole number is no possible one either."""
    found = paging.number(typed)
    return -1 if found is None else found


def _as_typed(chosen: Policy) -> dict[str, Any]:
    return {"least_disclosed": chosen.least_disclosed, "review_days": chosen.review_days or ""}


def _page(
    site: Site,
    chosen: Policy,
    typed: dict[str, Any],
    *,
    shown: Mapping[str, Any] | None,
    errors: dict[str, list[str]] | None = None,
) -> str:
    return render_template(
        "admin/policy.html",
        site=site,
        policy=chosen,
        typed=typed,
        shown=shown,
        errors=errors or {},
        kept="kept" in request.args,
        guidelines=GUIDELINES,
        names=NAMES,
        longest=LONGEST,
        longest_review=LONGEST_REVIEW,
        limits=chosen.limits if not errors else None,
        together=[other.name for other in policies.together(site) if may("show_policy", other.id)]
        if not errors
        else [],
    )


def _site(key: str) -> Site:
    refused = "Only an owner of this site changes its policy."
    return admitted(sites.find(key), missing="There is no site with this key.", refused=refused)
