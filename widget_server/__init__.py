"""widget-server: label machine-generated text, let readers report it, count who sees it, decide, show the evidence.

`render` is the door for templates, `create_app` the server.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widget_server.application import create_app
    from widget_server.gate import Held, approved, gated, may_post
    from widget_server.host import Refused, init_app, render
    from widget_server.rules.marking import Disclosure

__all__ = ["Disclosure", "Held", "Refused", "approved", "create_app", "gated", "init_app", "may_post", "render"]

DOORS = {
    "Disclosure": "rules.marking",
    **dict.fromkeys(("Held", "approved", "gated", "may_post"), "gate"),
    **dict.fromkeys(("Refused", "init_app", "render"), "host"),
    "create_app": "application",
}


def __getattr__(name: str) -> Any:
    """Nobody loads more than they use: who only renders neither Flask nor a database, who runs a command no page."""
    if name not in DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    door = getattr(importlib.import_module(f"{__name__}.{DOORS[name]}"), name)
    globals()[name] = door
    return door
