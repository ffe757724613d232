"""Many reports at once from few sources: noticed, set aside by a moderator, brought back."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from peewee import SQL, Expression

from widget_server.rules import bursts, moderation
from widget_server.rules.harms import HARMS, URGENT
from widget_server.rules.moderation import NotPossible, State
from widget_server.storage import cards, cases, counted, deliveries, log, owners, webhooks
from widget_server.storage.claims import Held
from widget_server.storage.ready import Ready
from widget_server.storage.tables import Burst, Case, Report, database

MOST_LOOKED_AT = 200
"""Of the reports on one case within ten minutes."""


class Sent(NamedTuple):
    """A report, as far as it matters here: from where, of which burst, and when."""

    report: int
    source: int
    burst: int | None
    at: datetime


class Unsure(Exception):
    """Reports of urgent harm are among those to be set aside: that needs a second word."""


def of(shown: Iterable[Case]) -> dict[int, list[Burst]]:
    """The bursts on each of these cases, the oldest first."""
    found: dict[int, list[Burst]] = {}
    for burst in Burst.select().where(Burst.case.in_([case.id for case in shown])).order_by(Burst.id):
        found.setdefault(burst.case_id, []).append(burst)
    return found


def aside_for(case: Case, *, source: int | None, category: str, at: datetime) -> Burst | None:
    """The burst, already set aside and still going on, to which a report that comes now belongs."""
    burst = next(iter(_last_aside.rows(Burst, case.id)), None)
    if burst is None or source is None:
        return None
    mine = Report.select().where(Report.source == source, Report.case == case, Report.burst == burst).exists()
    joins = bursts.joins_aside(from_burst=mine, urgent=HARMS[category].urgent, ended=burst.ended_at, at=at)
    return burst if joins else None


_last_aside = Ready(
    lambda case: (
        Burst.select().where(Burst.case == case, Burst.aside_at.is_null(False)).order_by(Burst.id.desc()).limit(1)
    )
)


def join_aside(burst: Burst, *, at: datetime) -> None:
    """One more report has come to a burst that is set aside."""
    Burst.update(reports=Burst.reports + 1, ended_at=at).where(Burst.id == burst.id).execute()


def look(report: Report) -> None:
    """After a report has come: if it is one of a burst, keep which are. Of very many the newest are looked at, and it.

    It need not be of the newest: those that were sent just before may be kept just after.
    """
    case, source, at = report.case_id, report.source, report.received_at
    recent = (Report.case == case) & (Report.received_at > at - bursts.WINDOW) & counted.counts()
    some = recent & Report.source.is_null(False) & Report.confirmed_at.is_null()
    own = Report.select(SQL("1")).where(some, Report.source == source).limit(bursts.SEVERAL)
    if source is None or own.count() < bursts.SEVERAL:
        return
    newest = Report.select(Report.id, Report.source, Report.burst, Report.received_at).where(some)
    found = [Sent(*row) for row in newest.order_by(Report.received_at.desc()).limit(MOST_LOOKED_AT).tuples()]
    if all(one.report != report.id for one in found):
        found.append(Sent(report.id, source, None, at))
    members = bursts.members(Counter([one.source for one in found]))
    if source not in members:
        return
    burst = Burst.select().where(Burst.case == case, Burst.aside_at.is_null()).order_by(Burst.id.desc()).first()
    if burst is None or not bursts.goes_on(ended=burst.ended_at, at=at):
        burst = Burst.create(case=case, began_at=at, ended_at=at, reports=0, sources=0)
    _join(burst, [one for one in found if one.source in members and one.burst is None])


def _join(burst: Burst, reports: list[Sent]) -> None:
    if not reports:
        return
    sources = {one.source for one in reports}
    there = (Report.burst == burst) & (Report.case == burst.case_id)
    known = [source for source in sources if Report.select().where(there, Report.source == source).exists()]
    Report.update(burst=burst).where(Report.id.in_([one.report for one in reports])).execute()
    moments = [one.at for one in reports]
    burst.reports, burst.sources = burst.reports + len(reports), burst.sources + len(sources) - len(known)
    burst.began_at = min(burst.began_at, *moments)
    burst.ended_at = max(burst.ended_at, *moments)
    burst.save(only=burst.dirty_fields)


def leave(report: Report) -> None:
    """A report of a burst is taken back."""
    Burst.update(reports=Burst.reports - 1).where(Burst.id == report.burst_id).execute()


def set_aside(number: int, burst: int, *, sure: bool, moderator: int, at: datetime) -> None:
    """The reports of a burst count no more; a case that has no others waits no more. Confirmed ones stay, and appeals.

    Raises Unsure if urgent harm is reported among them and the moderator has not said to be `sure`, Held if the case is
    another moderator's, moderation.NotPossible if there is no such burst (any more).
    """
    with database.atomic():
        case, found = _locked(number, burst, Burst.aside_at.is_null(), moderator=moderator, at=at)
        at = moderation.after(case.decided_at, at=at)
        standing = (
            (Report.burst == found) & counted.counts() & Report.confirmed_at.is_null() & Report.appealed_at.is_null()
        )
        if not sure and Report.select().where(standing, Report.category.in_(URGENT)).exists():
            raise Unsure
        moved = Report.update(aside_at=at).where(standing).execute()
        Burst.update(aside_at=at, aside_by=moderator, before=case.state).where(Burst.id == found.id).execute()
        leaves = State(case.state) in moderation.WAITING and not counted.any_of(case)
        if leaves:
            case.state = moderation.after_last_report(case.outcome)
            case.claimed_by = case.claimed_until = None
            deliveries.owe_what_holds(case, at=at)
        _weigh(case)
        if leaves:
            cards.regroup(case)
        told = {"burst": burst, "reports": moved}
        log.write("set burst aside", f"case {number}", moderator=moderator, at=at, site=case.site_id, **told)


def bring_back(number: int, burst: int, *, moderator: int, at: datetime) -> None:
    """The reports of a burst count again, and its case stands where it stood. Raises as `set_aside`."""
    with database.atomic():
        case, found = _locked(number, burst, Burst.aside_at.is_null(False), moderator=moderator, at=at)
        if not bursts.undoable(found.aside_at, at=at):
            raise NotPossible("This burst was set aside more than 24 hours ago: it cannot be brought back together.")
        there = (Report.burst == found) & counted.aside()
        for (category,) in Report.select(Report.category).where(there).distinct().tuples():
            owners.owe_report(case, category, at=at)
        before = case.state, case.urgent
        moved = Report.update(aside_at=None).where(there).execute()
        Burst.update(aside_at=None, aside_by=None, before=None).where(Burst.id == found.id).execute()
        if moved and State(case.state) not in moderation.WAITING and counted.any_of(case):
            waited = State(found.before) in moderation.WAITING
            case.state = found.before if waited else moderation.after_report(State(case.state))
        _weigh(case)
        webhooks.tell_of_waiting(case, before=before, at=at)
        told = {"burst": burst, "reports": moved}
        log.write("bring burst back", f"case {number}", moderator=moderator, at=at, site=case.site_id, **told)


def count_again(case: Case, report: Report, *, at: datetime) -> None:
    """One report that was set aside counts again, by its reporter's own word. Put the locked case back afterwards."""
    owners.owe_report(case, report.category, at=at)
    Report.update(aside_at=None).where(Report.id == report.id).execute()
    case.state = moderation.brought_back(State(case.state), decided=case.decided_at, received=report.received_at)
    case.version += 1


def _locked(number: int, burst: int, fit: Expression, *, moderator: int, at: datetime) -> tuple[Case, Burst]:
    case = cases.locked(Case.id == number)
    found = Burst.select().where(Burst.id == burst, Burst.case == number, fit).first()
    if case is None or found is None:
        raise NotPossible("There is no such burst any more: somebody was faster. Look at the case again.")
    if moderation.held(by=case.claimed_by_id, until=case.claimed_until, moderator=moderator, at=at):
        raise Held(case)
    return case, found


def _weigh(case: Case) -> None:
    """By what counts now; and with it the case on whose card it stands."""
    counted.weigh(case)
    case.version += 1
    cards.put_back(case)
    cards.ease(case.leader_id)
