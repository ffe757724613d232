"""Numbers of rows in addresses and forms, and where a page of a long list begins."""

import re
from typing import Any

from flask import request
from werkzeug.routing import IntegerConverter

from widget_server.routes.errors import Problem
from widget_server.routes.sessions import sites_allowed
from widget_server.rules.publishing import Publication
from widget_server.storage import publications, sites
from widget_server.storage.tables import PublicationRow, Site

MOST = 2**31
"""No row has so high a number."""
PLACE = re.compile(r"([0-9]{1,18})_([0-9a-f]{24})")


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


def after_publication(typed: str, *, state: Publication | None, sites: list[int] | None) -> tuple[int, str] | None:
    """The place in this list that a `next` names; None if it names none. The id of a publication alone, on one of
    `sites` (None: any), stands for the place where that is now.
    """
    if found := PLACE.fullmatch(typed):
        return int(found[1]), found[2]
    row = publications.find(typed[:32])
    return publications.place(row, state=state) if row and (sites is None or row.site_id in sites) else None


def next_publication(rows: list[PublicationRow], *, state: Publication | None) -> str | None:
    """Where the page after this one begins, whatever becomes of its last row meanwhile; None: this is the last page."""
    if len(rows) <= publications.PAGE:
        return None
    moment, number = publications.place(rows[publications.PAGE - 1], state=state)
    return f"{moment}_{number}"


def page_of_sites() -> tuple[list[Site], str | None]:
    """The sites of this page, as far as whoever asks may see them, and the key after which the next one begins."""
    after = sites.find(request.args["after"][:32]) if "after" in request.args else None
    rows = sites.page(sites_allowed(), after=after)
    page = rows[: sites.PAGE]
    return page, page[-1].key if len(rows) > len(page) else None
