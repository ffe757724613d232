"""Which decision on a case holds, and for which of its reports."""

from peewee import Expression, fn

from widget_server.rules import moderation
from widget_server.rules.moderation import State
from widget_server.storage.tables import Case, Report, Ruling


def last(case: Case, *, final: bool = False) -> Ruling | None:
    """The newest decision that was not undone."""
    query = Ruling.select().where(Ruling.case == case, Ruling.undone_at.is_null())
    return (query.where(Ruling.outcome.is_null(False)) if final else query).order_by(Ruling.id.desc()).first()


def correction(case: int, *, before: Ruling | None = None) -> Ruling | None:
    """The newest decision (`before` another one) that has corrected the label of a case."""
    query = Ruling.select().where(Ruling.case == case, Ruling.undone_at.is_null(), Ruling.outcome == State.RELABELLED)
    return (query.where(Ruling.id < before.id) if before else query).order_by(Ruling.id.desc()).first()


def decided_at() -> Expression:
    """When what holds on a case's text was decided: by its last decision, or by the correction that it has left
    standing.
    """
    corrected = Ruling.select(fn.MAX(Ruling.decided_at)).where(
        Case.outcome == State.RELABELLED,
        Ruling.case == Case.id,
        Ruling.undone_at.is_null(),
        Ruling.outcome == State.RELABELLED,
    )
    return fn.COALESCE(corrected, Case.decided_at).converter(Case.decided_at.python_value)


def left_standing() -> Expression:
    """The decisions that have left a corrected label standing."""
    return Ruling.label.is_null(False) & (Ruling.outcome != State.RELABELLED)


def left_by(ruling: Ruling) -> Ruling | None:
    """The correction that a decision has left standing, if it has."""
    if ruling.label is None or ruling.outcome == State.RELABELLED:
        return None
    return correction(ruling.case_id, before=ruling)


def answered(ruling: Ruling) -> list[tuple[Ruling, Expression]]:
    """The reports that a decision answers, and before them those that a correction does which it has left standing."""
    of_case, left = Report.case == ruling.case_id, left_by(ruling)
    if left is None:
        return [(ruling, of_case)]
    since = Report.received_at > left.decided_at
    return [(left, of_case & ~since), (ruling, of_case & since)]


def answers(ruling: Ruling, case: Case) -> Expression:
    """Of the reports that a case's decision is about, those that need no other: all, but while it waits (as
    moderation.answers has it).
    """
    if State(case.state) not in moderation.WAITING:
        return Report.case == case.id
    until = ruling.decided_at
    if ruling.outcome == State.WITHDRAWN and case.appealed_since:
        until = max(until, case.appealed_since)
    has_asked = Report.appealed_at.is_null(False) & (Report.appealed_at > ruling.decided_at)
    return (Report.received_at <= until) & ~has_asked


def said_to(report: Report) -> Ruling | None:
    """The final decision that holds for a report, if it is about it."""
    last = answer_to(report)
    holds = last and moderation.answers(
        State(last.outcome),
        decided=last.decided_at,
        received=report.received_at,
        waits=State(report.case.state) in moderation.WAITING,
        appealed=report.case.appealed_since,
    )
    return last if holds else None


def answer_to(report: Report) -> Ruling | None:
    """The final decision that holds for a report: the last, or a correction that came later than the report, and which
    the last has left standing.
    """
    final = last(report.case, final=True)
    left = left_by(final) if final else None
    return left if left and report.received_at <= left.decided_at else final
