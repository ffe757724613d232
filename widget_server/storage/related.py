"""What stands beside a case: near-duplicates on its card, and earlier decisions on its text, pages and model."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import Select, Value

from widget_server.rules.moderation import Queue
from widget_server.storage.tables import Case, Report, Site

MOST = 5
MOST_ON_A_CARD = 100
MOST_LOOKED_AT = 100
"""Of the reports on each of its pages."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another case, as it was then (`version`). `why`: "card", "text", "page" or "model"; all but those on the card are
    decided.
    """

    why: str
    case: int
    version: int
    site: str
    state: str
    text: str
    category: str
    decided_at: datetime | None


def of(case: Case, *, pages: Iterable[str], sites: list[int] | None) -> list[Related]:
    """Up to MOST decisions for each reason, the newest first, after the near-duplicates on the case's card.

    `pages`: some of those on which it was reported. `sites`: what the moderator may see.
    """
    decided = Case.outcome.is_null(False)
    ways = [
        ("card", Case.leader == case, MOST_ON_A_CARD),
        ("text", (Case.text_sha256 == case.text_sha256) & decided, MOST),
    ]
    there = _on_pages(case.site_id, pages)
    if there is not None:
        ways.append(("page", Case.id.in_(there) & decided, MOST))
    if case.model:
        same_model = (Case.queue == Queue.DECIDED) & (Case.model == case.model) & (Case.site == case.site_id)
        ways.append(("model", same_model, MOST))
    found = _limited(case, *ways[0])
    for way in ways[1:]:
        found = found + _limited(case, *way)
    query = (
        Case.select(Case, Site, found.c.why.alias("why"))
        .join(Site)
        .switch(Case)
        .join(found, on=(found.c.id == Case.id))
        .order_by(Case.place, Case.id)
    )
    if sites is not None:
        query = query.where(Case.site.in_(sites))
    order = [why for why, _, _ in ways]
    rows = sorted(query.objects(), key=lambda row: order.index(row.why))
    first = {row.id: row for row in reversed(rows)}
    return [
        Related(
            row.why, row.id, row.version, row.name, row.outcome or row.state, row.text, row.category, row.decided_at
        )
        for row in rows
        if first[row.id] is row
    ]


def _on_pages(site: int, pages: Iterable[str]) -> Any:
    """The cases of the newest reports on MOST of these pages; None if there is none."""
    newest = [
        Report.select(Report.case)
        .where(Report.site == site, Report.page == page)
        .order_by(Report.id.desc())
        .limit(MOST_LOOKED_AT)
        for page in list(dict.fromkeys(pages))[:MOST]
    ]
    return reduce(or_, [Select([one], [one.c.case_id]) for one in newest]) if newest else None


def _limited(case: Case, why: str, way: Any, most: int) -> Any:
    inner = Case.select(Case.id).where(way, Case.id != case.id).order_by(Case.place, Case.id).limit(most)
    return Select([inner], [Value(why).alias("why"), inner.c.id])
