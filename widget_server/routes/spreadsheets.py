"""Tables as CSV, line by line."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain


def lines(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The header and each row."""
    line = io.StringIO()
    writer = csv.writer(line)
    for row in chain([columns], rows):
        line.seek(0)
        line.truncate()
        writer.writerow([_inert(cell) for cell in row])
        yield line.getvalue()


def _inert(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
