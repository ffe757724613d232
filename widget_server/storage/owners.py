"""What owners hear at once: that a reader reported a forbidden use, that a declaration has to be renewed, and what
becomes of their viewers; and what everybody hears who has a second factor: that somebody guesses at its codes.

Kept in the transaction that causes it, composed and sent afterwards. What is due for one person goes in one mail.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from peewee import JOIN, ModelSelect, Value

from widget_server.rules import tidings
from widget_server.rules.access import Role
from widget_server.rules.declarations import GRACE, due_on, reminders
from widget_server.rules.events import Event
from widget_server.rules.harms import HARMS
from widget_server.rules.marking import fold
from widget_server.rules.notices import told_at
from widget_server.rules.purposes import TOLD_AT_ONCE
from widget_server.storage import declarations, log, outbox, people, policies, sites
from widget_server.storage.outbox import Mail
from widget_server.storage.seals import CannotOpen
from widget_server.storage.tables import Case, Declaration, Membership, Moderator, OwnerNotice, Report, Site, database

AT_ONCE = 500
MOST_LISTED = 20
WHAT = ("case", "category", "declaration", "event", "about")
"""What a notice is of."""
HOUR = timedelta(hours=1)


def of(site: int) -> ModelSelect:
    """Who answers for a site."""
    there = Membership.site.is_null() | (Membership.site == site)
    owners = Membership.select(Membership.moderator).where(there, Membership.role == Role.OWNER)
    return Moderator.select().where(Moderator.id.in_(owners), Moderator.removed_at.is_null())


def owe_report(case: Case, category: str, *, at: datetime) -> None:
    """A report of this category is about to count: its site's owners hear of the first one on a text that does."""
    counted = Report.aside_at.is_null() | (Report.aside_at != Report.received_at)  # equal: it came to stand aside
    known = Report.select().where(Report.case == case, Report.category == category, counted)
    if category not in TOLD_AT_ONCE or known.exists():
        return
    told = (OwnerNotice.site == case.site_id) & OwnerNotice.case.is_null(False)
    last = OwnerNotice.select(OwnerNotice.created_at).where(told).order_by(OwnerNotice.created_at.desc()).first()
    due = told_at(at, last=last.created_at if last else None)
    _owe(case.site_id, at=at, due=due, case=case.id, category=category)


def ask_for_renewals(*, at: datetime) -> None:
    """Ask owners and signers of declarations that are 11 months old, and again of those a year old, once each."""
    for declaration in declarations.of_every_site().values():
        wanted = reminders(declaration.signed_at.date(), at.date())
        unasked = (Declaration.id == declaration.id) & (Declaration.asked < wanted)
        with database.atomic():
            if not Declaration.update(asked=wanted).where(unasked).execute():
                continue
            _owe(declaration.site_id, at=at, due=at, declaration=declaration.id)
            if declaration.email and _signer(declaration) not in list(of(declaration.site_id)):
                OwnerNotice.insert(
                    site=declaration.site_id, declaration=declaration, created_at=at, due_at=at
                ).execute()


def _signer(declaration: Declaration) -> Moderator | None:
    """Who signed it, if that is somebody at the desk. Where nobody can say, the mail waits for whoever can."""
    try:
        return people.find(declarations.address(declaration))
    except CannotOpen:
        return None


def owe(event: Event, about: dict[str, Any], *, sites: Iterable[Site], at: datetime) -> None:
    """The owners of these sites hear of an event, each once (`about`: rules/events.py)."""
    told: set[int] = set()
    for site in sites:
        for owner in of(site.id):
            if owner.id not in told:
                OwnerNotice.insert(
                    site=site, moderator=owner, event=event, about=about, created_at=at, due_at=at
                ).execute()
                told.add(owner.id)


def owe_warning(person: Moderator, *, at: datetime) -> None:
    """Somebody who knows this person's password guesses their codes: they hear of it, once an hour at most."""
    warning = (OwnerNotice.moderator == person) & (OwnerNotice.event == tidings.CODES_GUESSED)
    with database.atomic():
        log.write("guess codes", person.email, moderator=None, at=at)
        site = Site.select(Site.id).order_by(Site.id).first()
        lately = OwnerNotice.created_at.between(at - HOUR, at + HOUR)
        if site and not OwnerNotice.select().where(warning, lately).exists():
            OwnerNotice.insert(
                site=site, moderator=person, event=tidings.CODES_GUESSED, created_at=at, due_at=at
            ).execute()


