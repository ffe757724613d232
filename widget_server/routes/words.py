"""The widget's words as a site says them, in the form of the files that they stand for."""

import json

from flask import Blueprint, Response, request

from widget_server.rendering import files, wording
from widget_server.routes.errors import Problem
from widget_server.routes.widget_files import SHORT
from widget_server.storage import sites
from widget_server.storage import wording as own_words

blueprint = Blueprint("words", __name__)


@blueprint.get("/words/<key>/<lang>.json", defaults={"folder": ""})
@blueprint.get("/words/<key>/<any(details, dialog):folder>/<lang>.json")
def show_words(key: str, lang: str, folder: str) -> Response:
    """In the nearest language that there are words in."""
    site = sites.find(key)
    if site is None:
        raise Problem(404, "There is no such site here.")
    name = files.language(lang)
    words = wording.served(wording.merged(name, own_words.of(site.id, name)))[folder]
    response = Response(json.dumps(words, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
    response.headers["Cache-Control"] = SHORT
    response.add_etag()
    response.make_conditional(request)
    return response
