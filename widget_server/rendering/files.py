"""Where the templates, the widget and its words lie: beside the package in a checkout, inside it once installed."""

import hashlib
import json
import re
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]


def _folder(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


TEMPLATES = _folder("templates")
SOURCES = _folder("static")
BUILT = SOURCES / "built"
WIDGET = BUILT / "widget"
FALLBACK = "en"


@cache
def widget_version() -> str:
    """Names one state of the widget's files, so that their addresses can be kept for ever."""
    if not WIDGET.is_dir():
        raise LookupError("static/built is missing: `./run` makes it from static/")
    digest = hashlib.sha256()
    for file in sorted(WIDGET.rglob("*")):
        if file.suffix in (".js", ".json"):
            digest.update(json.dumps([str(file.relative_to(WIDGET)), file.read_text(encoding="utf-8")]).encode())
    return f"{version('widget-server')}-{digest.hexdigest()[:8]}"


@cache
def widget_style() -> str:
    """The style of a label: the one text that the widget and the declarative template both use."""
    scripts = [(SOURCES / "widget" / name).read_text(encoding="utf-8") for name in ("widget.js", "details.js")]
    found = [re.search(r"const STYLE = `([^`]*)`", script) for script in scripts]
    if not all(found):
        raise LookupError("static/widget/widget.js and details.js must have a STYLE each")
    return "".join(style[1].replace("\n", "") for style in found if style)


@cache
def languages() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in (WIDGET / "words").glob("*.json")))


@lru_cache
def language(*wanted: str | None) -> str:
    """The language we have words in that is nearest to the first of these BCP 47 tags that we speak."""
    short = ((tag or "").split("-")[0].lower() for tag in wanted)
    return next((words(lang)["lang"] for lang in short if lang in languages()), FALLBACK)


@cache
def words(lang: str) -> dict[str, Any]:
    """The words of one of `languages()`: `label`, `details`, `dialog`, `page`, and their `lang` and `dir`."""
    named, *_ = json.loads((WIDGET / "words" / f"{lang}.json").read_text(encoding="utf-8"))
    return json.loads((SOURCES / "widget" / "words" / f"{named}.json").read_text(encoding="utf-8"))
