"""Texts of which not every browser computes the same digest are found by each, and named as Unicode 18 has them.

It must not follow storage/tables.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from peewee import Database

from widget_server.rules.marking import digests, text_sha256

TABLE = """
CREATE TABLE other_digest (
    text_sha256 VARCHAR(64) NOT NULL, case_id INTEGER NOT NULL REFERENCES "case" (id) ON DELETE CASCADE,
    PRIMARY KEY (text_sha256, case_id)
)
"""
INDEX = "CREATE INDEX other_digest_case_id ON other_digest (case_id)"
AT_ONCE = 500
CASES = 'SELECT id, text, text_sha256, site_id FROM "case" WHERE id > {sign} ORDER BY id LIMIT {most}'
SHOWN = "SELECT id, text, text_sha256 FROM publication WHERE id > {sign} ORDER BY id LIMIT {most}"
AMENDED = """
SELECT id, amended_text, amended_text_sha256 FROM publication
WHERE id > {sign} AND amended_text IS NOT NULL ORDER BY id LIMIT {most}
"""
SHOWS = "UPDATE publication SET text_sha256 = {sign} WHERE id = {sign}"
AMENDS = "UPDATE publication SET amended_text_sha256 = {sign} WHERE id = {sign}"
TAKEN = 'SELECT 1 FROM "case" WHERE site_id = {sign} AND text_sha256 = {sign}'
RENAME = 'UPDATE "case" SET text_sha256 = {sign} WHERE id = {sign}'
NAME = "INSERT INTO other_digest (text_sha256, case_id) VALUES ({sign}, {sign})"
COUNT = "UPDATE change SET cases = cases + {sign}, number = number + 1 WHERE site = {sign}"


def up(migrator: object, db: Database) -> None:
    def run(statement: str, *values: Any) -> list[tuple]:
        cursor = db.execute_sql(statement.format(sign=db.param, most=AT_ONCE), values)
        return cursor.fetchall() if cursor.description else []

    def concerned(statement: str, last: Any) -> Iterator[tuple[tuple, set[str]]]:
        """Rows whose text has several digests, with them, if it is whole."""
        while rows := run(statement, last):
            yield from ((row, found) for row in rows if row[2] in (found := digests(row[1])))
            last = rows[-1][0]

    run(TABLE)
    run(INDEX)
    more: Counter[int] = Counter()
    for (case, text, digest, site), found in concerned(CASES, 0):
        if not run(TAKEN, site, ours := text_sha256(text)):
            run(RENAME, digest := ours, case)
        for other in sorted(found - {digest}):
            run(NAME, other, case)
        more[site] += len(found) - 1
    for site, count in more.items():
        run(COUNT, count, site)
    for statement, rename in ((SHOWN, SHOWS), (AMENDED, AMENDS)):
        for (publication, text, _), _ in concerned(statement, ""):
            run(rename, text_sha256(text), publication)
