"""The views that our widget sends, read without a schema: the same as ViewsSchema gives, or nothing at all.

What it does not know, the schema looks at again, and tells what is wrong with it.
"""

import json
import re
from typing import Any

from widget_server.rules.viewers import HIDDEN_BY

MOST_VIEWS = 100
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PAGE = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?/[!-~]*")
_FIELDS = {"site", "views", "viewer", "page"}
_OF_VIEW = {"text_sha256", "disclosed", "content", "model", "provider", "hidden_by"}


def read(body: bytes) -> dict[str, Any] | None:
    """What ViewsSchema makes of `body`; None where it takes a closer look."""
    if b"\\" in body:
        return None  # an escaped character may be one that no text of ours holds
    try:
        found = _decoder.decode(body.decode())
    except (ValueError, RecursionError):
        return None
    if not (
        isinstance(found, dict)
        and found.keys() <= _FIELDS
        and _text(found.get("site"), 64)
        and (found.get("viewer") is None or _text(found["viewer"], 200))
        and (found.setdefault("page", "") == "" or _is_page(found["page"]))
        and isinstance(views := found.get("views"), list)
        and 1 <= len(views) <= MOST_VIEWS
        and all(map(_is_view, views))
    ):
        return None
    found.setdefault("viewer", None)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_once)


def _is_view(view: Any) -> bool:
    return (
        isinstance(view, dict)
        and view.keys() <= _OF_VIEW
        and isinstance(digest := view.get("text_sha256"), str)
        and _SHA256.fullmatch(digest) is not None
        and isinstance(disclosed := view.get("disclosed"), bool)
        and _text(view.setdefault("content", ""), 8000)
        and _text(view.setdefault("model", ""), 200)
        and _text(view.setdefault("provider", ""), 200)
        and (view.setdefault("hidden_by", "") == "" if "hidden_by" not in view else view["hidden_by"] in HIDDEN_BY)
        and not (disclosed and view["hidden_by"])
    )


def _text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def _is_page(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 2000 and _PAGE.fullmatch(value) is not None
