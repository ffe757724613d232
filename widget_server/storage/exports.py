"""What leaves as a file: read in chunks, however many rows there are, and never a reporter's address or receipt.

A text that was reported or decided as child sexual abuse stays here, whatever it was called on other sites, and so does
every passage of it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import SQL, Expression, Field, ModelSelect, fn

from widget_server.rules import statements
from widget_server.rules.harms import HARMS, WITHHELD
from widget_server.rules.moderation import UPHELD, Decision
from widget_server.storage import begin, end, rulings
from widget_server.storage.tables import Case, Report, Ruling, Site

CHUNK = 500
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on and before `until`, on `sites` (None: all)."""

    sites: list[int] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def of(self, query: ModelSelect, moment: Field) -> ModelSelect:
        if self.sites is not None:
            query = query.where(Case.site.in_(self.sites))
        if self.since:
            query = query.where(moment >= self.since)
        return query.where(moment < self.until) if self.until else query


def decisions(period: Period) -> Iterator[dict[str, str]]:
    """The final decisions that hold, in the names of the EU Transparency Database."""
    for rows in _chunks(period.of(_final(), Ruling.decided_at), Ruling.id):
        for row in rows:
            yield statements.statement(
                outcome=row.outcome,
                category=row.category,
                ground=row.ground,
                message=row.message,
                puid=f"case-{row.case_id}-{row.id}",
                opened=row.reported or row.case.opened_at,
                decided=row.decided_at,
                lang=row.case.lang,
                reported=row.reported is not None,
            )


def cases(period: Period) -> Iterator[Row]:
    """The cases that were opened then."""
    reported = Report.select(fn.COUNT(Report.id)).where(Report.case == Case.id, Report.taken_back_at.is_null())
    query = Case.select(Case, Site, reported.alias("reports"), _withheld().alias("withheld")).join(Site)
    for rows in _chunks(period.of(query, Case.opened_at), Case.id):
        for row in rows:
            yield {
                "case": row.id,
                "site": row.site.key,
                "state": row.state,
                "outcome": row.outcome,
                **_codes(row.category),
                "urgent": row.urgent,
                "text_sha256": row.text_sha256,
                "text": None if row.withheld else row.text or None,
                **_label(row),
                "reports": row.reports,
                "seen": row.seen,
                **_moments(row, "opened_at", "waiting_since", "viewed_at", "decided_at"),
            }


def reports(period: Period) -> Iterator[Row]:
    """The reports that came then; of those that were taken back, only that there was one."""
    query = Report.select(Report, Case, Site, _withheld().alias("withheld"))
    query = query.join(Case).join(Site)
    for rows in _chunks(period.of(query, Report.received_at), Report.id):
        for row in rows:
            yield {
                "report": row.id,
                "case": row.case_id,
                "site": row.case.site.key,
                **_codes(row.category),
                "verified": bool(row.verified),
                "good_faith": bool(row.good_faith),
                "quote": None if row.withheld else row.quote,
                "comment": row.comment,
                "page": row.page,
                "appeal": row.appeal,
                **_moments(row, "received_at", "appealed_at", "taken_back_at"),
            }


def evaluation(period: Period) -> Iterator[Row]:
    """Texts about which readers were right, for the evaluation set of what generates them.

    The last decision on each counts; a dismissal that leaves a corrected label standing replaces none. A text that was
    forgotten, or is withheld, is left out.
    """
    later = Ruling.alias()
    replaced = later.select(SQL("1")).where(
        later.case == Ruling.case,
        later.id > Ruling.id,
        later.outcome.is_null(False),
        later.undone_at.is_null(),
        ~((later.decision == Decision.DISMISS) & later.label.is_null(False)),
    )
    query = _final().where(
        Ruling.decision.in_([str(decision) for decision in UPHELD]),
        Case.text != "",
        ~fn.EXISTS(replaced),
        ~_withheld(),
        rulings.first_report().is_null(False),
    )
    for rows in _chunks(period.of(query, Ruling.decided_at), Ruling.id):
        quotes = _quotes([row.case_id for row in rows])
        for row in rows:
            yield {
                "case": row.case_id,
                "site": row.case.site.key,
                "text": row.case.text,
                "text_sha256": row.case.text_sha256,
                **_label(row.case),
                **_codes(row.category),
                "llama_guard": HARMS[row.category].llama_guard,
                "mlcommons": HARMS[row.category].mlcommons,
                "decision": row.decision,
                "ground": row.ground,
                "quotes": quotes[row.case_id],
                **_moments(row, "decided_at"),
            }


def _final() -> ModelSelect:
    query = Ruling.select(Ruling, Case, Site, rulings.first_report().alias("reported")).join(Case).join(Site)
    return query.where(Ruling.outcome.is_null(False), Ruling.undone_at.is_null())


def _withheld() -> Expression:
    """Whether a case's text stays here: on some site it was reported or decided as what is never handed on."""
    same, reported, decided = Case.alias(), Report.alias(), Ruling.alias()
    named = (
        same.category.in_(WITHHELD)
        | fn.EXISTS(reported.select(SQL("1")).where(reported.case == same.id, reported.category.in_(WITHHELD)))
        | fn.EXISTS(decided.select(SQL("1")).where(decided.case == same.id, decided.category.in_(WITHHELD)))
    )
    return fn.EXISTS(same.select(SQL("1")).where(same.text_sha256 == Case.text_sha256, named))


def _chunks(query: ModelSelect, number: Field) -> Iterator[list[Any]]:
    """The rows in the order of their numbers. Between chunks no connection is held: a reader may be slow."""
    last = 0
    while True:
        begin()
        try:
            rows = list(query.where(number > last).order_by(number).limit(CHUNK))
        finally:
            end()
        if rows:
            yield rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].id


def _quotes(numbers: list[int]) -> dict[int, list[str]]:
    """The passages that readers marked in the texts of these cases."""
    found: dict[int, list[str]] = defaultdict(list)
    begin()
    try:
        rows = Report.select(Report.case, Report.quote).where(
            Report.case.in_(numbers), Report.quote.is_null(False), Report.taken_back_at.is_null()
        )
        for row in rows.order_by(Report.id):
            if row.quote["exact"] not in found[row.case_id]:
                found[row.case_id].append(row.quote["exact"])
    finally:
        end()
    return found


def _codes(category: str) -> Row:
    return {"category": category, "clause": HARMS[category].clause}


def _label(case: Case) -> Row:
    return {
        "model": case.model,
        "provider": case.provider,
        "review": case.review,
        "lang": case.lang,
        "verified": bool(case.verified),
    }


def _moments(row: Any, *names: str) -> Row:
    moments = {name: getattr(row, name) for name in names}
    return {name: moment.isoformat(timespec="seconds") if moment else None for name, moment in moments.items()}


FILES = {"decisions": decisions, "cases": cases, "reports": reports, "evaluation": evaluation}
