"""What readers say does harm, and what they learn of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import SQL, IntegrityError, ModelSelect, fn

from widget_server.rules import keys, moderation
from widget_server.rules.events import Event
from widget_server.rules.harms import HARMS, gravest
from widget_server.rules.keys import Secrets
from widget_server.rules.marking import Disclosure
from widget_server.rules.moderation import Queue, ReportState, State
from widget_server.storage import (
    attempts,
    bursts,
    cards,
    cases,
    changes,
    counted,
    deliveries,
    kin,
    log,
    owners,
    queue,
    seals,
    webhooks,
)
from widget_server.storage.seals import CannotOpen, Kind
from widget_server.storage.tables import Case, Report, Ruling, Site, database


@dataclass(frozen=True, slots=True)
class Notice:
    """A report as it came in. `verified`: its text carried the site's signature, which also gave label and prompt.

    `source`: from where (rules/sources.py). `unproved`: past the proof of work, while the site was flooded.
    """

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
    prompt: str = ""
    source: int | None = None
    unproved: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What a reporter is told. `outcome` and `message` are the moderators' answer, once there is one.

    `set_aside`: it counts no more, with others that came at once. `later`: it is read after the others. `reachable`: an
    e-mail address is known, and `confirmed` says whether it is the reporter's own.
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
    confirmed: bool = False


class _Repeat(Exception):
    """The same id came before; nothing of this one is kept."""


def add(site: Site, notice: Notice, *, server_secrets: Secrets, at: datetime) -> tuple[str, bool]:
    """Keep a report, once. Returns its receipt, and whether it is new."""
    senders = [keys.sender(secret, site=site.key, sender_id=notice.sender_id) for secret in server_secrets]
    sender, receipt = senders[0], keys.receipt(server_secrets[0], sender=senders[0])
    if before := _repeated(site, senders):
        return receipt_of(before, server_secrets), False
    try:
        with database.atomic():
            case, known = _case_of(site, notice, at=at)
            if _repeated(site, senders):
                raise _Repeat
            before = (case.state, case.urgent) if known else None
            aside = bursts.aside_for(case, source=notice.source, category=notice.category, at=at)
            if aside:
                bursts.join_aside(aside, at=at)
            else:
                _join(case, notice, at=at)
                webhooks.tell(case, *_happened(before, case), at=at)
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
                email=seals.seal(Kind.ADDRESS, notice.email) if notice.email else "",
                page=notice.page,
                good_faith=notice.good_faith,
                received_at=at,
                model=case.model,
                source=notice.source,
                unproved=notice.unproved,
                burst=aside,
                aside_at=at if aside else None,
            )
            if not aside:
                bursts.look(case, source=notice.source, at=at)
            if notice.email:
                deliveries.owe_receipt(report, at=at)
            attempts.count(site.id, at=at)
    except (_Repeat, IntegrityError):
        if before := _repeated(site, senders):
            return receipt_of(before, server_secrets), False
        raise
    return receipt, True


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
    answer = _answer(report)
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
        confirmed=report.confirmed_at is not None,
    )


def _answer(report: Report) -> Ruling | None:
    """The last final decision on a report's case, if it is also about this report."""
    last = (
        Ruling.select()
        .where(Ruling.case == report.case, Ruling.outcome.is_null(False), Ruling.undone_at.is_null())
        .order_by(Ruling.id.desc())
        .first()
    )
    holds = last and (last.decided_at >= report.received_at or State(report.case.state) not in moderation.WAITING)
    return last if holds else None


def appeal(report: Report, comment: str, *, at: datetime) -> bool:
    """The reporter disagrees, with a decision or with standing aside: the case comes back to the desk.

    False if there is nothing (more) to appeal against.
    """
    with database.atomic():
        case = cases.locked(Case.id == report.case_id)
        report = find_again(report)
        if case is None or report is None or not status(report).can_appeal:
            return False
        against = _answer(report)
        Report.update(appeal=comment, appealed_at=at, appeal_against=against).where(Report.id == report.id).execute()
        if report.aside_at:
            bursts.count_again(case, report)
            counted.weigh(case)
        if against:
            case.appealed_from = against.moderator_id
        if State(case.state) not in moderation.WAITING:
            case.viewed_at, case.waiting_since = None, at
        case.appealed_since = case.appealed_since or at
        case.state, case.leader = moderation.after_appeal(State(case.state)), None
        case.version += 1
        cases.keep(case)
        if report.email:
            deliveries.owe_appeal(report, at=at)
        log.write("appeal", f"case {case.id}", moderator=None, at=at, site=case.site_id)
        webhooks.tell(case, Event.CASE_APPEALED, at=at)
    return True


def find_again(report: Report) -> Report | None:
    """The report as it is now."""
    return Report.select(Report, Case).join(Case).where(Report.id == report.id, Report.taken_back_at.is_null()).first()


