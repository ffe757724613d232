"""Texts for many people, held until a person has reviewed exactly that text (guideline 2.i)."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, Expression, ModelSelect, Tuple, Value, fn

from widget_server.rules import events, publishing
from widget_server.rules.accounts import is_named_in
from widget_server.rules.events import Event
from widget_server.rules.publishing import Audience, Publication, Step
from widget_server.storage import certain, log, people, policies, screenings, webhooks
from widget_server.storage.tables import Moderator, PublicationRow, PublicationStep, Site, database
from widget_server.storage.tables.base import MomentField

PAGE = 50
MOST_AUTHORS = 20


class NoRoom(Exception):
    """So many texts of the site wait for a review that no other one is taken in."""


class Barred(Exception):
    """Whoever reviews a text may not approve it. The text says why."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as readers will see it, told by digests: of its words, and of its HTML with links and marks."""

    text_sha256: str
    html_sha256: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A text that somebody wants to publish. `author`: who asked for it or wrote it; empty if nobody says."""

    source: str
    format: str
    text: str
    wording: Wording
    model: str
    provider: str
    audience: Audience
    audience_size: int | None
    purpose: str = ""
    author: str = ""


def submit(site: Site, wanted: Submission, *, at: datetime) -> PublicationRow:
    """The publication of this text, with exactly these links and marks: the one there is, or a new one that is held.

    Its own source is what was reviewed, and goes out: this one may hold besides what readers do not see. In another
    format a source says something else, and is another text. A text that a moderator made of another by amending it has
    the publication of that one. Raises NoRoom for a new one.
    """
    with database.atomic():
        kept = _known(site, wanted)
        if kept is None:
            if not publishing.has_room(_held(site)):
                raise NoRoom
            number = secrets.token_hex(12)
            PublicationRow.insert(
                id=number,
                site=site,
                text_sha256=wanted.wording.text_sha256,
                html_sha256=wanted.wording.html_sha256,
                text=wanted.text,
                source=wanted.source,
                format=wanted.format,
                authors=[wanted.author] if wanted.author else [],
                purpose=wanted.purpose,
                model=wanted.model,
                provider=wanted.provider,
                audience=wanted.audience,
                audience_size=wanted.audience_size,
                state=Publication.HELD,
                created_at=at,
                held_at=at,
            ).on_conflict_ignore().execute()
            kept = _known(site, wanted)
            assert kept, "a row that stands in the way of another is there"  # noqa: S101
            if kept.id == number:
                _step(kept, Step.SUBMITTED, at=at)
                _tell(kept, Event.PUBLICATION_HELD, at=at)
        kept = _add_author(kept, site, wanted.author, at=at)
    return as_it_stands(kept, site, at=at)


def as_it_stands(row: PublicationRow, site: Site, *, at: datetime) -> PublicationRow:
    """The publication now: held again if its review has run out. Where a clock may be ahead, for this answer alone."""
    days = policies.of(site).review_days
    if row.state == Publication.APPROVED and publishing.has_run_out(row.decided_at, days=days, at=at):
        if not certain.about(at=at):
            row.state = Publication.HELD
            return row
        _hold_again(row, Step.EXPIRED, Event.PUBLICATION_EXPIRED, at=at)
        return PublicationRow.get_by_id(row.id)
    return row


def expire(*, at: datetime) -> int:
    """Hold every text again whose review has run out. Returns how many."""
    found = 0
    for site in Site.select():
        if (days := policies.of(site).review_days) is not None:
            approved = PublicationRow.select().where(
                PublicationRow.site == site,
                PublicationRow.state == Publication.APPROVED,
                PublicationRow.decided_at <= at - timedelta(days=days),
            )
            found += sum(as_it_stands(row, site, at=at).state == Publication.HELD for row in approved)
    return found


def purge(*, before: datetime) -> None:
    """Forget what was rejected before this moment: who asks for it again hands it in anew. What is approved stays, for
    pages go on asking for it.
    """
    for site in Site.select(Site.id):
        PublicationRow.delete().where(
            PublicationRow.site == site.id,
            PublicationRow.state == Publication.REJECTED,
            PublicationRow.decided_at < before,
        ).execute()


def find(number: str) -> PublicationRow | None:
    return _all().where(PublicationRow.id == number).first()


def shows(digests: Iterable[str]) -> Expression:
    """Those whose text, as readers would see it, has one of these digests."""
    return fn.COALESCE(PublicationRow.amended_text_sha256, PublicationRow.text_sha256).in_([*digests])


def of_text(site: int, digest: str) -> list[PublicationRow]:
    """Those of a site that show this text, each with links or marks of its own, the newest first."""
    rows = _all().where(PublicationRow.site == site, shows([digest]))
    return list(rows.order_by(PublicationRow.created_at.desc(), PublicationRow.id.desc()).limit(PAGE))


def approved(site: Site, numbers: Collection[str], *, at: datetime) -> dict[str, PublicationRow]:
    """Those of these publications that may be shown now, by id."""
    rows = PublicationRow.select().where(PublicationRow.site == site, PublicationRow.id.in_([*numbers]))
    standing = [as_it_stands(row, site, at=at) for row in rows] if numbers else []
    return {row.id: row for row in standing if row.state == Publication.APPROVED}


def page(
    *,
    state: Publication | None,
    site: Site | None = None,
    sites: list[int] | None = None,
    after: tuple[int, str] | None = None,
) -> list[PublicationRow]:
    """Up to PAGE + 1 publications (of one site, or of `sites`; None: any), those that wait longest first; of every
    state, those that came first. `after`: the place of the last one, as it was when it was read.
    """
    query, since = _all(), _order(state)
    if state:
        query = query.where(PublicationRow.state == state)
    if site:
        query = query.where(PublicationRow.site == site)
    if sites is not None:
        query = query.where(PublicationRow.site.in_(sites))
    if after:
        query = query.where(Tuple(since, PublicationRow.id) > Tuple(*(Value(one) for one in after)))
    return list(query.order_by(since, PublicationRow.id).limit(PAGE + 1))


def place(row: PublicationRow, *, state: Publication | None) -> tuple[int, str]:
    """Where a publication stands in the list of this state (None: of every state)."""
    since = _order(state)
    return since.db_value(getattr(row, since.name)) or 0, row.id


def count(state: Publication, *, sites: list[int] | None = None) -> int:
    query = PublicationRow.select().where(PublicationRow.state == state)
    return (query if sites is None else query.where(PublicationRow.site.in_(sites))).count()


def history(row: PublicationRow) -> list[PublicationStep]:
    """What happened to it, the first first."""
    return list(
        PublicationStep.select(PublicationStep, Moderator)
        .left_outer_join(Moderator)
        .where(PublicationStep.publication == row)
        .order_by(PublicationStep.id)
    )


def approval_refused(row: PublicationRow, reviewer: Moderator, checks: Collection[str]) -> str | None:
    """Why this person may not approve the text as it stands; None if they may."""
    return publishing.approval_refused(
        reviewer=reviewer.email,
        checks=checks,
        authors=row.authors,
        amenders={step.moderator.email for step in history(row) if step.what == Step.AMENDED},
        four_eyes=policies.of(row.site).four_eyes,
    )


def amend(
    row: PublicationRow, source: str, wording: Wording, *, text: str, seen: str, note: str, moderator: int, at: datetime
) -> bool:
    """A person changes the text that is held. False if it is not the one they saw (`seen`: its source's digest).

    `text`: the words of the new source. What was sent stays as it is; written back to that, the text is as if it had
    never been amended.
    """
    with database.atomic():
        held = _held_as_seen(row, seen)
        if held is None:
            return False
        if _as_typed(held.asked_source) == source:
            return True  # nothing is changed
        back = _as_typed(held.source) == source
        PublicationRow.update(
            amended=None if back else source,
            amended_text=None if back else text,
            amended_text_sha256=None if back else wording.text_sha256,
            amended_html_sha256=None if back else wording.html_sha256,
        ).where(PublicationRow.id == held.id).execute()
        row = PublicationRow.get_by_id(row.id)
        screenings.forget(row)
        _step(row, Step.AMENDED, at=at, moderator=moderator, note=note)
        log.write("publication amended", f"publication {row.id}", moderator=moderator, at=at, site=row.site_id)
    return True


def review(
    row: PublicationRow,
    state: Publication,
    *,
    seen: str,
    checks: Collection[str] = (),
    note: str,
    reviewer: Moderator,
    at: datetime,
) -> bool:
    """A person approves or rejects exactly the text that they saw, once. False if it is no longer that, or not held.

    Raises Barred if they may not approve it, by who has amended and asked for it until then: `seen` alone proves
    nothing, for it can be computed before the text is there.
    """
    with database.atomic():
        held = _held_as_seen(row, seen)
        if held is None:
            return False
        if state is Publication.APPROVED and (refused := approval_refused(held, reviewer, checks)):
            raise Barred(refused)
        policy = policies.of(held.site)
        PublicationRow.update(
            state=state,
            note=note,
            checks=sorted(checks),
            responsible=policy.responsible,
            contact=policy.contact,
            reviewer=reviewer,
            decided_at=at,
        ).where(PublicationRow.id == held.id).execute()
        held.state = state
        _step(held, Step(state), at=at, moderator=reviewer.id, note=note)
        log.write(f"publication {state}", f"publication {held.id}", moderator=reviewer.id, at=at, site=held.site_id)
        _tell(held, Event.PUBLICATION_DECIDED, at=at)
    return True


def take_back(row: PublicationRow, *, note: str, moderator: int, at: datetime) -> bool:
    """The review that `row` shows holds no more: the text is held again. False if it was not the last one."""
    return row.state != Publication.HELD and _hold_again(
        row, Step.TAKEN_BACK, Event.PUBLICATION_HELD, note=note, moderator=moderator, at=at
    )


def _order(state: Publication | None) -> MomentField:
    return PublicationRow.held_at if state else PublicationRow.created_at


def _all() -> ModelSelect:
    return (
        PublicationRow.select(PublicationRow, Site, Moderator)
        .join(Site)
        .switch(PublicationRow)
        .left_outer_join(Moderator)
    )


def _known(site: Site, wanted: Submission) -> PublicationRow | None:
    """A text's own publication goes before those that were amended to it, and of these an approved one."""
    digest = wanted.wording.html_sha256
    either = (PublicationRow.html_sha256 == digest) | (PublicationRow.amended_html_sha256 == digest)
    same = PublicationRow.site == site, PublicationRow.format == wanted.format, either
    rows = PublicationRow.select().where(*same).order_by(PublicationRow.created_at)
    return min(rows, key=lambda row: (row.html_sha256 != digest, row.state != Publication.APPROVED), default=None)


def _held(site: Site) -> int:
    """How many texts of it wait, as far as that matters."""
    held = PublicationRow.select(SQL("1")).where(PublicationRow.site == site, PublicationRow.state == Publication.HELD)
    return held.limit(publishing.MOST_HELD).count()


def _add_author(row: PublicationRow, site: Site, author: str, *, at: datetime) -> PublicationRow:
    """Whoever asks for a text is among its authors, also if somebody else has asked before, or asks this very moment.

    Of very many only those are kept who could review it, each once, however they are written. With four eyes nobody's
    approval of their own text holds, though they are named after it.
    """
    if not author or author in row.authors:
        return row
    this = PublicationRow.select().where(PublicationRow.id == row.id)
    row = (this.for_update() if database.for_update else this).get()
    if author not in row.authors and (len(row.authors) < MOST_AUTHORS or _names_more(author, row.authors)):
        row.authors = [*row.authors, author]
        PublicationRow.update(authors=row.authors).where(PublicationRow.id == row.id).execute()
    approved = row.state == Publication.APPROVED and policies.of(site).four_eyes and row.reviewer
    if approved and is_named_in(row.reviewer.email, author):
        _hold_again(row, Step.TAKEN_BACK, Event.PUBLICATION_HELD, note=publishing.OWN_APPROVAL, at=at)
        row = PublicationRow.get_by_id(row.id)
    return row


def _names_more(author: str, authors: list[str]) -> bool:
    """Whether somebody at the desk is named in it who is named in none of the others."""
    return any(not any(is_named_in(email, other) for other in authors) for email in people.named_in(author))


def _held_as_seen(row: PublicationRow, seen: str) -> PublicationRow | None:
    """The publication as it is now, and stays until the transaction ends; None if it is not held, or another text."""
    query = PublicationRow.select().where(PublicationRow.id == row.id, PublicationRow.state == Publication.HELD)
    held = (query.for_update() if database.for_update else query).first()
    return held if held and held.seen_sha256 == seen else None


def _as_typed(source: str) -> str:
    """As a form sends it back that nobody has changed."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _hold_again(
    row: PublicationRow, why: Step, event: Event, *, note: str = "", moderator: int | None = None, at: datetime
) -> bool:
    with database.atomic():
        over = PublicationRow.update(state=Publication.HELD, checks=[], held_at=at).where(
            PublicationRow.id == row.id,
            PublicationRow.state == row.state,
            PublicationRow.decided_at == row.decided_at,
        )
        if not over.execute():
            return False
        row = PublicationRow.get_by_id(row.id)
        _step(row, why, at=at, moderator=moderator, note=note)
        words = f"publication {why.replace('_', ' ')}"
        log.write(words, f"publication {row.id}", moderator=moderator, at=at, site=row.site_id)
        _tell(row, event, at=at)
    return True


def _step(row: PublicationRow, what: Step, *, at: datetime, moderator: int | None = None, note: str = "") -> None:
    PublicationStep.insert(
        publication=row, what=what, at=at, moderator=moderator, note=note, text_sha256=row.asked_sha256
    ).execute()


def _tell(row: PublicationRow, event: Event, *, at: datetime) -> None:
    names = ("state", "audience", "audience_size", "model", "provider")
    facts = {name: getattr(row, name) for name in names}
    about = events.about_publication(number=row.id, text_sha256=row.text_sha256, **facts)
    webhooks.owe(event, about, site=row.site_id, at=at)
