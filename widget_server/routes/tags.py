"""What an owner pastes: the tag, the tag with its integrity, and the lines of a content security policy."""

import base64
import hashlib
from functools import cache

from widget_server.rendering import badge, files


def script_tag(host: str, site: str) -> str:
    """The tag that always loads the newest widget."""
    return f'<script src="{host}/widget.js" data-site="{site}" defer></script>'


def integrity_tag(host: str, site: str) -> str:
    """The tag that loads exactly this version of the widget, or nothing."""
    address = f"{host}/widget/{files.widget_version()}/widget.js"
    return (
        f'<script src="{address}" integrity="{_integrity()}" crossorigin="anonymous" data-site="{site}" defer></script>'
    )


def csp(host: str) -> str:
    """What a host page's policy must allow; the style's hash is for labels that stand before any script."""
    return f"script-src {host}; connect-src {host}; style-src {badge.style_hash()}"


@cache
def _integrity() -> str:
    digest = hashlib.sha384((files.WIDGET / "widget.js").read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"
