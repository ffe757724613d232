"""Who decides when a reporter disagrees: another person than the first, as long as there is one."""

from collections.abc import Sequence

from peewee import Expression, fn

from widget_server.rules import moderation
from widget_server.rules.moderation import Decision, NotPossible, State
from widget_server.storage import holding, roles
from widget_server.storage.tables import Case, Report, Ruling


def open_to(moderator: int) -> Expression:
    """The cases that this moderator may decide."""
    another = Case.appealed_from.is_null() | (Case.appealed_from != moderator)
    return another | ~fn.EXISTS(roles.others_than(moderator, Case.site))


def is_open_to(case: Case, moderator: int, *, decided: Sequence[Ruling] | None = None) -> bool:
    """Whether this moderator may decide the case; once it is settled, whether another decision of theirs may take the
    place of that.

    `decided`: its decisions, the oldest first, from whoever has them.
    """
    if State(case.state) in moderation.WAITING:
        return _may_decide(case, moderator, appealed_from=case.appealed_from_id)
    return _is_open_after(_settled_on(_holding(_of(case) if decided is None else decided)), case, moderator)


def is_open_again_to(case: Case, moderator: int, undone: Ruling, *, decided: Sequence[Ruling] | None = None) -> bool:
    """Whether this moderator might decide the case once its last decision is undone. `decided`: as for is_open_to."""
    left = [one for one in _holding(_of(case) if decided is None else decided) if one.id < undone.id]
    waits = State(undone.before) in moderation.WAITING
    return _is_open_after((left[-1] if left else None) if waits else _settled_on(left), case, moderator)


def check(case: Case, decision: Decision, *, moderator: int, escalated_to: int | None) -> None:
    """Raises moderation.NotPossible if it is another person's turn, or would not be after this decision."""
    if decision is Decision.ESCALATE:
        if escalated_to and not roles.decides(escalated_to, case.site_id):
            raise NotPossible("This colleague does not decide on this site any more: choose another.")
        if escalated_to and escalated_to == case.appealed_from_id and not is_open_to(case, escalated_to):
            raise NotPossible("The appeal is against this colleague's own decision: choose another one, or any.")
    elif not is_open_to(case, moderator):
        raise NotPossible(
            "The appeal is against your own decision: another person decides it. Leave the case where it is, or "
            "escalate it to a colleague."
            if State(case.state) in moderation.WAITING
            else "The appeal was against your own decision: another person has decided about it, and may do so again."
        )


def after_undo(final: Ruling | None) -> int | None:
    """Whose decision is under appeal once a later one is taken back: who made `final`, or the correction that it has
    left standing, if a reporter appealed then.
    """
    if final is None:
        return None
    hold = [one.id for one, _ in holding.answered(final)]
    query = Report.select(Ruling.moderator).join(Ruling, on=(Report.appeal_against == Ruling.id))
    of_case = Report.case == final.case_id  # by index
    against = query.where(of_case, Report.appeal_against.in_(hold), Report.taken_back_at.is_null())
    return against.order_by(Report.appealed_at.desc()).limit(1).scalar()


def _of(case: Case) -> list[Ruling]:
    return list(Ruling.select().where(Ruling.case == case).order_by(Ruling.id)) if case.ruled else []


def _holding(decided: Sequence[Ruling]) -> list[Ruling]:
    return [one for one in decided if one.outcome and one.undone_at is None]


def _settled_on(holding: Sequence[Ruling]) -> Ruling | None:
    """The decision that held before the last one for which somebody waited. Decisions since then, for which nobody
    waited, have only taken the place of that.
    """
    awaited = [place for place, one in enumerate(holding) if State(one.before) in moderation.WAITING]
    return holding[awaited[-1] - 1] if awaited and awaited[-1] else None


def _is_open_after(final: Ruling | None, case: Case, moderator: int) -> bool:
    """Whether a case is this moderator's to decide after this decision, against which there may have been an appeal."""
    if final is None or (final.moderator_id != moderator and not holding.left_by(final)):
        return True
    return _may_decide(case, moderator, appealed_from=after_undo(final))


def _may_decide(case: Case, moderator: int, *, appealed_from: int | None) -> bool:
    if appealed_from != moderator:
        return True
    alone = not roles.others_than(moderator, case.site_id).exists()
    return moderation.may_decide(appealed_from=appealed_from, moderator=moderator, alone=alone)


def same_person(case: Case, ruling: Ruling) -> bool:
    """Whether a decision on an appeal was made by the one whose decision it was against."""
    first = (
        Ruling.select()
        .join(Report, on=(Report.appeal_against == Ruling.id))
        .where(Ruling.case == case, Ruling.id < ruling.id, Report.appealed_at <= ruling.decided_at)
        .order_by(Ruling.id.desc())
        .first()
    )
    between = Ruling.select().where(
        Ruling.case == case, Ruling.outcome.is_null(False), Ruling.undone_at.is_null(), ~holding.left_standing()
    )
    if first is None or between.where(Ruling.id > first.id, Ruling.id < ruling.id).exists():
        return False
    return first.moderator_id == ruling.moderator_id
