"""Mails that are owed to reporters: kept in the transaction that causes them, composed and sent afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta

from peewee import Value

from widget_server.rules import letters
from widget_server.rules.letters import About
from widget_server.storage.tables import Case, Delivery, Report, Ruling

FIRST_PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 12
TOO_LATE = timedelta(days=30)
"""A mail that could not be sent for so long is not sent any more."""

Mail = tuple[str, str, str]


def owe_receipt(report: Report, *, at: datetime) -> None:
    """DSA Art. 16.4: confirm a report without delay to a reporter who left an address."""
    Delivery.insert(report=report, about=About.RECEIPT, created_at=at, due_at=at).execute()


def owe_appeal(report: Report, *, at: datetime) -> None:
    """Confirm that an appeal has arrived."""
    Delivery.insert(report=report, about=About.APPEAL, created_at=at, due_at=at).execute()


def owe_decision(case: Case, ruling: Ruling, *, at: datetime) -> None:
    """DSA Art. 16.5: tell the decision, and that it can be appealed, to every reporter who left an address."""
    columns = (
        Delivery.report,
        Delivery.ruling,
        Delivery.created_at,
        Delivery.due_at,
        Delivery.attempts,
        Delivery.failure,
        Delivery.about,
    )
    moment = Delivery.created_at.db_value(at)
    same = (Value(each) for each in (ruling.id, moment, moment, 0, "", str(About.DECISION)))
    reachable = Report.select(Report.id, *same).where(
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
    confirm: Callable[[Report], str] | None = None,
    at: datetime,
) -> int:
    """Try every delivery that is due. `deliver` gives None or what went wrong; `link` the address of a report's page;
    `confirm` that of the page where its reporter tells that the mail came to the right person.

    A failed one is tried again after a pause that doubles; after MOST_ATTEMPTS it is given up and stays listed until it
    is too late. Returns how many were delivered.
    """
    Delivery.delete().where(Delivery.created_at < at - TOO_LATE).execute()
    due = list(Delivery.select(Delivery.id, Delivery.due_at, Delivery.attempts).where(Delivery.due_at <= at).limit(50))

    def compose(owed: Delivery) -> Mail | None:
        return _compose(owed, link, confirm)

    return sum(_try(owed, deliver, compose, at=at) for owed in due)


def forget(report: Report) -> None:
    """Nothing more goes to this reporter about this report."""
    Delivery.delete().where(Delivery.report == report).execute()


def _try(
    owed: Delivery,
    deliver: Callable[[Mail], str | None],
    compose: Callable[[Delivery], Mail | None],
    *,
    at: datetime,
) -> bool:
    pause = FIRST_PAUSE * 2**owed.attempts
    again = at + pause if owed.attempts + 1 < MOST_ATTEMPTS else None
    claim = Delivery.update(due_at=again, attempts=owed.attempts + 1)
    if not claim.where(Delivery.id == owed.id, Delivery.due_at == owed.due_at).execute():
        return False  # another process has it
    mail = compose(owed)
    failure = deliver(mail) if mail else None
    left = {"failure": failure} if failure else {"failure": "", "due_at": None, "delivered_at": at}
    Delivery.update(left).where(Delivery.id == owed.id).execute()
    return failure is None


def _compose(owed: Delivery, link: Callable[[Report], str], confirm: Callable[[Report], str] | None) -> Mail | None:
    """From what is known now; nothing to somebody whose address is gone."""
    rows = Delivery.select(Delivery, Report, Case, Ruling).join(Report).join(Case).switch(Delivery)
    found = rows.left_outer_join(Ruling).where(Delivery.id == owed.id).get()
    report, ruling = found.report, found.ruling
    if not report.email:
        return None
    about = About(found.about)
    if ruling is not None and report.appealed_at and ruling.decided_at >= report.appealed_at:
        about = About.APPEAL_DECIDED
    subject, body = letters.letter(
        about,
        lang=report.case.lang,
        address=link(report),
        confirm=confirm(report) if confirm and report.confirmed_at is None else "",
        outcome=ruling.outcome if ruling else "",
        message=ruling.message if ruling else "",
    )
    return report.email, subject, body
