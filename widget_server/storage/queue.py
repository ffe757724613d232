"""The lists of the desk: which cases a moderator asks for, in the order in which they are to be looked at."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, ModelSelect, Select, SqliteDatabase, Tuple, Value, fn

from widget_server.rules.harms import URGENT
from widget_server.rules.moderation import END_OF_URGENT, Queue
from widget_server.storage.clocks import ON_DESK, waits
from widget_server.storage.tables import Case, Moderator, Report, SavedFilter, Site, database

PAGE = 50
MOST_COUNTED = 2_000
"""Beyond this a list is “more than”: counting on would cost as much as there are cases."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a moderator wants to see; None and empty: all. `sites`: those they may see. `claimed`: who holds it.

    `late`, `urgent`: only cards on which one that waits is so. `confirmed`: only cases that a reporter with a confirmed
    address has reported. `among`: only cases of these numbers.
    """

    queue: Queue = Queue.WAITING
    sites: tuple[int, ...] | None = None
    categories: tuple[str, ...] = ()
    state: str = ""
    model: str = ""
    lang: str = ""
    claimed: str = ""
    confirmed: bool = False
    since: datetime | None = None
    until: datetime | None = None
    late: bool = False
    urgent: bool = False
    among: tuple[int, ...] | None = None

    @property
    def narrowed(self) -> bool:
        return replace(self, queue=Queue.WAITING, sites=None) != Wanted()


def page(wanted: Wanted, *, after: tuple[int, int] | None, moderator: int, at: datetime) -> list[Case]:
    """Up to PAGE + 1 cases; one more than PAGE: there is a next page. `after`: place and number of the last one."""
    chosen = _narrowed(Case.select(Case.id), wanted, moderator=moderator, at=at)
    if after:
        chosen = chosen.where(Tuple(Case.place, Case.id) > Tuple(*(Value(part) for part in after)))
    chosen = chosen.order_by(Case.place, Case.id).limit(PAGE + 1).alias("chosen")  # by index alone; the rows after
    reported = fn.EXISTS(Report.select(SQL("1")).where(Report.case == Case.id)).alias("reported")
    query = (
        Case.select(Case, Site, Moderator, reported).join(chosen, on=(Case.id == chosen.c.id)).switch(Case).join(Site)
    )
    query = query.switch(Case).left_outer_join(Moderator, on=(Case.claimed_by == Moderator.id))
    return list(query.order_by(Case.place, Case.id))


def counts(wanted: Wanted, *, moderator: int, at: datetime) -> dict[Queue, int]:
    """How many cases each list has under the same filters, up to MOST_COUNTED + 1."""
    lists = (Queue.WAITING, Queue.DECIDED, Queue.LAPSED)
    columns = [
        Select(
            [
                _narrowed(Case.select(SQL("1")), replace(wanted, queue=queue), moderator=moderator, at=at).limit(
                    MOST_COUNTED + 1
                )
            ],
            [fn.COUNT(SQL("*"))],
        )
        for queue in lists
    ]
    (row,) = database.execute(Select(columns=columns))
    return dict(zip(lists, row, strict=True))


def numbers(wanted: Wanted, *, moderator: int, at: datetime, most: int) -> list[int]:
    """The numbers of the first `most` cases."""
    query = _narrowed(Case.select(Case.id), wanted, moderator=moderator, at=at)
    return [row.id for row in query.order_by(Case.place, Case.id).limit(most)]


def waiting() -> int:
    """How many cases wait, on a card of their own or on another's."""
    return Case.select().where(waits()).count()


def urgency(*, at: datetime) -> dict[bool, tuple[int, int]]:
    """Of the urgent cases that wait, and of the others: how many there are, and how many of them are late."""
    late = Case.queue.in_(ON_DESK), Case.due_at < at  # by index alone: what is settled is due no more
    return {
        which: (Case.select().where(waits(), those).count(), Case.select().where(*late, those).count())
        for which, those in ((True, Case.category.in_(URGENT)), (False, Case.category.not_in(URGENT)))
    }


def save_filter(moderator: int, name: str, query: str) -> None:
    """Keep a way to look at the queue under a name; an older one of that name is replaced."""
    SavedFilter.insert(moderator=moderator, name=name, query=query).on_conflict(
        conflict_target=[SavedFilter.moderator, SavedFilter.name], update={SavedFilter.query: query}
    ).execute()


def saved_filters(moderator: int) -> list[SavedFilter]:
    return list(SavedFilter.select().where(SavedFilter.moderator == moderator).order_by(SavedFilter.name))


def forget_filter(moderator: int, number: int) -> None:
    SavedFilter.delete().where(SavedFilter.moderator == moderator, SavedFilter.id == number).execute()


def _narrowed(query: ModelSelect, wanted: Wanted, *, moderator: int, at: datetime) -> ModelSelect:
    live = Case.claimed_by.is_null(False) & (Case.claimed_until > at)
    conditions = (
        # Some cases by their numbers: the index of a whole list, or of a site, is none of the ways to find them.
        (True, (Case.queue if wanted.among is None else Case.queue.concat("")) == wanted.queue),
        (wanted.state, Case.state == wanted.state),
        (wanted.model, Case.model == wanted.model),
        (wanted.lang, Case.lang == wanted.lang),
        (wanted.sites is not None, (Case.site if wanted.among is None else Case.site + 0).in_(wanted.sites or ())),
        (wanted.categories, Case.category.in_(wanted.categories)),
        (wanted.confirmed, Case.confirmed > 0),
        (wanted.since, Case.opened_at >= wanted.since),
        (wanted.until, Case.opened_at < wanted.until),
        (wanted.claimed == "me", live & (Case.claimed_by == moderator)),
        (wanted.claimed == "others", live & (Case.claimed_by != moderator)),
        (wanted.claimed == "nobody", Case.claimed_by.is_null() | (Case.claimed_until <= at)),
        (wanted.late, Case.card_due_at < at),
        (wanted.urgent, Case.place < END_OF_URGENT),  # as the index has it
        (wanted.among is not None, _one_of(wanted.among or ())),
    )
    return query.where(*(condition for asked, condition in conditions if asked))


def _one_of(numbers: tuple[int, ...]) -> Any:
    """As one parameter: a thousand of them would cost more than the look-up."""
    if isinstance(database.obj, SqliteDatabase):
        return Case.id.in_(SQL("(SELECT value FROM json_each(?))", [json.dumps(numbers)]))
    return Case.id == fn.ANY(Value(f"{{{','.join(map(str, numbers))}}}").cast("integer[]"))
