"""The words of cases' texts: what the desk's search finds by them, and how they leave the index with their text."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from peewee import SqliteDatabase

from widget_server.storage.tables import Case, database

MOST_FOUND = 500
"""A search looks at the newest cases that have its words, as many as this."""
MOST_READ = 5_000
"""Where words do not stand apart, the texts of the newest cases are read, as many as this."""
MOST_CHARACTERS, READ_AT_ONCE = 10_000_000, 250
"""How much of them is read, however long they are, and how many texts are in memory at a time."""
WORD_PAGES, MERGED = 500, 2
"""How much of the index of words is written in one go, and from how many changes on there was something to write."""

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
    if is_read(words):
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


def is_read(words: str) -> bool:
    """Whether the texts of the newest cases, up to MOST_READ, are read for these words."""
    return bool(_UNSPACED.search(words)) or any(unicodedata.category(sign).startswith("M") for sign in words)


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


def _reading(words: list[str], *, sites: tuple[int, ...] | None) -> tuple[int, ...]:
    """Here and not by the database, whose LIKE begins anew at every place of a text."""
    wanted, found = [word.casefold() for word in words], []
    for number, text in _newest_texts(sites):
        folded = text.casefold()
        if all(word in folded for word in wanted):
            found.append(number)
            if len(found) == MOST_FOUND:
                break
    return tuple(found)


def _newest_texts(sites: tuple[int, ...] | None) -> Iterator[tuple[int, str]]:
    """The numbers of the newest cases of these sites, with their texts."""
    newest = Case.select(Case.id, Case.text).order_by(Case.id.desc())
    newest = newest if sites is None else newest.where(Case.site.in_(sites))
    left, last = MOST_CHARACTERS, 2**62
    for _ in range(MOST_READ // READ_AT_ONCE):
        rows = list(newest.where(Case.id < last).limit(READ_AT_ONCE).tuples())
        for number, text in rows:
            if left <= 0:
                return
            left -= len(text)
            yield number, text
        if len(rows) < READ_AT_ONCE:
            return
        last = rows[-1][0]


def _gone() -> int:
    """How often texts were emptied since the index was last merged."""
    (found,) = database.execute_sql("PRAGMA user_version").fetchone()
    return int(found)
