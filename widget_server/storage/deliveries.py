"""Mails that are owed to reporters: kept in the transaction that causes them, composed and sent afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile

from peewee import Value

from widget_server.rules.retries import pause_after
from widget_server.storage import log
from widget_server.storage.tables import Case, Delivery, Report, Ruling, database

TOO_LATE = timedelta(days=30)
"""A mail that could not be sent for so long is not sent any more."""

OUTCOME_WORDS = {
    "dismissed": "The text stays. No clause of the guideline was found to be broken.",
    "withdrawn": "The text was withdrawn.",
    "relabelled": "The text's label was corrected.",
}
Mail = tuple[str, str, str]


def owe_receipt(report: Report, *, at: datetime) -> None:
    """DSA Art. 16.4: confirm a report without delay to a reporter who left an address."""
    Delivery.insert(report=report, created_at=at, due_at=at).execute()


def owe_decision(case: Case, ruling: Ruling, *, at: datetime) -> None:
    """DSA Art. 16.5: tell the decision, and that it can be appealed, to every reporter who left an address."""
    columns = (
        Delivery.report,
        Delivery.ruling,
        Delivery.created_at,
        Delivery.due_at,
        Delivery.attempts,
        Delivery.failure,
    )
    moment = Delivery.created_at.db_value(at)
    reachable = Report.select(Report.id, Value(ruling.id), Value(moment), Value(moment), Value(0), Value("")).where(
        Report.case == case, Report.email != "", Report.taken_back_at.is_null()
    )
    Delivery.insert_from(reachable, columns).execute()


def cancel(ruling: Ruling) -> None:
    """The decision is taken back: what was not sent about it is not sent any more."""
    Delivery.delete().where(Delivery.ruling == ruling, Delivery.delivered_at.is_null()).execute()


def send(
    deliver: Callable[[Mail], str | None],
    link: Callable[[Report], str],
    *,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Try what is due, until `enough`. `deliver` gives None or what went wrong; `link` the address of a report's page.

    A failed one is tried again after a pause, until it is given up (rules/retries.py); then it stays listed until it is
    too late. Returns how many were delivered.
    """
    Delivery.delete().where(Delivery.created_at < at - TOO_LATE).execute()
    due = list(Delivery.select(Delivery.id, Delivery.due_at, Delivery.attempts).where(Delivery.due_at <= at).limit(50))
    return sum(_try(owed, deliver, link, at=at) for owed in takewhile(lambda _: not enough(), due))


def page(*, before: int | None, size: int, sites: list[int] | None = None) -> list[Delivery]:
    """What was and is owed to reporters, the newest first, or those before the number `before`."""
    query = Delivery.select(Delivery, Report).join(Report).order_by(Delivery.id.desc()).limit(size)
    if sites is not None:
        query = query.where(Report.site.in_(sites))
    return list(query.where(Delivery.id < before) if before else query)


def again(number: int, *, moderator: int, sites: list[int] | None = None, at: datetime) -> bool:
    """Owe a mail again that was given up. False if there is no such mail."""
    given_up = Delivery.due_at.is_null() & Delivery.delivered_at.is_null()
    of_sites = True if sites is None else Delivery.report.in_(Report.select(Report.id).where(Report.site.in_(sites)))
    with database.atomic():
        afresh = Delivery.update(due_at=at, attempts=0, failure="").where(Delivery.id == number, given_up, of_sites)
        if afresh.execute():
            log.write("send mail again", f"mail {number}", moderator=moderator, at=at)
            return True
    return False


def forget(report: Report) -> None:
    """Nothing more goes to this reporter about this report."""
    Delivery.delete().where(Delivery.report == report).execute()


def _try(owed: Delivery, deliver: Callable[[Mail], str | None], link: Callable[[Report], str], *, at: datetime) -> bool:
    pause = pause_after(owed.attempts + 1)
    claim = Delivery.update(due_at=at + pause if pause else None, attempts=owed.attempts + 1)
    if not claim.where(Delivery.id == owed.id, Delivery.due_at == owed.due_at).execute():
        return False  # another process has it
    row = Delivery.select(Delivery, Report, Ruling).join(Report).switch(Delivery).left_outer_join(Ruling)
    found = row.where(Delivery.id == owed.id).get()
    report, ruling = found.report, found.ruling
    failure = deliver(_compose(report, ruling, link(report))) if report.email else None
    left = {"failure": failure} if failure else {"failure": "", "due_at": None, "delivered_at": at}
    Delivery.update(left).where(Delivery.id == owed.id).execute()
    return failure is None


def _compose(report: Report, ruling: Ruling | None, address: str) -> Mail:
    if ruling is None:
        subject = "Your report was received"
        body = (
            "Thank you. Your report on a machine-generated text was received and a person will look at it.\n\n"
            f"See what became of it, or take it back:\n{address}\n"
        )
    else:
        subject = "Your report was decided"
        body = (
            f"{OUTCOME_WORDS[ruling.outcome]}\n\nThe moderator's message:\n{ruling.message}\n\n"
            f"It was decided by a person, not automatically. If you disagree, you can appeal here:\n{address}\n"
        )
    return report.email, subject, body
