"""Mails that are owed to reporters: kept in the transaction that causes them, composed and sent afterwards."""

from collections.abc import Callable
from datetime import datetime

from peewee import SQL, Expression, Value, fn

from widget_server.rules import letters
from widget_server.rules.letters import About, masked
from widget_server.rules.moderation import WAITING, State
from widget_server.storage import cases, holding, log, outbox, seals
from widget_server.storage.outbox import Mail
from widget_server.storage.seals import Kind
from widget_server.storage.tables import Case, Delivery, Report, Ruling, database

ON_ITS_WAY = (Delivery.attempts > 0) & (Delivery.failure == "") & Delivery.delivered_at.is_null()
"""Some server may have it by now, or is just being given it."""


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


def owe_decision(ruling: Ruling, reports: Expression, *, at: datetime) -> None:
    """DSA Art. 16.5: tell the decision that holds for these reports, and that it can be appealed, to every reporter who
    left an address, but to those who have heard it last, or are to.

    Who reports what is decided already hears of it with the receipt, as long as that is to come; who gets none, for the
    mailbox has had enough of them, not before a moderator decides again.
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
    owed = Delivery.select(SQL("1")).where(Delivery.report == Report.id, Delivery.delivered_at.is_null())
    with_receipt = owed.where(Delivery.about == About.RECEIPT, Delivery.due_at.is_null(False), ~ON_ITS_WAY)
    hears_another = owed.where(Delivery.ruling.is_null(False), Delivery.ruling != ruling, ON_ITS_WAY)
    reachable = Report.select(Report.id, *same).where(
        reports,
        Report.email != "",
        Report.taken_back_at.is_null(),
        (Report.received_at <= ruling.decided_at)
        | (Report.written_to & ~fn.EXISTS(with_receipt))
        | Report.heard.is_null(False),
        (fn.COALESCE(Report.heard, 0) != ruling.id) | fn.EXISTS(hears_another),
        ~fn.EXISTS(owed.where(Delivery.ruling == ruling)),
    )
    Delivery.insert_from(reachable, columns).execute()


def owe_what_holds(case: Case, *, at: datetime) -> None:
    """After something was taken back: those whom the decisions that are left answer hear of them, whatever they have
    heard last, and who waits for a second look again, that it was asked for.
    """
    final = holding.last(case, final=True)
    for ruling, reports in holding.answered(final) if final else []:
        answered = reports & holding.answers(ruling, case)
        owe_decision(ruling, answered, at=at)
        end(answered, but=ruling)
    if State(case.state) in WAITING and case.appealed_since:
        _owe_appeals(case, at=at)


def _owe_appeals(case: Case, *, at: datetime) -> None:
    """Those that were not confirmed, unless it is too late."""
    confirmed = Delivery.select(SQL("1")).where(Delivery.report == Report.id, Delivery.about == About.APPEAL)
    waits = Report.select().where(
        Report.case == case,
        Report.appealed_at >= case.appealed_since,
        Report.appealed_at > at - outbox.TOO_LATE,
        Report.email != "",
        Report.taken_back_at.is_null(),
        ~fn.EXISTS(confirmed),
    )
    for report in waits:
        owe_appeal(report, at=at)


def end(reports: Expression, *, but: Ruling) -> None:
    """The last that reporters hear is the decision that holds: what was owed to them before, but receipts, is not sent
    any more. What is on its way stays, to be seen when it has arrived.
    """
    others = Delivery.ruling.is_null() | (Delivery.ruling != but)
    of_these = Delivery.report.in_(Report.select(Report.id).where(reports)) & (Delivery.about != About.RECEIPT)
    decided = Delivery.ruling.is_null(False) & ON_ITS_WAY
    Delivery.delete().where(of_these & others & Delivery.delivered_at.is_null() & ~decided).execute()


def cancel(ruling: Ruling) -> None:
    """The decision is taken back: what was not sent about it is not sent any more."""
    Delivery.delete().where(Delivery.ruling == ruling, Delivery.delivered_at.is_null(), ~ON_ITS_WAY).execute()


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

    def attempt(number: int) -> str | None:
        return _attempt(number, deliver, link, confirm, at=at)

    awaited = Delivery.about != About.RECEIPT
    return outbox.send(Delivery, attempt, before=awaited, at=at, enough=enough)


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


def _attempt(
    number: int,
    deliver: Callable[[Mail], str | None],
    link: Callable[[Report], str],
    confirm: Callable[[Report], str] | None,
    *,
    at: datetime,
) -> str | None:
    """From what is known now. The report keeps which decision was told."""
    known = _told(number)
    if known is None:
        return None
    report, about, ruling, held = known
    failure = deliver(_letter(report, about, ruling, link=link, confirm=confirm))
    if failure is None:
        _heard(report, ruling, held, at=at)
    return failure


def _told(number: int) -> tuple[Report, About, Ruling | None, Ruling | None] | None:
    """To whom a mail goes, what it tells, and which decision holds; None if it is needed no more.

    The case is locked: so no decision holds again just while a mail about it is dropped.
    """
    case = Report.select(Report.case).join(Delivery).where(Delivery.id == number)
    rows = Delivery.select(Delivery, Report, Case, Ruling).join(Report).join(Case).switch(Delivery)
    with database.atomic():
        cases.locked(Case.id.in_(case))
        found = rows.left_outer_join(Ruling).where(Delivery.id == number).first()
        if found is None or not found.report.email:
            return None  # forgotten, perhaps this very moment
        report, about, holds = found.report, About(found.about), holding.said_to(found.report)
        if about is About.RECEIPT and holds:
            return report, About.ANSWERED, holds, holds
        if about is About.DECISION and found.ruling != holds:
            Delivery.delete().where(Delivery.id == number).execute()
            return None  # what it was to answer waits for another decision
        return report, about, found.ruling, holds


def _heard(before: Report, ruling: Ruling | None, held: Ruling | None, *, at: datetime) -> None:
    """A mail has arrived, which told this. Where another decision holds by now, or another was told meanwhile, nobody
    knows which mail came last: what holds is told once more, unless it is still to be sent.
    """
    with database.atomic():
        cases.locked(Case.id == before.case_id)
        now = Report.select(Report, Case).join(Case).where(Report.id == before.id).first()
        if now is None or not now.email:
            return  # forgotten meanwhile
        if ruling:
            Report.update(heard=ruling).where(Report.id == now.id).execute()
        holds = holding.said_to(now)
        told_meanwhile = ruling and now.heard_id not in (before.heard_id, ruling.id)
        if holds is None or (holds == held and not told_meanwhile):
            return
        of_it = (Delivery.report == now) & (Delivery.ruling == holds)
        if not Delivery.select().where(of_it, Delivery.delivered_at.is_null(), ~ON_ITS_WAY).exists():
            Delivery.insert(report=now, ruling=holds, about=About.DECISION, created_at=at, due_at=at).execute()


def _letter(
    report: Report,
    about: About,
    ruling: Ruling | None,
    *,
    link: Callable[[Report], str],
    confirm: Callable[[Report], str] | None,
) -> Mail:
    if about is About.DECISION and ruling and report.appealed_at and ruling.decided_at >= report.appealed_at:
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
