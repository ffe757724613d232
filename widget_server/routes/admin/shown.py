"""What a form held when it was served, told by the form itself (rules/meanwhile.py)."""

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from widget_server.rules.meanwhile import Contested


def shown_then() -> dict[str, Any] | None:
    """None: the form does not tell."""
    try:
        told = json.loads(request.form.get("shown", ""))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def contested(refusal: Contested, now: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each name that somebody else has changed as well, what holds `now`, and the remedy."""
    told = {name: _in_words(now.get(name)) for name in refusal.names}
    return {
        name: [f"Somebody else has changed this meanwhile; now it is: {words}. Keep again to have yours."]
        for name, words in told.items()
    }


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return "empty" if value in (None, "") else str(value).replace("_", " ")
