"""Reports as they come in: kept once, each with its case, in one transaction.

What one costs does not depend on how many there are, on its case, on its card or in the queue.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from peewee import IntegrityError

from widget_server.rules import floods, keys, moderation
from widget_server.rules.harms import HARMS, gravest
from widget_server.rules.keys import Secrets
from widget_server.rules.marking import Disclosure, fold
from widget_server.rules.moderation import State
from widget_server.storage import (
    attempts,
    bursts,
    cards,
    cases,
    changes,
    counted,
    deliveries,
    digests,
    kin,
    owners,
    ready,
    seals,
    webhooks,
    wholes,
)
from widget_server.storage.ready import Ready, change
from widget_server.storage.reports import receipt_again
from widget_server.storage.seals import Kind
from widget_server.storage.tables import Burst, Case, Report, Site, database


class Otherwise(Exception):
    """The sender has said something else under this id, and that is what is kept."""


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


def add(
    site: Site,
    notice: Notice,
    *,
    confirming: AbstractContextManager[bool],
    storing: Callable[[int], None],
    server_secrets: Secrets,
    at: datetime,
) -> tuple[str, bool]:
    """Keep a report, once. Returns its receipt, and whether it is new.

    `confirming`: entered for a report that seems new, and left by an exception if it is not kept; tells whether it is
    confirmed by mail at once, to an address that may be anybody's. `storing`: told for how many bytes its sender
    answers; raises what refuses it.

    Raises Otherwise.
    """
    sender = keys.sender(site=site.key, sender_id=notice.sender_id)
    receipt = keys.receipt(server_secrets[0], sender=sender)
    if before := _repeated(site, sender, notice):
        return receipt_again(before, server_secrets), False
    try:
        with confirming as confirmed, database.atomic():
            known = cases.of_text(site.id, notice.text_sha256)
            storing(floods.answered_for(*_words(notice, known)))
            opened = None if known else _open(site, notice, at=at)
            case = known or opened or cases.of_text(site.id, notice.text_sha256)
            if case is None:
                raise IntegrityError("the case was not kept")
            digests.note(case, notice.text)
            at = moderation.after(case.decided_at, at=at)
            aside, several = (None, False) if opened else _join(case, notice, at=at)
            if opened:
                _tell(opened, notice, before=None, at=at)
            report = _report(
                site, notice, case, sender=sender, receipt=receipt, aside=aside, written_to=confirmed, at=at
            )
            if several and not aside:
                bursts.look(report)
            if confirmed:
                deliveries.owe_receipt(report, at=at)
            attempts.count(site.id, at=at)
    except IntegrityError:
        if before := _repeated(site, sender, notice):
            return receipt_again(before, server_secrets), False
        raise
    return receipt, True


def _words(notice: Notice, known: Case | None) -> list[str]:
    """What is stored of a report that its sender could make as long as they like: a text that is known, or signed, is
    not theirs.
    """
    new = not notice.verified and not (known and known.text)
    return [notice.text if new else "", notice.comment, notice.page, *(notice.quote or {}).values()]


def _repeated(site: Site, sender: str, notice: Notice) -> Report | None:
    """The report that the same sender sent before. Raises Otherwise if it says something else.

    Of one whose words are gone since (its page, too, which every report has), the text and the category are left.
    """
    before = next(iter(_sent.rows(Report, site.id, sender)), None)
    if before is None:
        return None
    about = (before.category, before.case.text_sha256) == (notice.category, notice.text_sha256)
    words = not before.page or _told(before) == _told(notice)
    if not (about and words):
        raise Otherwise
    return before


def _told(said: Report | Notice) -> list[str]:
    return [fold(said.comment), fold((said.quote or {}).get("exact", ""))]


_sent = Ready(lambda site, sender: Report.select().where(Report.site == site, Report.sender == sender).limit(1))


def _open(site: Site, notice: Notice, *, at: datetime) -> Case | None:
    """A new case, on the card of a near-duplicate that waits. None: somebody has opened it this very moment."""
    case = Case(
        site=site.id,
        text_sha256=notice.text_sha256,
        text=notice.text,
        verified=notice.verified,
        model=notice.label.model,
        provider=notice.label.provider,
        review=notice.label.review,
        prompt=notice.prompt,
        state=State.OPEN,
        category=notice.category,
        lang=notice.lang,
        card_urgent=HARMS[notice.category].urgent,
        unproved=notice.unproved,
        opened_at=at,
        waiting_since=at,
        reported_since=at,
        latest_at=at,
        sources=1,
        named={notice.category: 1},
    )
    case.leader = leader = cards.fitting(case)
    cases.settle(case)
    if not ready.insert(case, once=True):
        return None
    kin.note(case)
    if leader:
        cards.hurry(leader, case)
    changes.opened(site.id, case.id)
    case.overheard = webhooks.anybody_listens()
    return case


def _join(case: Case, notice: Notice, *, at: datetime) -> tuple[Burst | None, bool]:
    """One more report on a case. Returns the burst with which it stands aside, and whether its source sent others."""
    aside = bursts.aside_for(case, source=notice.source, category=notice.category, at=at)
    change(case, latest_at=max(case.latest_at or at, at))
    if aside:
        ready.save(case)
        bursts.join_aside(aside, at=at)
        return aside, True
    before, new = (case.state, case.urgent), counted.new_source(case, notice.source)
    change(case, sources=case.sources + new)
    _change(case, notice, at=at)
    _tell(case, notice, before=before, at=at)
    return None, not new


def _change(case: Case, notice: Notice, *, at: datetime) -> None:
    """What one more report changes in its case: signed evidence replaces what was only seen.

    One that names another harm, is more urgent, or brings the text makes it a new version: nobody decides what they
    have not seen. More of the same does not, whatever it says: else a reader could keep it from being decided.
    """
    whole = wholes.is_whole_of(case, notice.text)
    if whole:
        wholes.leave(case)
    state = moderation.after_report(State(case.state))
    others = cases.named(case)
    grave = HARMS[notice.category].urgent
    card_urgent = case.card_urgent or grave
    # Which text it is, its signature has said: what is said to begin it is none of its words.
    unread = notice.text and (whole or not (case.text or case.verified))
    case.named = {**others, notice.category: others.get(notice.category, 0) + 1}
    if state != case.state:
        case.waiting_since, case.viewed_at = at, None
        case.state, case.leader = state, None
        card_urgent, case.unproved = grave, True
        case.version += 1
        others = {}
    elif others:
        matters = notice.category not in others or grave > case.urgent or unread
        change(case, version=case.version + bool(matters))
        others = others if case.decided_at is None else {case.category: 1}  # what was decided makes it no graver
    change(
        case,
        reported_since=case.reported_since or at,
        card_urgent=card_urgent,
        unproved=case.unproved and notice.unproved,
        category=gravest({**others, notice.category: others.get(notice.category, 0) + 1}),
        lang=case.lang or notice.lang,
        text=notice.text if unread else case.text,
        prompt=case.prompt or notice.prompt,
    )
    if notice.verified and not case.verified:
        case.text = notice.text or case.text
        case.model, case.provider, case.review = notice.label.model, notice.label.provider, notice.label.review
    if notice.verified or case.verified:
        # A signature vouches for what has its digest, not for what is said to begin it.
        change(case, verified=not cases.is_beginning(case))
    if unread:
        wholes.place(case)
    else:
        cards.put_back(case)


def _tell(case: Case, notice: Notice, *, before: tuple[str, bool] | None, at: datetime) -> None:
    webhooks.tell_of_waiting(case, before=before, at=at)
    owners.owe_report(case, notice.category, at=at)


def _report(
    site: Site,
    notice: Notice,
    case: Case,
    *,
    sender: str,
    receipt: str,
    aside: Burst | None,
    written_to: bool,
    at: datetime,
) -> Report:
    report = Report(
        site=site.id,
        case=case.id,
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
        written_to=written_to,
    )
    ready.insert(report)
    return report
