"""What is stored about a site, gathered for the guideline's clauses."""

from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from widget_server.rules import evidence as rules
from widget_server.rules.disclosure import share
from widget_server.rules.evidence import Decided, Done, Evidence, Past
from widget_server.rules.harms import URGENT
from widget_server.rules.moderation import State
from widget_server.rules.publishing import Publication
from widget_server.rules.publishing import Step as Happened
from widget_server.rules.purposes import TOLD_AT_ONCE
from widget_server.rules.threshold import Step
from widget_server.rules.viewers import bounds, month_of
from widget_server.storage import clocks, counted, declarations, hidden, months, prompts, roles, standing
from widget_server.storage.tables import Case, Moderator, PublicationRow, PublicationStep, Report, Ruling, Site


def of(site: Site, *, mails: bool, at: datetime, month: int | None = None) -> Evidence:
    """The site's evidence as it is at `at`, with the figures of a month: that of `at`, if none is said.

    `mails`: whether this server writes to reporters.
    """
    month = month or month_of(at)
    usage = months.usage(site.id, month)
    waiting = Case.select().where(clocks.waits(), Case.site == site)
    past = _past(site)
    publications = dict(
        PublicationRow.select(PublicationRow.state, fn.COUNT(PublicationRow.id))
        .where(PublicationRow.site == site)
        .group_by(PublicationRow.state)
        .tuples()
    )
    declaration = declarations.newest(site.id)
    stands = standing.of(site, at=at, month=month)
    crossed = stands.crossing(Step.REQUIRED)
    return Evidence(
        viewers=stands.viewers,
        impressions=usage.impressions,
        disclosed_share=share(usage.disclosed, usage.impressions),
        pages_hiding_the_badge=hidden.pages(site.id, usage.month),
        waiting=waiting.count(),
        urgent_waiting=waiting.where(Case.category.in_(URGENT)).count(),
        decided_by_category={category: found.count for category, found in past.items()},
        held=publications.get(Publication.HELD, 0),
        approved=publications.get(Publication.APPROVED, 0),
        rejected=publications.get(Publication.REJECTED, 0),
        **prompts.evidence(site),
        declared=declarations.as_it_stands(declaration, at=at) if declaration else None,
        waiting_by_category=_waiting(site),
        month=month,
        late=waiting.where(Case.due_at < at).count(),
        waiting_since=waiting.select(fn.MIN(Case.waiting_since)).scalar(),
        held_since=_held(site).select(fn.MIN(PublicationRow.held_at)).scalar(),
        reviewed=_reviewed(site),
        amended=_amended(site),
        expired=_expired(site),
        crossed_on=crossed.at if crossed else None,
        first_views=usage.first_views,
        first_views_disclosed=usage.first_disclosed,
        mails=mails,
        deciders=len(roles.deciders(site.id)),
        **_of_month(site, month, past),
    )


def _amended(site: Site) -> int:
    """Texts that were approved in other words than the machine's."""
    return (
        PublicationRow.select()
        .where(
            PublicationRow.site == site,
            PublicationRow.state == Publication.APPROVED,
            PublicationRow.amended.is_null(False),
        )
        .count()
    )


def _expired(site: Site) -> int:
    """Texts that are held because their review has run out."""
    last = PublicationStep.select(fn.MAX(PublicationStep.id)).where(PublicationStep.publication == PublicationRow.id)
    return (
        PublicationRow.select()
        .join(PublicationStep, on=(PublicationStep.id == last))
        .where(
            PublicationRow.site == site,
            PublicationRow.state == Publication.HELD,
            PublicationStep.what == Happened.EXPIRED,
        )
        .count()
    )


def _past(site: Site) -> dict[str, Past]:
    """All decisions that hold, by category, and who made the last one."""
    first, last, count = fn.MIN(Ruling.decided_at), fn.MAX(Ruling.id), fn.COUNT(Ruling.id)
    rows = list(_rulings(site).select(Ruling.category, count, first, last).group_by(Ruling.category).tuples())
    newest = (
        Ruling.select(Ruling, Moderator)
        .join(Moderator)
        .where(Ruling.id.in_([number for *_, number in rows]))
        .order_by()
    )
    done = {ruling.id: Done(ruling.moderator.email, ruling.decided_at) for ruling in newest}
    return {category: Past(count, first, done[number]) for category, count, first, number in rows}


def _of_month(site: Site, month: int, past: dict[str, Past]) -> dict[str, Any]:
    """What came and was decided in a month."""
    begins, ends = bounds(month)
    rows = list(
        _rulings(site)
        .select(
            Ruling.category,
            Ruling.decided_at,
            Ruling.reported_since,
            Ruling.due_at,
            Ruling.outcome,
            Ruling.appealed_since,
            Ruling.replaced,
        )
        .where(Ruling.decided_at >= begins, Ruling.decided_at < ends)
        .tuples()
    )
    came = Report.select().where(Report.site == site, Report.received_at >= begins, Report.received_at < ends)
    appeals = [row for row in rows if row[5] and row[6]]  # as figures.APPEALED
    return {
        "rulings": rules.by_clause([Decided(*row[:4]) for row in rows], past),
        "reports": came.count(),
        "good_faith": came.where(Report.good_faith).count(),
        "restricted": sum(row[4] in (State.WITHDRAWN, State.RELABELLED) for row in rows),
        "appeals": len(appeals),
        "reversed": sum(row[4] != row[6] for row in appeals),
    }


def _rulings(site: Site) -> Any:
    return Ruling.select().where(Ruling.site == site.id, Ruling.outcome.is_null(False), Ruling.undone_at.is_null())


def _held(site: Site) -> Any:
    return PublicationRow.select().where(PublicationRow.site == site, PublicationRow.state == Publication.HELD)


def _reviewed(site: Site) -> Done | None:
    query = PublicationRow.select(PublicationRow, Moderator).join(Moderator, JOIN.LEFT_OUTER)
    last = (
        query.where(PublicationRow.site == site, PublicationRow.decided_at.is_null(False))
        .order_by(PublicationRow.decided_at.desc())
        .first()
    )
    return last and Done(last.reviewer.email if last.reviewer else "", last.decided_at)


def _waiting(site: Site) -> dict[str, int]:
    """How many cases wait in which readers report a use that no text may have."""
    rows = (
        Report.select(Report.category, fn.COUNT(Report.case.distinct()))
        .join(Case)
        .where(
            clocks.waits(),
            Case.site == site,
            Report.category.in_(list(TOLD_AT_ONCE)),
            counted.counts(),
        )
        .group_by(Report.category)
        .tuples()
    )
    return dict(rows)