def send(
    deliver: Callable[[Mail], str | None],
    public_url: str,
    *,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Try what is due, until `enough`. `deliver` gives None or what went wrong. Returns how many mails were delivered.

    A failed one is tried again after a pause, until it is given up (rules/retries.py).
    """
    outbox.recall(OwnerNotice, at=at)
    due = (
        OwnerNotice.select().where(OwnerNotice.due_at <= at).order_by(OwnerNotice.due_at, OwnerNotice.id).limit(AT_ONCE)
    )
    letters: dict[tuple[Any, ...], list[OwnerNotice]] = defaultdict(list)
    for notice in due:
        one = notice.id if notice.event else None
        letters[notice.site_id, notice.moderator_id, notice.declaration_id, one].append(notice)
    return sum(
        _try(letter, deliver, public_url, at=at) for letter in takewhile(lambda _: not enough(), letters.values())
    )


def _owe(site: int, *, at: datetime, due: datetime, **about: Any) -> None:
    """A notice for each owner."""
    columns = {
        "site": site,
        "created_at": OwnerNotice.created_at.db_value(at),
        "due_at": OwnerNotice.due_at.db_value(due),
        "attempts": 0,
        "category": "",
        "event": "",
        "about": "{}",
        "failure": "",
        **about,
    }
    owners = of(site).select(Moderator.id, *(Value(value) for value in columns.values()))
    OwnerNotice.insert_from(
        owners, [OwnerNotice.moderator, *(getattr(OwnerNotice, name) for name in columns)]
    ).execute()


def _claim(letter: list[OwnerNotice], *, at: datetime) -> set[int]:
    """Those that are ours until they are due again: each has its own attempts, whatever it goes out with."""
    claimed = set[int]()
    for before in {notice.attempts for notice in letter}:
        these = [notice.id for notice in letter if notice.attempts == before]
        claim = OwnerNotice.update(outbox.claim(before, at=at))
        ours = claim.where(OwnerNotice.id.in_(these), OwnerNotice.due_at <= at).returning(OwnerNotice.id)
        claimed |= {notice.id for notice in ours.execute()}
    return claimed


def _try(letter: list[OwnerNotice], deliver: Callable[[Mail], str | None], public_url: str, *, at: datetime) -> bool:
    claimed = _claim(letter, at=at)
    if not claimed:
        return False  # another process has them
    mail = None
    try:
        mail = _compose([notice.id for notice in letter if notice.id in claimed], public_url, at=at)
        failure = deliver(mail) if mail else None
    except CannotOpen as why:
        failure = str(why)
    OwnerNotice.update(outbox.left(OwnerNotice, failure, at=at)).where(OwnerNotice.id.in_(claimed)).execute()
    return mail is not None and failure is None


def _compose(numbers: Iterable[int], public_url: str, *, at: datetime) -> Mail | None:
    """One mail of notices to one person about one site; None if there is nothing to say any more."""
    query = OwnerNotice.select(OwnerNotice, Site, Moderator, Declaration).join(Site).switch(OwnerNotice)
    query = query.join(Moderator, JOIN.LEFT_OUTER).switch(OwnerNotice).join(Declaration, JOIN.LEFT_OUTER)
    notices = list(query.where(OwnerNotice.id.in_(list(numbers))).order_by(OwnerNotice.id))
    if not notices:
        return None  # forgotten this very moment
    first = notices[0]
    address = first.moderator.email if first.moderator else declarations.address(first.declaration)
    site = _hand_over(notices, at=at) if _has_left(first) else first.site
    if site is None or people.was_removed(address):
        return None
    if first.event == tidings.CODES_GUESSED:
        return address, *tidings.codes_guessed(at=first.created_at, account=f"{public_url}/admin/account")
    if first.event:
        page = public_url + first.about["path"]
        return address, *tidings.letter(Event(first.event), first.about, site=fold(site.name), page=page)
    page = f"{public_url}/admin/sites/{site.key}/purpose"
    newest = declarations.newest(first.site_id)
    if first.declaration is None:
        return address, *_of_reports(notices, newest, page, public_url)
    current = newest is not None and newest.id == first.declaration_id
    return (address, *_of_renewal(first.declaration, page, at=at)) if current else None


def _has_left(notice: OwnerNotice) -> bool:
    """Whether an owner to whom this was owed does not answer for the site any more."""
    as_owner = notice.moderator is not None and notice.event != tidings.CODES_GUESSED
    return as_owner and not _answers(notice.moderator_id, notice.site)


def _answers(moderator: int, site: Site) -> bool:
    return bool(of(site.id).where(Moderator.id == moderator).exists())


def _hand_over(notices: list[OwnerNotice], *, at: datetime) -> Site | None:
    """Whoever answers for the site now is owed what its owner of before did not get.

    Gives another site about which it is, and for which that one still answers: it goes to both.
    """
    site, moderator = notices[0].site, notices[0].moderator_id
    about = policies.together(site) if notices[0].about.get("application") else [site]
    with database.atomic():
        sites.locked(site)
        for notice in notices:
            owed = {name: notice.__data__[name] for name in (*WHAT, "created_at")}
            same = [getattr(OwnerNotice, name) == value for name, value in owed.items()]
            known = OwnerNotice.select(OwnerNotice.moderator).where(OwnerNotice.site.in_(about), *same)
            for heir in of(site.id).where(Moderator.id.not_in(known.where(OwnerNotice.moderator.is_null(False)))):
                OwnerNotice.insert(site=site, moderator=heir, due_at=at, **owed).execute()
        kept = next((other for other in about if _answers(moderator, other)), None)
        these = OwnerNotice.id.in_([notice.id for notice in notices])
        (OwnerNotice.update(site=kept) if kept else OwnerNotice.delete()).where(these).execute()
    return kept


def _of_reports(notices: list[OwnerNotice], newest: Declaration | None, page: str, public_url: str) -> tuple[str, str]:
    site = fold(notices[0].site.name)
    said = list(dict.fromkeys(TOLD_AT_ONCE[notice.category] for notice in notices))
    lines = [
        f"{public_url}/admin/reports/{notice.case_id}\n"
        f"  {TOLD_AT_ONCE[notice.category]} (guideline {HARMS[notice.category].clause})"
        for notice in notices[:MOST_LISTED]
    ]
    if len(notices) > MOST_LISTED:
        lines.append(f"and {len(notices) - MOST_LISTED} more: {public_url}/admin/reports")
    declared = f"for {_names(newest)}" if newest else "for nothing: nobody has said yet what they are for"
    subject = f"Reported on {site}: {' and '.join(said)}"
    body = (
        f"Readers of {site} say that a machine-written text {' or '.join(said)}. Nothing may be made for that. "
        "Look at it and decide:\n\n"
        + "\n".join(lines)
        + f"\n\nThe site’s texts are declared to be {declared}.\n{page}\n\n"
        "You hear of the first such report on a text, not of those that follow.\n"
    )
    return subject, body


def _of_renewal(declaration: Declaration, page: str, *, at: datetime) -> tuple[str, str]:
    signed_on = declaration.signed_at.date()
    due, site = due_on(signed_on), fold(declaration.site.name)
    over = at.date() >= due
    subject = f"What the texts of {site} are for: sign it again{'' if over else f' by {due}'}"
    body = (
        f"On {signed_on} {declaration.signed_by} ({declaration.role}) declared that the machine-written texts of "
        f"{site} are for {_names(declaration)}. A declaration holds for a year: {'it ended' if over else 'until'} "
        f"{due}.\n\nIf it is still true, sign it again; if not, change it:\n{page}\n\n"
        f"No page stops. After {due + GRACE} the compliance page takes it as not declared.\n"
    )
    return subject, body


def _names(declaration: Declaration) -> str:
    return ", ".join(purpose["name"] for purpose in declaration.purposes)
