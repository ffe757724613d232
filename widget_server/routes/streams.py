"""Files of any length: written while they are read, a row at a time."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, json, request

_SIGNS = r"=+\-@＝＋－＠"
_FORMULA = re.compile(rf"""\A(?=[{_SIGNS}\t\r\n])|(?<=[;|\t\r\n])"*(?=[{_SIGNS}])""")
"""Where a spreadsheet finds a formula (OWASP, CSV injection): where a cell begins, also for one that splits lines at
another sign than the comma, as most of Europe's do, and does not see our quotes then.
"""


def is_taken() -> bool:
    """Whether whoever asks takes the file: for its headers alone nothing is kept."""
    return request.method != "HEAD"


def period_asked() -> dict[str, Any]:
    """The period that was asked for, as the log keeps it."""
    return {name: value for name, value in request.args.items() if name in ("since", "until") and value}


def csv_file(name: str, fields: Iterable[str], rows: Iterable[dict[str, str]]) -> Response:
    return _file(f"{name}.csv", "text/csv; charset=utf-8", _csv(list(fields), rows))


def jsonl_file(name: str, rows: Iterable[dict[str, Any]]) -> Response:
    """JSON Lines: an object a line."""
    return _file(f"{name}.jsonl", "application/jsonl", (json.dumps(row) + "\n" for row in rows))


def _file(name: str, content_type: str, lines: Iterator[str]) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(lines, content_type=content_type, headers=headers)


def _csv(fields: list[str], rows: Iterable[dict[str, str]]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.DictWriter(line, fields)
    writer.writeheader()
    yield line.getvalue()
    for row in rows:
        line.seek(0)
        line.truncate()
        writer.writerow({name: _inert(value) for name, value in row.items()})
        yield line.getvalue()


def _inert(cell: str) -> str:
    """A cell no part of which a spreadsheet will take for a formula."""
    return _FORMULA.sub(r"\g<0>'", cell)
