"""What moderators wish for, and how much harm they have looked at today."""

from collections.abc import Callable
from datetime import datetime

from widget_server.rules.viewers import day_of
from widget_server.rules.wellness import Wishes, wishes
from widget_server.storage.tables import Exposure, Moderator, database


def change(moderator: Moderator, wished: Callable[[Wishes], Wishes]) -> None:
    """Keep what becomes of somebody's wishes as they are now."""
    with database.atomic():
        this = Moderator.select(Moderator.wishes).where(Moderator.id == moderator.id)
        now = (this.for_update() if database.for_update else this).get()
        moderator.wishes = wished(wishes(now.wishes)).as_json()
        moderator.save(only=[Moderator.wishes])


def count(moderator: int, *, at: datetime) -> int:
    """One more harmful text was opened. How many it were today (UTC)."""
    rows = (
        Exposure.insert(moderator=moderator, day=day_of(at), texts=1)
        .on_conflict(conflict_target=[Exposure.moderator, Exposure.day], update={Exposure.texts: Exposure.texts + 1})
        .returning(Exposure.texts)
        .execute()
    )
    return next(iter(rows)).texts


def texts_today(moderator: int, *, at: datetime) -> int:
    """How many harmful texts this moderator has opened today (UTC)."""
    row = Exposure.get_or_none((Exposure.moderator == moderator) & (Exposure.day == day_of(at)))
    return row.texts if row else 0
