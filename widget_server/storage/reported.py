"""What readers said about a case: some of each category on its page, all of them a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import SQL, fn
from peewee import Case as Either

from widget_server.storage.tables import Case as Reported
from widget_server.storage.tables import Report

OF_EACH = 10
"""Reports of a category that the case's page shows: first those that say something, then the newest."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class Said:
    """`reports`: up to OF_EACH of each category. `counts`: how many each category has. `by_mail`: left an address.

    `aside`: how many are set aside, which `counts` leaves out. `of_bursts`: how many came in a burst.
    """

    reports: list[Report]
    counts: dict[str, int]
    by_mail: int
    aside: int
    of_bursts: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def on(case: Reported) -> Said:
    """What was said about a case and not taken back, in one statement however many they are."""
    aside = Report.aside_at.is_null(False)
    folds = [Either(None, [(aside, "")], Report.category)]
    ranked = _living(case).select(
        Report,
        fn.ROW_NUMBER().over(partition_by=folds, order_by=_telling()).alias("nth"),
        fn.COUNT(SQL("*")).over(partition_by=folds).alias("alike"),
        fn.SUM(Either(None, [(Report.email != "", 1)], 0)).over().alias("by_mail"),
        fn.COUNT(Report.burst).over().coerce(False).alias("of_bursts"),
    )
    rows = list(Report.select(SQL("ranked.*")).from_(ranked.alias("ranked")).where(SQL("nth") <= OF_EACH))
    counts = {row.category: row.alike for row in rows if row.aside_at is None}
    return Said(
        reports=rows,
        counts=dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))),
        by_mail=rows[0].by_mail if rows else 0,
        aside=next((row.alike for row in rows if row.aside_at), 0),
        of_bursts=rows[0].of_bursts if rows else 0,
    )


def told(case: Reported, *, since: datetime) -> tuple[int, int]:
    """How many of its reports that count came since then, and from how many of all reporters there is an address."""
    counts, reachable = Report.aside_at.is_null(), Report.email != ""
    sums = [fn.SUM(Either(None, [(each, 1)], 0)) for each in (counts, reachable)]
    row = _living(case).select(*sums).where(Report.received_at > since).tuples().get()
    return row[0] or 0, row[1] or 0


def page(case: Reported, category: str | None, *, before: int | None) -> list[Report]:
    """Up to PAGE + 1 reports of one category (None: those that are set aside, of any), the newest first; one more than
    PAGE: there are more.
    """
    aside, those = Report.aside_at.is_null(category is not None), _living(case).order_by(Report.id.desc())
    query = those.where(aside, True if category is None else Report.category == category).limit(PAGE + 1)
    return list(query.where(Report.id < before) if before else query)


def pages(case: Reported, *, most: int) -> list[str]:
    """The addresses on which the case's text was reported, the latest first."""
    latest = fn.MAX(Report.id)
    query = _living(case).select(Report.page).where(Report.page != "").group_by(Report.page).order_by(latest.desc())
    return [row.page for row in query.limit(most)]


def _telling() -> list[Any]:
    """Appeals first, then confirmed addresses, then words of their own, then the newest."""
    return [Report.appeal.is_null(), Report.confirmed_at.is_null(), Report.comment == "", Report.id.desc()]


def _living(case: Reported) -> Any:
    return Report.select().where(Report.case == case, Report.taken_back_at.is_null())
