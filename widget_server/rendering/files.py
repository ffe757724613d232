"""Where the templates, the widget and its words lie: beside the package in a checkout, inside it once installed."""

import hashlib
import json
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]


def _folder(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


STATIC = _folder("static")
TEMPLATES = _folder("templates")
WIDGET = STATIC / "widget"
FALLBACK = "en"


@cache
def widget_version() -> str:
    """Names one state of the widget's files, so that their addresses can be kept for ever."""
    digest = hashlib.sha256()
    for file in sorted(WIDGET.rglob("*")):
        if file.suffix in (".js", ".json"):
            digest.update(json.dumps([str(file.relative_to(WIDGET)), file.read_text(encoding="utf-8")]).encode())
    return f"{version('widget-server')}-{digest.hexdigest()[:8]}"


@cache
def widget_style() -> str:
    """The style of a label: the one text that widget.js and the declarative template both use."""
    found = re.search(r"const STYLE = `([^`]*)`", (WIDGET / "widget.js").read_text(encoding="utf-8"))
    if not found:
        raise LookupError("static/widget/widget.js has no STYLE")
    return found[1]


@cache
def languages() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in (WIDGET / "words").glob("*.json")))


def language(*wanted: str | None) -> str:
    """The language we have words in that is nearest to the first of these BCP 47 tags that we speak."""
    short = ((tag or "").split("-")[0].lower() for tag in wanted)
    return next((lang for lang in short if lang in languages()), FALLBACK)


@cache
def label_words(lang: str) -> dict[str, str]:
    """The words of the label. `lang` is one of `languages()`."""
    return json.loads((WIDGET / "words" / f"{lang}.json").read_text(encoding="utf-8"))


@cache
def report_words(lang: str) -> dict[str, Any]:
    """The words of the report dialog and of the reporter's pages. `lang` is one of `languages()`."""
    return json.loads((WIDGET / "words" / "report" / f"{lang}.json").read_text(encoding="utf-8"))
