"""The lists of the desk: which cases a moderator asks for, in the order in which they are to be looked at."""

import json
import re
import unicodedata
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
MOST_FOUND = 500
"""A search looks at the newest cases that have its words, as many as this."""
MOST_READ = 5_000
"""Where words do not stand apart, the texts of the newest cases are read, as many as this."""
WORD_PAGES, MERGED = 500, 2
"""How much of the index of words is written in one go, and from how many changes on there was something to write."""


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


SEARCH = """
WITH same AS MATERIALIZED (SELECT {id} AS id FROM {words} {exactly} ORDER BY {id} DESC LIMIT {most})
SELECT id FROM same UNION SELECT id FROM (
    SELECT {id} AS id FROM (SELECT 1 WHERE (SELECT COUNT(*) FROM same) < {most}) AS needed
    CROSS JOIN {words} {beginning} ORDER BY {id} DESC LIMIT {most}
) AS longer ORDER BY id DESC LIMIT {most}
"""
LITE = {"id": "case_words.rowid", "words": "case_words", "most": ":most"} | {
    how: f"WHERE case_words MATCH :{how}" for how in ("exactly", "beginning")
}
POSTGRESQL = {"id": '"case".id', "words": '"case"', "most": "%(most)s"} | {
    how: f"WHERE words @@ to_tsquery('simple', %({how})s)" for how in ("exactly", "beginning")
}
# A value and no join, so that the index of words is what is read first.
LITE_OF_SITES = """
 AND (SELECT site_id FROM "case" WHERE id = case_words.rowid) IN (SELECT value FROM json_each(:sites))"""
POSTGRESQL_OF_SITES = " AND site_id = ANY(%(sites)s)"


def having(words: str, *, sites: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """The numbers of the newest cases, up to MOST_FOUND, whose text has all these words, on these sites (None: on any).

    Where there are fewer, also those with words that begin so: to find these, all that have them are read, and so are
    those of other sites. Words in whose script there are no spaces, or of letters with signs, which the databases' own
    indexes take apart, are looked for in the texts.
    """
    if _UNSPACED.search(words) or any(unicodedata.category(sign).startswith("M") for sign in words):
        return _reading(words.split(), sites=sites)
    found = re.findall(r"[^\W_]+", words)
    if not found:
        return ()
    if isinstance(database.obj, SqliteDatabase):
        way, of_sites, exactly = LITE, LITE_OF_SITES, " ".join(f'"{word}"' for word in found)
        beginning = " ".join(f'"{word}"*' for word in found)
    else:
        way, of_sites, exactly = POSTGRESQL, POSTGRESQL_OF_SITES, " & ".join(found)
        beginning = " & ".join(f"{word}:*" for word in found)
    given: dict[str, Any] = {"exactly": exactly, "beginning": beginning, "most": MOST_FOUND}
    if sites is not None:
        way = way | {how: way[how] + of_sites for how in ("exactly", "beginning")}
        given["sites"] = json.dumps(sites) if of_sites is LITE_OF_SITES else [*sites]
    return tuple(number for (number,) in database.execute_sql(SEARCH.format(**way), given).fetchall())


_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3040-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, Chinese, Japanese."""


def _reading(words: list[str], *, sites: tuple[int, ...] | None) -> tuple[int, ...]:
    newest = Case.select(Case.id).order_by(Case.id.desc()).limit(MOST_READ)
    newest = (newest if sites is None else newest.where(Case.site.in_(sites))).alias("newest")
    query = Case.select(Case.id).join(newest, on=(Case.id == newest.c.id)).where(*map(Case.text.contains, words))
    return tuple(case.id for case in query.order_by(Case.id.desc()).limit(MOST_FOUND))


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


def words_are_gone() -> None:
    """Texts have been emptied: their words have to leave the index of SQLite, too, in the next round.

    It is noted in the number that SQLite keeps for whoever uses the file.
    """
    if isinstance(database.obj, SqliteDatabase):
        database.execute_sql(f"PRAGMA user_version = {_gone() + 1}")


def forget_words() -> None:
    """The words of texts that are gone leave the index, a part at a time, so that others can write in between.

    PostgreSQL's own cleaning sees to it there.
    """
    if not isinstance(database.obj, SqliteDatabase) or not (gone := _gone()):
        return
    pages, changes = -WORD_PAGES, MERGED
    while changes >= MERGED:
        before = database.connection().total_changes
        with database.atomic():
            database.execute_sql("INSERT INTO case_words (case_words, rank) VALUES ('merge', ?)", (pages,))
        pages, changes = WORD_PAGES, database.connection().total_changes - before
    with database.atomic():
        if _gone() == gone:  # else more of them went meanwhile
            database.execute_sql("PRAGMA user_version = 0")


def _gone() -> int:
    """How often texts were emptied since the index was last merged."""
    (found,) = database.execute_sql("PRAGMA user_version").fetchone()
    return int(found)


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