def take_back(report: Report, *, at: datetime) -> None:
    """The reporter withdraws the report: everything personal in it is destroyed; what remains is that there was one.

    A case of which no report counts any more leaves the desk, unless it was already decided; if none is left at all, it
    loses a text that only its reporters saw, and so do the cases of that text on sites where nobody reported it.
    """
    with database.atomic():
        case = cases.locked(Case.id == report.case_id)
        gone = {"taken_back_at": at, "confirmed_at": None, "source": None, "burst": None, "appealed_at": None}
        _blank(Report.id == report.id, **gone)
        deliveries.forget(report)
        if case:
            counted.weigh(case)
            if not counted.any_of(case):
                _leave(case)
            cases.keep(case)
            cards.regroup(case)
            if not case.text:
                queue.forget_words()
        log.write("take report back", f"case {report.case_id}", moderator=None, at=at, site=report.site_id)


def _leave(case: Case) -> None:
    """Nothing on it waits for a decision any more."""
    if State(case.state) in moderation.WAITING:
        case.state = moderation.after_last_report(case.outcome)
    case.version += 1
    if not case.verified and not _living(case).exists():
        case.text = ""
        copies = Case.select(Case.id).where(
            Case.text_sha256 == case.text_sha256,
            Case.verified == False,  # noqa: E712
            Case.id.not_in(Report.select(Report.case).where(Report.taken_back_at.is_null())),
        )
        numbers = [copy.id for copy in copies]
        kin.forget(numbers)
        Case.update(text="").where(Case.id.in_(numbers)).execute()


def purge(*, before: datetime) -> int:
    """Destroy what is personal in reports and appeals older than this moment whose case waits for nobody.

    Texts that only reporters saw go with the last of them. Returns how many reports.
    """
    settled = Case.select(Case.id).where(Case.state.not_in([str(state) for state in moderation.WAITING]))
    filled = (Report.page != "") | Report.appeal.is_null(False)
    old = (Report.received_at < before) & (Report.appealed_at.is_null() | (Report.appealed_at < before))
    with database.atomic():
        emptied = _blank(old & filled & Report.case.in_(settled))
        still_filled = Report.select(SQL("1")).where(Report.case == Case.id, filled)
        done = Case.select(Case.id).where(
            Case.verified == False,  # noqa: E712
            Case.text != "",
            Case.id.in_(settled),
            Case.waiting_since < before,
            ~fn.EXISTS(still_filled),
        )
        kin.forget(done)
        if Case.update(text="").where(Case.id.in_(done)).execute():
            queue.forget_words()
        return emptied


def _blank(which: Any, **also: Any) -> int:
    return (
        Report.update(quote=None, comment="", email="", receipt=None, page="", appeal=None, **also)
        .where(which)
        .execute()
    )


def _repeated(site: Site, senders: list[str]) -> Report | None:
    return Report.select().where(Report.site == site, Report.sender.in_(senders)).first()


def _living(case: Case) -> ModelSelect:
    return Report.select().where(Report.case == case, Report.taken_back_at.is_null())


def _happened(before: tuple[str, bool] | None, case: Case) -> list[Event]:
    """What a report has changed in its case, which was so before (state, urgent); None: it is new."""
    opened = before is None or before[0] != case.state
    urgent = case.urgent and State(case.state) in moderation.WAITING and (opened or not (before and before[1]))
    return [event for event, so in ((Event.CASE_OPENED, opened), (Event.CASE_URGENT, urgent)) if so]


def _case_of(site: Site, notice: Notice, *, at: datetime) -> tuple[Case, bool]:
    """The case of this text, locked, and whether it was there before. A new one stands on the card of a near-duplicate
    that waits.
    """
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
        prompt=notice.prompt,
        state=State.OPEN,
        queue=Queue.WAITING,
        place=moderation.place(Queue.WAITING, urgent=urgent, since=at, unproved=notice.unproved),
        category=notice.category,
        lang=notice.lang,
        urgent=urgent,
        unproved=notice.unproved,
        opened_at=at,
        waiting_since=at,
    ).on_conflict_ignore().execute()
    case = cases.locked(same_text)
    if case is None:
        raise IntegrityError("the case was not kept")
    if not known:
        case.reported_since = at
        changes.changed(site.id)
        if leader := kin.leader_for(case):
            cards.lead(case, leader)
        kin.note(case)
    return case, known


def _join(case: Case, notice: Notice, *, at: datetime) -> None:
    """What one more report changes in its case: signed evidence replaces what was only seen.

    A report that says something new makes the case a new version, so that nobody decides what they have not seen.
    """
    state = moderation.after_report(State(case.state))
    others = cases.categories([case]).get(case.id, {})
    if state != case.state:
        case.waiting_since, case.viewed_at = at, None
        case.state, case.leader = state, None
        case.urgent, case.unproved = False, True
        case.version += 1
        others = {}
    elif others:
        case.version += bool(notice.comment or notice.quote or notice.category not in others)
    case.reported_since = case.reported_since or at
    case.urgent = case.urgent or HARMS[notice.category].urgent
    case.unproved = case.unproved and notice.unproved
    case.sources += counted.new_source(case, notice.source)
    case.category = gravest({**others, notice.category: others.get(notice.category, 0) + 1})
    case.lang = case.lang or notice.lang
    if not case.text and notice.text:
        case.text = notice.text
        kin.note(case)
    if notice.verified and not case.verified:
        case.text, case.verified = notice.text or case.text, True
        case.model, case.provider, case.review = notice.label.model, notice.label.provider, notice.label.review
    case.prompt = case.prompt or notice.prompt
    cases.keep(case)
