"""widget-server: label machine-generated text, let readers report it, count who sees it, decide, show the evidence.

`render` is the door for templates, `create_app` the server.
"""

from typing import TYPE_CHECKING, Any

from widget_server.gate import Held, approved, gated, may_post
from widget_server.host import Refused, init_app, render
from widget_server.rules.marking import Disclosure

if TYPE_CHECKING:
    from widget_server.application import create_app

__all__ = ["Disclosure", "Held", "Refused", "approved", "create_app", "gated", "init_app", "may_post", "render"]


def __getattr__(name: str) -> Any:
    """Whoever only renders loads neither Flask nor a database."""
    if name == "create_app":
        from widget_server import application

        return application.create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
