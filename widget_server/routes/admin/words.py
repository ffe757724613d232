"""A site's own words at the desk: one form a language, ours beside each."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from widget_server.rendering import files
from widget_server.rendering import wording as rendered
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.shown import contested, shown_then
from widget_server.routes.current import now
from widget_server.routes.sessions import admitted, moderator
from widget_server.rules import wording
from widget_server.rules.meanwhile import Contested
from widget_server.storage import sites
from widget_server.storage import wording as own_words
from widget_server.storage.tables import Site


@blueprint.get("/sites/<key>/words")
def show_words(key: str) -> str:
    site = _site(key)
    lang = files.language(request.args.get("lang"))
    own = dict(own_words.of(site.id, lang))
    return _page(site, lang, own, shown=own, kept="kept" in request.args)


@blueprint.post("/sites/<key>/words")
def keep_words(key: str) -> Response | tuple[str, int]:
    site, shown = _site(key), shown_then()
    lang = files.language(request.form.get("lang"))
    ours = wording.ours(files.words(lang))
    typed = {key: text for key in ours if (text := request.form.get(key, "")).strip()}
    if errors := wording.mistakes(typed, ours):
        return _page(site, lang, typed, shown=shown, errors={key: [why] for key, why in errors.items()}), 422
    try:
        own_words.change(site, lang, typed, shown=shown, moderator=moderator().id, at=now())
    except Contested as refusal:
        return _page(site, lang, refusal.typed, shown=refusal.now, errors=contested(refusal, refusal.now)), 409
    return redirect(url_for("admin.show_words", key=site.key, lang=lang, kept=""))


def _page(
    site: Site,
    lang: str,
    own: dict[str, str],
    *,
    shown: Mapping[str, Any] | None,
    errors: dict[str, list[str]] | None = None,
    kept: bool = False,
) -> str:
    words = files.words(lang)
    return render_template(
        "admin/words.html",
        site=site,
        language=lang,
        direction=words["dir"],
        languages=rendered.languages(),
        sections={section: wording.flat(words[section], section) for section in wording.SECTIONS},
        own=own,
        said={known: len(texts) for known, texts in own_words.every(site.id).items()},
        shown=shown,
        errors=errors or {},
        kept=kept,
    )


def _site(key: str) -> Site:
    refused = "Only an owner of this site changes its words."
    return admitted(sites.find(key), missing="There is no site with this key.", refused=refused)
