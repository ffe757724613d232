"""What readers say does harm, and what they learn of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import IntegrityError, ModelSelect

from widget_server.rules import keys, moderation
from widget_server.rules.harms import HARMS, gravest
from widget_server.rules.marking import Disclosure
from widget_server.rules.moderation import Queue, ReportState, State
from widget_server.storage import cards, cases, deliveries, kin, log, owners, queue
from widget_server.storage.tables import Case, Report, Ruling, Site, database


@dataclass(frozen=True, slots=True)
class Notice:
    """A report as it came in. `verified`: its text carried the site's own signature, which also gave `label`."""

    sender_id: str
    category: str
    text: str
    text_sha256: str
    verified: bool
    label: Disclosure
    quote: dict[str, str] | None
    comment: str
    email: str
    page: str
    good_faith: bool
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What a reporter is told. `outcome` and `message` are the moderators' answer, once there is one."""

    state: ReportState
    category: str
    received_at: datetime
    outcome: str | None
    message: str | None
    decided_at: datetime | None
    appealed_at: datetime | None
    can_appeal: bool


class _Repeat(Exception):
    """The same id came before; nothing of this one is kept."""


def add(site: Site, notice: Notice, *, server_secret: str, at: datetime) -> tuple[str, bool]:
    """Keep a report, once. Returns its receipt, and whether it is new."""
    sender = keys.sender(server_secret, site=site.key, sender_id=notice.sender_id)
    receipt = keys.receipt(server_secret, sender=sender)
    if _repeated(site, sender):
        return receipt, False
    try:
        with database.atomic():
            case = _case_of(site, notice, at=at)
            if _repeated(site, sender):
                raise _Repeat
            _join(case, notice, at=at)
            owners.owe_report(case, notice.category, at=at)
            report = Report.create(
                site=site,
                case=case,
                sender=sender,
                receipt_sha256=keys.receipt_digest(receipt),
                category=notice.category,
                verified=notice.verified,
                quote=notice.quote,
                comment=notice.comment,
                email=notice.email,
                page=notice.page,
                good_faith=notice.good_faith,
                received_at=at,
            )
            if notice.email:
                deliveries.owe_receipt(report, at=at)
    except _Repeat:
        return receipt, False
    except IntegrityError:
        if not _repeated(site, sender):
            raise
        return receipt, False
    return receipt, True


def receipt_of(report: Report, server_secret: str) -> str:
    """The receipt of a stored report, derived again."""
    return keys.receipt(server_secret, sender=report.sender)


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
    answer = (
        Ruling.select()
        .where(Ruling.case == report.case, Ruling.outcome.is_null(False), Ruling.undone_at.is_null())
        .order_by(Ruling.id.desc())
        .first()
    )
    holds = answer and (answer.decided_at >= report.received_at or State(report.case.state) not in moderation.WAITING)
    state = moderation.report_state(
        decided=bool(holds),
        appealed=report.appealed_at is not None,
        appeal_decided=bool(holds and report.appealed_at and answer.decided_at >= report.appealed_at),
        viewed=report.case.viewed_at is not None or report.case.state == State.ESCALATED,
    )
    return Status(
        state=state,
        category=report.category,
        received_at=report.received_at,
        outcome=answer.outcome if holds else None,
        message=answer.message if holds else None,
        decided_at=answer.decided_at if holds else None,
        appealed_at=report.appealed_at,
        can_appeal=state is ReportState.DECIDED and report.appealed_at is None,
    )


def appeal(report: Report, comment: str, *, at: datetime) -> bool:
    """The reporter disagrees: the case comes back to the desk. False if there is nothing (more) to appeal against."""
    with database.atomic():
        case = cases.locked(Case.id == report.case_id)
        report = find_again(report)
        if case is None or report is None or not status(report).can_appeal:
            return False
        Report.update(appeal=comment, appealed_at=at).where(Report.id == report.id).execute()
        case.state, case.waiting_since, case.leader = moderation.after_appeal(State(case.state)), at, None
        case.version += 1
        cases.keep(case)
        log.write("appeal", f"case {case.id}", moderator=None, at=at)
    return True


def find_again(report: Report) -> Report | None:
    """The report as it is now."""
    return Report.select(Report, Case).join(Case).where(Report.id == report.id, Report.taken_back_at.is_null()).first()


