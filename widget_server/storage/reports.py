"""What readers have said does harm, and what they learn of it. How a report comes in: storage/arrivals.py."""

from dataclasses import dataclass
from datetime import datetime

from widget_server.rules import keys, moderation
from widget_server.rules.events import Event
from widget_server.rules.keys import Secrets
from widget_server.rules.marking import tidy
from widget_server.rules.moderation import ReportState, State
from widget_server.storage import bursts, cards, cases, counted, deliveries, holding, log, seals, webhooks
from widget_server.storage.seals import CannotOpen, Kind
from widget_server.storage.tables import Case, Report, Site, database


@dataclass(frozen=True, slots=True)
class Status:
    """What a reporter is told. `outcome` and `message` are the moderators' answer, once there is one.

    `set_aside`: it counts no more, with others that came at once. `later`: it is read after the others. `reachable`: an
    e-mail address is known, `written_to`: a mail to it confirms the report, and `confirmed`: it is the reporter's own.
    """

    state: ReportState
    category: str
    received_at: datetime
    outcome: str | None
    message: str | None
    decided_at: datetime | None
    appealed_at: datetime | None
    can_appeal: bool
    set_aside: bool = False
    later: bool = False
    reachable: bool = False
    written_to: bool = False
    confirmed: bool = False


def receipt_of(report: Report, server_secrets: Secrets) -> str:
    """The receipt of a stored report: derived again, or as it was kept when the secret of that time was replaced.

    Raises CannotOpen.
    """
    if report.receipt:
        return seals.opened(Kind.RECEIPT, report.receipt)
    for secret in server_secrets:
        receipt = keys.receipt(secret, sender=report.sender)
        if keys.receipt_digest(receipt) == report.receipt_sha256:
            return receipt
    raise CannotOpen("this report's receipt was made under another WIDGET_SECRET_KEY")


def receipt_again(report: Report, server_secrets: Secrets) -> str:
    """The receipt, for whoever sends the report once more.

    Another one if the secret of the first is not known any more: who had that one would not send it again.
    """
    try:
        return receipt_of(report, server_secrets)
    except CannotOpen:
        receipt = keys.receipt(server_secrets[0], sender=report.sender)
        Report.update(receipt_sha256=keys.receipt_digest(receipt), receipt=None).where(Report.id == report.id).execute()
        return receipt


def find(receipt: str) -> Report | None:
    """The report that this receipt is for, unless it was taken back."""
    return (
        Report.select(Report, Case, Site)
        .join(Case)
        .join(Site)
        .where(Report.receipt_sha256 == keys.receipt_digest(receipt), Report.taken_back_at.is_null())
        .first()
    )


def status(report: Report) -> Status:
    """Where a report stands and what was answered."""
    answer = holding.said_to(report)
    state = moderation.report_state(
        decided=answer is not None,
        appealed=report.appealed_at is not None,
        appeal_decided=bool(answer and report.appealed_at and answer.decided_at >= report.appealed_at),
        viewed=report.aside_at is None and (report.case.viewed_at is not None or report.case.state == State.ESCALATED),
    )
    return Status(
        state=state,
        category=report.category,
        received_at=report.received_at,
        outcome=answer.outcome if answer else None,
        message=answer.message if answer else None,
        decided_at=answer.decided_at if answer else None,
        appealed_at=report.appealed_at,
        can_appeal=moderation.may_appeal(
            state,
            appealed=report.appealed_at is not None,
            against_decision=report.appeal_against_id is not None,
            aside=report.aside_at is not None,
        ),
        set_aside=report.aside_at is not None and answer is None,
        later=report.unproved and answer is None,
        reachable=report.email != "",
        written_to=report.email != "" and report.written_to,
        confirmed=report.confirmed_at is not None,
    )


def appeal(report: Report, comment: str, *, at: datetime) -> bool:
    """The reporter disagrees, with a decision or with standing aside: the case comes back to the desk.

    False if there is nothing (more) to appeal against.
    """
    with database.atomic():
        case = cases.locked(Case.id == report.case_id)
        report = find_again(report)
        if case is None or report is None or not status(report).can_appeal:
            return False
        against, at = holding.said_to(report), moderation.after(case.decided_at, report.received_at, at=at)
        said = tidy(comment) if report.appeal is None else f"{_dated(report)}\n\n{tidy(comment)}"
        Report.update(appeal=said, appealed_at=at, appeal_against=against).where(Report.id == report.id).execute()
        if report.aside_at:
            bursts.count_again(case, report, at=at)
        if against and case.escalated_to_id == against.moderator_id:
            case.escalated_to = None
        if State(case.state) not in moderation.WAITING:
            case.viewed_at, case.waiting_since = None, at
        case.appealed_since = case.appealed_since or at
        case.latest_at = max(case.latest_at or at, at)
        from_card = case.leader_id
        case.state, case.leader = moderation.after_appeal(State(case.state)), None
        case.version += 1
        counted.weigh(case)
        cases.keep(case)
        cards.ease(from_card)
        if report.email:
            deliveries.owe_appeal(report, at=at)
        log.write("appeal", f"case {case.id}", moderator=None, at=at, site=case.site_id)
        webhooks.tell(case, Event.CASE_APPEALED, at=at)
    return True


def _dated(report: Report) -> str:
    """What the reporter has objected before."""
    return f"{report.appealed_at:%Y-%m-%d %H:%M} UTC: {report.appeal}"


def find_again(report: Report) -> Report | None:
    """The report as it is now."""
    return Report.select(Report, Case).join(Case).where(Report.id == report.id, Report.taken_back_at.is_null()).first()
