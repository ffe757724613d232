"""Numbers of rows in addresses and forms, and where a page of a long list begins."""

from typing import Any

from flask import request
from werkzeug.routing import IntegerConverter

from widget_server.routes.errors import Problem
from widget_server.routes.sessions import sites_allowed
from widget_server.storage import sites
from widget_server.storage.tables import Site

MOST = 2**31
"""No row has so high a number."""


class Number(IntegerConverter):
    """`<int:…>` in an address: with a higher number it leads nowhere."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **{"max": MOST - 1, **how})


def number(typed: str) -> int | None:
    """A number as somebody may have typed it; None if it is none that a row could have."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None


def before() -> int | None:
    """The number of the row that the page before ended with; None: the first page. Raises Problem."""
    typed = request.args.get("before", "")
    if typed and number(typed) is None:
        raise Problem(400, "“before” must be the number of an entry.")
    return number(typed)


def page_of_sites() -> tuple[list[Site], str | None]:
    """The sites of this page, as far as whoever asks may see them, and the key after which the next one begins."""
    after = sites.find(request.args["after"][:32]) if "after" in request.args else None
    rows = sites.page(sites_allowed(), after=after)
    page = rows[: sites.PAGE]
    return page, page[-1].key if len(rows) > len(page) else None
