"""Mails that are owed to reporters: kept in the transaction that causes them, composed and sent afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta

from peewee import SQL, Expression, ModelSelect, Value, fn

from widget_server.rules import letters
from widget_server.rules.letters import About, masked
from widget_server.rules.retries import pause_after
from widget_server.storage import holding, log, seals
from widget_server.storage.seals import CannotOpen, Kind
from widget_server.storage.tables import Alert, Case, Delivery, Report, Ruling, database

TOO_LATE = timedelta(days=30)
"""A mail that could not be sent for so long is not sent any more."""

AT_ONCE = 50
"""Mails of an outbox in one round."""

Mail = tuple[str, str, str]


def address(report: Report) -> str:
    """Where a reporter wants to be told; empty if nowhere. Raises CannotOpen."""
    return seals.opened(Kind.ADDRESS, report.email) if report.email else ""


def shown(report: Report) -> str:
    """What the desk sees of that."""
    return seals.shown(Kind.ADDRESS, report.email, masked)


def owe_receipt(report: Report, *, at: datetime) -> None:
    """DSA Art. 16.4: confirm a report without delay to a reporter who left an address."""
    Delivery.insert(report=report, about=About.RECEIPT, created_at=at, due_at=at).execute()


def owe_appeal(report: Report, *, at: datetime) -> None:
    """Confirm that an appeal has arrived."""
    Delivery.insert(report=report, about=About.APPEAL, created_at=at, due_at=at).execute()


def owe_appeals_again(case: Case, *, at: datetime) -> None:
    """Confirm appeals on a case that waits for a decision again: of what was decided about them, nothing holds."""
    confirmed = Delivery.select(SQL("1")).where(Delivery.report == Report.id, Delivery.about == About.APPEAL)
    waits = Report.select().where(
        Report.case == case,
        Report.appealed_at >= case.appealed_since,
        Report.email != "",
        Report.taken_back_at.is_null(),
        ~fn.EXISTS(confirmed),
    )
    for report in waits if case.appealed_since else []:
        owe_appeal(report, at=at)


def owe_decision(ruling: Ruling, reports: Expression, *, at: datetime) -> None:
    """DSA Art. 16.5: tell the decision that holds for these reports, and that it can be appealed, to every reporter who
    left an address, but to those who have heard it last, or are to.
    """
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
    owed = Delivery.select(SQL("1")).where(
        Delivery.report == Report.id, Delivery.ruling == ruling, Delivery.delivered_at.is_null()
    )
    reachable = Report.select(Report.id, *same).where(
        reports,
        Report.email != "",
        Report.taken_back_at.is_null(),
        fn.COALESCE(_heard_last(), 0) != ruling.id,
        ~fn.EXISTS(owed),
    )
    Delivery.insert_from(reachable, columns).execute()


def end(reports: Expression, *, but: Ruling) -> None:
    """The last that reporters hear is the decision that holds: what was owed to them before, but receipts, is not sent
    any more.
    """
    others = Delivery.ruling.is_null() | (Delivery.ruling != but)
    of_these = Delivery.report.in_(Report.select(Report.id).where(reports))
    Delivery.delete().where(
        of_these & others & (Delivery.about != About.RECEIPT) & Delivery.delivered_at.is_null()
    ).execute()


def _heard_last() -> ModelSelect:
    """The ruling that a report's last decision mail told, or tells just now."""
    heard = (Delivery.attempts > 0) & (Delivery.failure == "")
    told = Delivery.select(Delivery.ruling).where(Delivery.report == Report.id, Delivery.ruling.is_null(False), heard)
    return told.order_by(Delivery.id.desc()).limit(1)


def cancel(ruling: Ruling) -> None:
    """The decision is taken back: what was not sent about it is not sent any more."""
    Delivery.delete().where(Delivery.ruling == ruling, Delivery.delivered_at.is_null()).execute()


