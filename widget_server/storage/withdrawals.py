"""Reports that end: taken back by who sent them, or too old to be kept; and what personal goes with them."""

from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

from peewee import SQL, Expression, ModelSelect, fn

from widget_server.rules import moderation
from widget_server.rules.moderation import State
from widget_server.storage import bursts, cards, cases, counted, deliveries, kin, log, reports, searching
from widget_server.storage.tables import Case, Delivery, Report, database
from widget_server.storage.tables.base import MomentField

AT_ONCE = 5_000
"""Texts that go in one round."""


def take_back(report: Report, *, at: datetime) -> None:
    """The reporter withdraws the report: everything personal in it is destroyed; what remains is that there was one.

    A case of which no report counts any more leaves the desk, unless it was already decided; if none is left at all, it
    loses a text that only its reporters saw, and with the last report of that text on any site, so do all its cases.
    """
    with database.atomic():
        case, now = cases.locked(Case.id == report.case_id), reports.find_again(report)
        if now is None:
            return
        report = now
        gone = {"taken_back_at": at, "confirmed_at": None, "source": None, "burst": None, "appealed_at": None}
        _blank(Report.id == report.id, **gone)
        bursts.leave(report)
        deliveries.forget(report)
        if case:
            waited = State(case.state) in moderation.WAITING
            counted.weigh(case)
            if not counted.any_of(case):
                _leave(case)
            if waited:  # also where it still does: what was withdrawn answers all that came before the first appeal
                deliveries.owe_what_holds(case, at=at)
            cases.keep(case)
            cards.regroup(case)
            cards.ease(case.leader_id)
            if not case.text:
                searching.words_are_gone()
        log.write("take report back", f"case {report.case_id}", moderator=None, at=at, site=report.site_id)


def _leave(case: Case) -> None:
    """Nothing on it waits for a decision any more."""
    if State(case.state) in moderation.WAITING:
        case.state = moderation.after_last_report(case.outcome)
    case.version += 1
    if not case.verified and not _living(case).exists():
        case.text = ""
        kin.forget([case.id])
        copies = Case.select(Case.id).where(Case.text_sha256 == case.text_sha256).order_by(Case.id)
        numbers = [copy.id for copy in (copies.for_update() if database.for_update else copies)]
        if not Report.select().where(Report.case.in_(numbers), Report.taken_back_at.is_null()).exists():
            _lose_texts(Case.id.in_(numbers) & ~Case.verified)


def purge(*, before: datetime) -> int:
    """Destroy what is personal in reports and appeals older than this moment whose case was settled before it, too.

    So it stays as long as its mails are owed, or what settled it can be taken back: that is a day, the shortest time.
    Texts that only reporters saw go with the last of them. Returns how many reports.
    """
    filled = (Report.page != SQL("''")) | Report.appeal.is_null(False)  # as the index has it
    old = (Report.received_at < before) & _none_since(before, Report.appealed_at, Report.aside_at)
    settled = Case.state.not_in([str(state) for state in moderation.WAITING]) & _none_since(before, Case.decided_at)
    owed = Delivery.select(SQL("1")).where(Delivery.report == Report.id, Delivery.delivered_at.is_null())
    over = old & filled & ~fn.EXISTS(owed)
    with database.atomic():
        gone = over & fn.EXISTS(Case.select(SQL("1")).where(Case.id == Report.case, settled))
        if database.for_update:  # not of a case that is just reported again
            rows = Report.select(Report.id).join(Case).where(over, settled)
            gone = Report.id.in_(rows.for_update("FOR UPDATE SKIP LOCKED"))
        emptied = _blank(gone)
        still_filled = Report.select(SQL("1")).where(Report.case == Case.id, filled)
        over = settled & (Case.waiting_since < before)
        done = Case.select(Case.id).where(~Case.verified, Case.text != SQL("''"), over, ~fn.EXISTS(still_filled))
        numbers = [row.id for row in done.limit(AT_ONCE)]
        if numbers and _lose_texts(Case.id.in_(numbers) & over):  # again: one may have been reported meanwhile
            searching.words_are_gone()
        return emptied


def _none_since(before: datetime, *moments: MomentField) -> Expression:
    """What happened at these moments, if it did, was before."""
    return reduce(and_, [moment.is_null() | (moment < before) for moment in moments])


def _lose_texts(which: Expression) -> list[int]:
    """The texts of these cases go. Returns the cases' numbers."""
    lost = [row.id for row in Case.update(text="").where(which).returning(Case.id).execute()]
    kin.forget(lost)
    return lost


def _blank(which: Any, **also: Any) -> int:
    gone = {"quote": None, "comment": "", "email": "", "receipt": None, "page": "", "appeal": None}
    return Report.update(**gone, **also).where(which).execute()


def _living(case: Case) -> ModelSelect:
    return Report.select().where(Report.case == case, Report.taken_back_at.is_null())
