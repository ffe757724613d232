"""What is stored about a site, gathered for the guideline's clauses."""

from datetime import datetime

from peewee import fn

from widget_server.rules import moderation
from widget_server.rules.guideline import Evidence
from widget_server.rules.moderation import Queue
from widget_server.rules.publishing import Publication
from widget_server.rules.purposes import TOLD_AT_ONCE
from widget_server.rules.viewers import month_of
from widget_server.storage import counted, declarations, hidden, prompts, viewers
from widget_server.storage.tables import Case, PublicationRow, Report, Ruling, Site


def of(site: Site, *, at: datetime) -> Evidence:
    """The site's evidence in the month of `at`."""
    usage = viewers.usage(site.id, month_of(at))
    waiting = Case.select().where(
        Case.queue.in_([Queue.WAITING, Queue.FOLLOWERS]),
        Case.site == site,
        Case.state.in_([str(state) for state in moderation.WAITING]),
    )
    decided = (
        Ruling.select(Ruling.category, fn.COUNT(Ruling.id))
        .join(Case)
        .where(Case.site == site, Ruling.outcome.is_null(False), Ruling.undone_at.is_null())
        .group_by(Ruling.category)
        .tuples()
    )
    publications = dict(
        PublicationRow.select(PublicationRow.state, fn.COUNT(PublicationRow.id))
        .where(PublicationRow.site == site)
        .group_by(PublicationRow.state)
        .tuples()
    )
    declaration = declarations.newest(site.id)
    return Evidence(
        viewers=usage.viewers,
        impressions=usage.impressions,
        disclosed_share=round(usage.disclosed / usage.impressions, 4) if usage.impressions else None,
        pages_hiding_the_badge=hidden.pages(site.id, usage.month),
        waiting=waiting.count(),
        urgent_waiting=waiting.where(Case.urgent).count(),
        decided_by_category=dict(decided),
        held=publications.get(Publication.HELD, 0),
        approved=publications.get(Publication.APPROVED, 0),
        rejected=publications.get(Publication.REJECTED, 0),
        **prompts.evidence(site),
        declared=declarations.as_it_stands(declaration, at=at) if declaration else None,
        waiting_by_category=_waiting(site),
    )


def _waiting(site: Site) -> dict[str, int]:
    """How many cases wait in which readers report a use that no text may have."""
    rows = (
        Report.select(Report.category, fn.COUNT(Report.case.distinct()))
        .join(Case)
        .where(
            Case.queue.in_([Queue.WAITING, Queue.FOLLOWERS]),
            Case.site == site,
            Case.state.in_([str(state) for state in moderation.WAITING]),
            Report.category.in_(list(TOLD_AT_ONCE)),
            counted.counts(),
        )
        .group_by(Report.category)
        .tuples()
    )
    return dict(rows)
