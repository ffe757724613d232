"""A request that the database undid is done again, before anybody hears of it."""

from functools import wraps
from typing import Any

from flask import Flask

from widget_server import storage

TWICE_IS_ONCE = {"api.add_report"}
"""These know their request again, by the id that its sender gave it."""


def init(app: Flask) -> None:
    """Every handler is repeated after a conflict or a lost connection, unless it may have kept something already."""
    app.view_functions = {name: _repeated(view, name in TWICE_IS_ONCE) for name, view in app.view_functions.items()}


def _repeated(view: Any, twice_is_once: bool) -> Any:
    @wraps(view)
    def answer(**arguments: Any) -> Any:
        return storage.repeated(lambda: view(**arguments), twice_is_once=twice_is_once)

    return answer
