"""What an owner pastes: the tag, the tag with its integrity, and the lines of a content security policy."""

import base64
import hashlib
from functools import cache

from widget_server.rendering import badge, files

OPTIONS = {
    "data-lang": "the label’s language; else the nearest lang of the page",
    "data-theme": "auto, light or dark",
    "data-viewer": "your own opaque id of a signed-in person, hashed on arrival",
    "data-words": "the site’s own words in place of ours",
    "data-audience": "public: texts stay covered until a person has approved exactly their words",
    "data-copy-notice": "a copied passage says that it is machine-generated",
    "data-report": "when-required: the report control comes once the server says that it is required",
}
"""What else may stand on the tag."""


def script_tag(host: str, site: str, *, own_words: bool = False, waits: bool = False) -> str:
    """The tag that always loads the newest widget. `waits`: the report control comes when it is required."""
    return f'<script src="{host}/widget.js" {_data(site, own_words, waits)} defer></script>'


def integrity_tag(host: str, site: str, *, own_words: bool = False, waits: bool = False) -> str:
    """The tag that loads exactly this version of the widget, or nothing."""
    address = f"{host}/widget/{files.widget_version()}/widget.js"
    checked = f'integrity="{_integrity()}" crossorigin="anonymous"'
    return f'<script src="{address}" {checked} {_data(site, own_words, waits)} defer></script>'


def _data(site: str, own_words: bool, waits: bool) -> str:
    words, report = " data-words" if own_words else "", ' data-report="when-required"' if waits else ""
    return f'data-site="{site}"{words}{report}'


def csp(host: str) -> str:
    """What a host page's policy must allow; the style's hash is for labels that stand before any script."""
    return f"script-src {host}; connect-src {host}; style-src {badge.style_hash()}"


@cache
def _integrity() -> str:
    digest = hashlib.sha384((files.WIDGET / "widget.js").read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"
