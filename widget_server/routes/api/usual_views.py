"""The views that our widget sends, read without a schema: the same as ViewsSchema gives, or nothing at all.

What it does not know, the schema looks at again, and tells what is wrong with it.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from widget_server.rendering import tokens
from widget_server.rules.viewers import HIDDEN_BY

MOST_VIEWS = 100

_Page = Annotated[str, Meta(max_length=2000, pattern=r"\A(https?://[a-z0-9.-]*[a-z0-9-](:[0-9]{1,5})?/[!-~]*)?\Z")]


class _View(Struct, forbid_unknown_fields=True, gc=False):
    text_sha256: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    disclosed: bool
    content: Annotated[str, Meta(max_length=tokens.LONGEST)] | UnsetType = UNSET
    model: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    hidden_by: Literal[("", *HIDDEN_BY)] | UnsetType = UNSET  # type: ignore[valid-type]


class _PageView(Struct, forbid_unknown_fields=True, gc=False):
    site: Annotated[str, Meta(max_length=64)]
    views: Annotated[list[_View], Meta(min_length=1, max_length=MOST_VIEWS)]
    viewer: str | UnsetType | None = UNSET
    page: _Page | UnsetType = UNSET


_decoder = msgspec.json.Decoder(_PageView)
_encoder = msgspec.json.Encoder()


def read(body: bytes) -> dict[str, Any] | None:
    """What ViewsSchema makes of `body`; None where it takes a closer look."""
    if b"\\" in body:
        return None  # an escaped character may be one that no text of ours holds
    try:
        found = _decoder.decode(body)
    except (ValueError, RecursionError):
        return None
    if body.count(b'"') != _encoder.encode(found).count(b'"'):
        return None  # a key stands twice
    views = [
        {
            "text_sha256": view.text_sha256,
            "content": view.content or "",
            "model": view.model or "",
            "provider": view.provider or "",
            "disclosed": view.disclosed,
            "hidden_by": view.hidden_by or "",
        }
        for view in found.views
    ]
    return {
        "site": found.site,
        "views": views,
        "viewer": None if found.viewer is UNSET else found.viewer,
        "page": found.page or "",
    }
