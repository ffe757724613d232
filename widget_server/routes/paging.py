"""Where a page of a long list begins."""

from flask import request

from widget_server.routes.errors import Problem

MOST = 2**31
"""No row has so high a number."""


def before() -> int | None:
    """The number of the row that the page before ended with; None: the first page. Raises Problem."""
    typed = request.args.get("before", "")
    if typed and (not typed.isascii() or not typed.isdigit() or len(typed) > 9):
        raise Problem(400, "“before” must be the number of an entry.")
    return int(typed) if typed else None