def take_back(report: Report, *, at: datetime) -> None:
    """The reporter withdraws the report: everything personal in it is destroyed; what remains is that there was one.

    A case that nobody reports any more leaves the desk, unless it was already decided, and loses a text that only its
    reporters saw.
    """
    with database.atomic():
        case = cases.locked(Case.id == report.case_id)
        _blank(Report.id == report.id, taken_back_at=at)
        deliveries.forget(report)
        if case and not _living(case).exists():
            if State(case.state) in moderation.WAITING:
                case.state = case.outcome or State.LAPSED
            if not case.verified:
                case.text = ""
                kin.forget([case.id])
            case.version += 1
            cases.keep(case)
            cards.regroup(case)
            if not case.text:
                queue.forget_words()
        log.write("take report back", f"case {report.case_id}", moderator=None, at=at)


def purge(*, before: datetime) -> int:
    """Destroy what is personal in reports and appeals older than this moment whose case waits for nobody.

    Texts that only reporters saw go with the last of them. Returns how many reports.
    """
    settled = Case.select(Case.id).where(Case.state.not_in([str(state) for state in moderation.WAITING]))
    filled = (Report.page != "") | Report.appeal.is_null(False)
    old = (Report.received_at < before) & (Report.appealed_at.is_null() | (Report.appealed_at < before))
    with database.atomic():
        emptied = _blank(old & filled & Report.case.in_(settled))
        still_filled = Report.select(Report.case).where(filled)
        done = Case.select(Case.id).where(
            Case.verified == False,  # noqa: E712
            Case.text != "",
            Case.id.in_(settled),
            Case.waiting_since < before,
            Case.id.not_in(still_filled),
        )
        kin.forget(done)
        if Case.update(text="").where(Case.id.in_(done)).execute():
            queue.forget_words()
        return emptied


def _blank(which: Any, **also: Any) -> int:
    return Report.update(quote=None, comment="", email="", page="", appeal=None, **also).where(which).execute()


def _repeated(site: Site, sender: str) -> bool:
    return Report.select().where(Report.site == site, Report.sender == sender).exists()


def _living(case: Case) -> ModelSelect:
    return Report.select().where(Report.case == case, Report.taken_back_at.is_null())


def _case_of(site: Site, notice: Notice, *, at: datetime) -> Case:
    """The case of this text, locked; a new one stands on the card of a near-duplicate that waits."""
    same_text = (Case.site == site) & (Case.text_sha256 == notice.text_sha256)
    urgent = HARMS[notice.category].urgent
    known = Case.select().where(same_text).exists()
    Case.insert(
        site=site,
        text_sha256=notice.text_sha256,
        text=notice.text,
        verified=notice.verified,
        model=notice.label.model,
        provider=notice.label.provider,
        review=notice.label.review,
        state=State.OPEN,
        queue=Queue.WAITING,
        place=moderation.place(Queue.WAITING, urgent=urgent, since=at),
        category=notice.category,
        lang=notice.lang,
        urgent=urgent,
        opened_at=at,
        waiting_since=at,
    ).on_conflict_ignore().execute()
    case = cases.locked(same_text)
    if case is None:
        raise IntegrityError("the case was not kept")
    if not known:
        if leader := kin.leader_for(case):
            cards.lead(case, leader)
        kin.note(case)
    return case


def _join(case: Case, notice: Notice, *, at: datetime) -> None:
    """What one more report changes in its case: signed evidence replaces what was only seen.

    A report that says something new makes the case a new version, so that nobody decides what they have not seen.
    """
    state = moderation.after_report(State(case.state))
    others = cases.categories([case]).get(case.id, {})
    if state != case.state:
        case.waiting_since, case.viewed_at = at, None
        case.state, case.leader = state, None
        case.urgent = False
        case.version += 1
        others = {}
    elif others:
        case.version += bool(notice.comment or notice.quote or notice.category not in others)
    case.urgent = case.urgent or HARMS[notice.category].urgent
    case.category = gravest({**others, notice.category: others.get(notice.category, 0) + 1})
    case.lang = case.lang or notice.lang
    if not case.text and notice.text:
        case.text = notice.text
        kin.note(case)
    if notice.verified and not case.verified:
        case.text, case.verified = notice.text or case.text, True
        case.model, case.provider, case.review = notice.label.model, notice.label.provider, notice.label.review
    cases.keep(case)
