"""Texts for many people, held until a person has reviewed exactly that text (guideline 2.i)."""

import hashlib
import re
import secrets
from datetime import datetime

from widget_server.rules import events
from widget_server.rules.events import Event
from widget_server.rules.publishing import Audience, Publication
from widget_server.storage import log, webhooks
from widget_server.storage.tables import Moderator, PublicationRow, Site, database

PAGE = 50
_LINK = re.compile(r'<a [^>]*href="([^"]*)"')


def submit(
    site: Site,
    *,
    text: str,
    text_sha256: str,
    html: str,
    model: str,
    provider: str,
    audience: Audience,
    audience_size: int | None,
    at: datetime,
) -> PublicationRow:
    """The publication of this text, with exactly these links and marks: the one there is, or a new one that is held."""
    html_sha256, number = hashlib.sha256(html.encode()).hexdigest(), secrets.token_hex(12)
    with database.atomic():
        PublicationRow.insert(
            id=number,
            site=site,
            text_sha256=text_sha256,
            html_sha256=html_sha256,
            text=text,
            links=sorted(set(_LINK.findall(html))),
            model=model,
            provider=provider,
            audience=audience,
            audience_size=audience_size,
            state=Publication.HELD,
            created_at=at,
        ).on_conflict_ignore().execute()
        kept = PublicationRow.get(PublicationRow.site == site, PublicationRow.html_sha256 == html_sha256)
        if kept.id == number:
            _tell(kept, Event.PUBLICATION_HELD, at=at)
    return kept


def find(number: str) -> PublicationRow | None:
    return (
        PublicationRow.select(PublicationRow, Site, Moderator)
        .join(Site)
        .switch(PublicationRow)
        .left_outer_join(Moderator)
        .where(PublicationRow.id == number)
        .first()
    )


def page(
    *,
    state: Publication | None,
    site: Site | None = None,
    sites: list[int] | None = None,
    after: PublicationRow | None = None,
) -> list[PublicationRow]:
    """Up to PAGE + 1 publications (of one site, or of `sites`; None: any), those that wait longest first."""
    query = (
        PublicationRow.select(PublicationRow, Site, Moderator)
        .join(Site)
        .switch(PublicationRow)
        .left_outer_join(Moderator)
    )
    if state:
        query = query.where(PublicationRow.state == state)
    if site:
        query = query.where(PublicationRow.site == site)
    if sites is not None:
        query = query.where(PublicationRow.site.in_(sites))
    if after:
        later = PublicationRow.created_at > after.created_at
        tied = (PublicationRow.created_at == after.created_at) & (PublicationRow.id > after.id)
        query = query.where(later | tied)
    return list(query.order_by(PublicationRow.created_at, PublicationRow.id).limit(PAGE + 1))


def count(state: Publication, *, sites: list[int] | None = None) -> int:
    query = PublicationRow.select().where(PublicationRow.state == state)
    return (query if sites is None else query.where(PublicationRow.site.in_(sites))).count()


def review(row: PublicationRow, state: Publication, *, note: str, moderator: int, at: datetime) -> bool:
    """A person approves or rejects exactly this text, once. False if it was no longer held."""
    with database.atomic():
        changed = (
            PublicationRow.update(state=state, note=note, reviewer=moderator, decided_at=at)
            .where(PublicationRow.id == row.id, PublicationRow.state == Publication.HELD)
            .execute()
        )
        if changed:
            log.write(f"publication {state}", f"publication {row.id}", moderator=moderator, at=at, site=row.site_id)
            _tell(PublicationRow.get_by_id(row.id), Event.PUBLICATION_DECIDED, at=at)
    return bool(changed)


def _tell(row: PublicationRow, event: Event, *, at: datetime) -> None:
    names = ("text_sha256", "state", "audience", "audience_size", "model", "provider")
    facts = {name: getattr(row, name) for name in names}
    webhooks.owe(event, events.about_publication(number=row.id, **facts), site=row.site_id, at=at)
