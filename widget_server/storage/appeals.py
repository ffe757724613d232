"""Who decides when reporters disagree: nobody whose decision it is about, as long as there is somebody else."""

from collections.abc import Sequence

from peewee import Expression, fn

from widget_server.rules import moderation
from widget_server.rules.moderation import Decision, NotPossible, State
from widget_server.storage import counted, holding, roles
from widget_server.storage.tables import Case, Report, Ruling


def open_to(moderator: int) -> Expression:
    """The cases that this moderator may decide."""
    against = counted.under_appeal(Case, Ruling.moderator)
    another = Case.appealed_since.is_null() | ~fn.EXISTS(against.where(Ruling.moderator == moderator))
    return another | ~fn.EXISTS(roles.others_than(against, Case.site))


def is_open_to(case: Case, moderator: int, *, decided: Sequence[Ruling] | None = None) -> bool:
    """Whether this moderator may decide the case; once it is settled, whether another decision of theirs may take the
    place of that.

    `decided`: its decisions, the oldest first, from whoever has them.
    """
    if State(case.state) in moderation.WAITING:
        return _may_decide(case, moderator, against=counted.appealed_from(case))
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
        if escalated_to and escalated_to in counted.appealed_from(case) and not is_open_to(case, escalated_to):
            raise NotPossible("The appeal is against this colleague's own decision: choose another one, or any.")
    elif not is_open_to(case, moderator):
        raise NotPossible(
            "The appeal is against your own decision: another person decides it. Leave the case where it is, or "
            "escalate it to a colleague."
            if State(case.state) in moderation.WAITING
            else "The appeal was against your own decision: another person has decided about it, and may do so again."
        )


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
    return _may_decide(case, moderator, against=_appealed_from(final))


def _appealed_from(final: Ruling) -> set[int]:
    """Who made `final`, or the correction that it has left standing, as far as a reporter has appealed against it."""
    hold = [one.id for one, _ in holding.answered(final)]
    query = Report.select(Ruling.moderator).join(Ruling, on=(Report.appeal_against == Ruling.id))
    of_case = Report.case == final.case_id  # by index
    against = query.where(of_case, Report.appeal_against.in_(hold), Report.taken_back_at.is_null())
    return {one for (one,) in against.distinct().tuples()}


def _may_decide(case: Case, moderator: int, *, against: set[int]) -> bool:
    if moderator not in against:
        return True
    alone = not roles.others_than(against, case.site_id).exists()
    return moderation.may_decide(appealed_from=against, moderator=moderator, alone=alone)


def same_person(case: Case, ruling: Ruling) -> bool:
    """Whether one of the appeals that a decision has answered was against a decision of the same person."""
    if ruling.appealed_since is None:
        return False
    waited = Report.taken_back_at.is_null() | (Report.taken_back_at > ruling.decided_at)
    asked = Report.appealed_at.between(ruling.appealed_since, ruling.decided_at)
    first = Report.select().join(Ruling, on=(Report.appeal_against == Ruling.id))
    return first.where(Report.case == case, asked, waited, Ruling.moderator == ruling.moderator_id).exists()
