"""What readers said about a case: some of each category on its page, all of them a page at a time."""

from dataclasses import dataclass
from typing import Any

from peewee import SQL, Case, fn

from widget_server.storage.tables import Case as Reported
from widget_server.storage.tables import Report

OF_EACH = 10
"""Reports of a category that the case's page shows: first those that say something, then the newest."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class Said:
    """`reports`: up to OF_EACH of each category. `counts`: how many each category has. `by_mail`: left an address."""

    reports: list[Report]
    counts: dict[str, int]
    by_mail: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def on(case: Reported) -> Said:
    """What was said about a case and not taken back, in one statement however many they are."""
    ranked = _living(case).select(
        Report,
        fn.ROW_NUMBER().over(partition_by=[Report.category], order_by=_telling()).alias("nth"),
        fn.COUNT(SQL("*")).over(partition_by=[Report.category]).alias("alike"),
        fn.SUM(Case(None, [(Report.email != "", 1)], 0)).over().alias("by_mail"),
    )
    rows = list(Report.select(SQL("ranked.*")).from_(ranked.alias("ranked")).where(SQL("nth") <= OF_EACH))
    return Said(rows, {row.category: row.alike for row in rows}, rows[0].by_mail if rows else 0)


def page(case: Reported, category: str, *, before: int | None) -> list[Report]:
    """Up to PAGE + 1 reports of one category, the newest first; one more than PAGE: there are more."""
    query = _living(case).where(Report.category == category).order_by(Report.id.desc()).limit(PAGE + 1)
    return list(query.where(Report.id < before) if before else query)


def pages(case: Reported, *, most: int) -> list[str]:
    """The addresses on which the case's text was reported, the latest first."""
    latest = fn.MAX(Report.id)
    query = _living(case).select(Report.page).where(Report.page != "").group_by(Report.page).order_by(latest.desc())
    return [row.page for row in query.limit(most)]


def _telling() -> list[Any]:
    """Appeals first, then reports with words of their own, then the newest."""
    return [Report.appeal.is_null(), Report.comment == "", Report.id.desc()]


def _living(case: Reported) -> Any:
    return Report.select().where(Report.case == case, Report.taken_back_at.is_null())