def send(
    deliver: Callable[[Mail], str | None],
    link: Callable[[Report], str],
    *,
    confirm: Callable[[Report], str] | None = None,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Try what is due, until `enough`. `deliver` gives None or what went wrong; `link` the address of a report's page;
    `confirm` that of the page where its reporter tells that the mail came to the right person.

    A failed one is tried again after a pause, until it is given up (rules/retries.py); then it stays listed until it is
    too late. Returns how many were delivered.
    """

    def compose(number: int) -> Mail | None:
        return _compose(number, link, confirm)

    awaited = Delivery.about != About.RECEIPT
    return send_due(Delivery, compose, deliver, before=awaited, at=at, enough=enough)


def send_due(
    table: type[Delivery] | type[Alert],
    compose: Callable[[int], Mail | None],
    deliver: Callable[[Mail], str | None],
    *,
    before: Expression | None = None,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Try the mails of an outbox that are due, until `enough`. `compose`: the mail of a row; None if none is needed.

    `before`: which of them go before all others.

    Each is claimed before it is tried. If its sender dies, it is free again after the pause that follows a failure.
    """
    table.delete().where(table.created_at < at - TOO_LATE).execute()
    sent = 0
    for _ in range(AT_ONCE):
        if enough():
            break
        number = _claim(table, before, at=at)
        if number is None and before is not None:
            before = None
            number = _claim(table, at=at)
        if number is None:
            break
        sent += _try(table, number, compose, deliver, at=at)
    return sent


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
            site = Report.select(Report.site).join(Delivery).where(Delivery.id == number).scalar()
            log.write("send mail again", f"mail {number}", moderator=moderator, at=at, site=site)
            return True
    return False


def forget(report: Report) -> None:
    """Nothing more goes to this reporter about this report."""
    Delivery.delete().where(Delivery.report == report).execute()


def _claim(table: type[Delivery] | type[Alert], only: Expression | None = None, *, at: datetime) -> int | None:
    """The mail that is due next is ours until it is due again; what another is just claiming is passed over."""
    due = table.select(table.id, table.attempts).where(table.due_at <= at).order_by(table.due_at, table.id).limit(1)
    due = due if only is None else due.where(only)
    if database.for_update:
        due = due.for_update("FOR UPDATE SKIP LOCKED")
    with database.atomic():
        owed = due.first()
        if owed is None:
            return None
        pause = pause_after(owed.attempts + 1)
        ours = {"due_at": at + pause if pause else None, "attempts": owed.attempts + 1, "failure": ""}
        table.update(ours).where(table.id == owed.id).execute()
    return int(owed.id)


def _try(
    table: type[Delivery] | type[Alert],
    number: int,
    compose: Callable[[int], Mail | None],
    deliver: Callable[[Mail], str | None],
    *,
    at: datetime,
) -> bool:
    try:
        mail = compose(number)
        failure = deliver(mail) if mail else None
    except CannotOpen as why:
        failure = str(why)
    left = {"failure": failure} if failure else {"failure": "", "due_at": None, "delivered_at": at}
    table.update(left).where(table.id == number).execute()
    return failure is None


def _compose(number: int, link: Callable[[Report], str], confirm: Callable[[Report], str] | None) -> Mail | None:
    """From what is known now; nothing to somebody whose address is gone."""
    rows = Delivery.select(Delivery, Report, Case, Ruling).join(Report).join(Case).switch(Delivery)
    found = rows.left_outer_join(Ruling).where(Delivery.id == number).first()
    if found is None or not found.report.email:
        return None  # forgotten, perhaps this very moment
    report, ruling = found.report, found.ruling
    about = About(found.about)
    if about is About.RECEIPT:
        ruling = holding.said_to(report)
        about = About.ANSWERED if ruling else about
    elif ruling is not None and report.appealed_at and ruling.decided_at >= report.appealed_at:
        about = About.APPEAL_DECIDED
    subject, body = letters.letter(
        about,
        lang=report.case.lang,
        address=link(report),
        confirm=confirm(report) if confirm and report.confirmed_at is None else "",
        outcome=ruling.outcome if ruling else "",
        message=ruling.message if ruling else "",
    )
    return address(report), subject, body
