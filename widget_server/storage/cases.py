"""All reports on one text of one site: finding, keeping, and what moderators note about them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from peewee import SQL, Expression, fn

from widget_server.rules import moderation
from widget_server.rules.moderation import State
from widget_server.storage import clocks, counted, kin, log, webhooks
from widget_server.storage.tables import Case, Moderator, Note, Report, Ruling, Site, database


def locked(condition: Expression) -> Case | None:
    """The case, kept from changing until the transaction ends."""
    query = Case.select(Case, webhooks.listened().alias("overheard"), kin.any_follow().alias("leads")).where(condition)
    return (query.for_update() if database.for_update else query).first()


def find(number: int, *, sites: list[int] | None = None) -> Case | None:
    """The case with this number, on one of `sites` (None: any)."""
    has = {"ruled": Ruling, "noted": Note, "reported": Report}
    told = [fn.EXISTS(table.select(SQL("1")).where(table.case == Case.id)).alias(name) for name, table in has.items()]
    query = Case.select(Case, Site, Moderator, *told).join(Site).switch(Case)
    query = query.left_outer_join(Moderator, on=(Case.claimed_by == Moderator.id)).where(Case.id == number)
    return (query if sites is None else query.where(Case.site.in_(sites))).first()


def keep(case: Case) -> None:
    """Store what changed in a case, and with it where it stands in the lists of the desk, and its clock."""
    case.queue = moderation.queue_of(State(case.state), follows=case.leader_id is not None)
    since = case.waiting_since if State(case.state) in moderation.WAITING else case.decided_at or case.waiting_since
    case.place = moderation.place(case.queue, urgent=case.urgent, since=since, unproved=case.unproved)
    clocks.wind(case)
    case.save(only=case.dirty_fields)


def categories(cases: Iterable[Case]) -> dict[int, dict[str, int]]:
    """For each case, how many of the reports that count name each category, the most frequent first."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        Report.select(Report.case, Report.category, fn.COUNT(Report.id).alias("reports"))
        .where(Report.case.in_([case.id for case in cases]), counted.counts())
        .group_by(Report.case, Report.category)
        .order_by(fn.COUNT(Report.id).desc(), Report.category)
    )
    for row in rows:
        found[row.case_id][row.category] = row.reports
    return found


def open_for_review(case: Case, *, moderator: int, at: datetime) -> None:
    """A moderator looks at the case: reporters are told that it is in review."""
    if case.viewed_at is None:
        with database.atomic():
            Case.update(viewed_at=at).where(Case.id == case.id).execute()
            log.write("view case", f"case {case.id}", moderator=moderator, at=at, site=case.site_id)


def write_note(case: Case, text: str, *, moderator: int, at: datetime) -> None:
    """Tell the other moderators something about a case."""
    with database.atomic():
        Note.create(case=case, moderator=moderator, text=text, written_at=at)
        log.write("write note", f"case {case.id}", moderator=moderator, at=at, site=case.site_id)


def notes(case: Case) -> list[Note]:
    """What moderators told each other, the oldest first."""
    if not case.noted:
        return []
    return list(Note.select(Note, Moderator).join(Moderator).where(Note.case == case).order_by(Note.id))


def saw(cases: Iterable[int]) -> None:
    """Count views of texts that somebody has reported, by their cases."""
    for number, views in sorted(Counter(cases).items()):
        Case.update(seen=Case.seen + views).where(Case.id == number).execute()
