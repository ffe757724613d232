"""The page that shows how an owner gives the label another look, by live examples."""

import json
import re
from functools import cache
from typing import Any

from flask import Blueprint, render_template

from widget_server.rendering import files
from widget_server.routes.current import now, settings
from widget_server.storage import sites

blueprint = Blueprint("theming", __name__)


@blueprint.get("/theming")
def theming() -> str:
    site = sites.own(settings().public_url, at=now())
    return render_template("theming.html", own_tag=site.key, rules=_rules(), element=_element())


@cache
def _rules() -> dict[str, str]:
    """What an owner writes for each example: the style that the page has, without the example's place on it."""
    style = (files.BUILT / "admin" / "theming.css").read_text(encoding="utf-8")
    _, *examples = re.split(r"^/\* ([a-z]+) \*/\n", style, flags=re.MULTILINE)
    pairs = zip(examples[::2], examples[1::2], strict=True)
    return {name: rules.replace(f"#{name} ", "").strip() for name, rules in pairs}


@cache
def _element() -> dict[str, Any]:
    """What the custom-elements manifest says of <machine-generated>."""
    manifest = json.loads((files.WIDGET / "custom-elements.json").read_text(encoding="utf-8"))
    return manifest["modules"][0]["declarations"][0]
