"""What is said to begin a text leads nothing onto a card: what such words have brought together so far stands alone.

It must not follow storage/tables.
"""

from collections.abc import Iterator

from peewee import Database, SqliteDatabase

from widget_server.rules.marking import is_whole

AT_ONCE = 500
TEXTS = 'SELECT id, text, text_sha256 FROM "case" WHERE id > {sign} ORDER BY id LIMIT {most}'
ANOTHER_TEXT = "SELECT case_id FROM likeness GROUP BY case_id HAVING COUNT(*) > 8"
"""The whole was noted beside the words that were said to begin it: either has eight bands."""

FORGET = "DELETE FROM likeness WHERE case_id = {sign}"
ALONE = """
UPDATE "case" SET leader_id = NULL,
queue = CASE WHEN {waits} THEN 'waiting' WHEN state = 'lapsed' THEN 'lapsed' ELSE 'decided' END,
place = CASE WHEN {waits} THEN place ELSE -COALESCE(decided_at, waiting_since) END
WHERE leader_id IS NOT NULL AND (id = {sign} OR leader_id = {sign})
"""
LEADS = "UPDATE likeness SET waits = {yes} WHERE case_id IN (SELECT id FROM \"case\" WHERE queue = 'waiting')"


def up(migrator: object, db: Database) -> None:
    def run(statement: str, *values: int) -> list[tuple]:
        waits = "state IN ('open', 'escalated', 'appealed')"
        yes = "1" if isinstance(db, SqliteDatabase) else "TRUE"
        cursor = db.execute_sql(statement.format(sign=db.param, most=AT_ONCE, waits=waits, yes=yes), values)
        return cursor.fetchall() if cursor.description else []

    def texts() -> Iterator[tuple[int, str, str]]:
        last = 0
        while rows := run(TEXTS, last):
            yield from rows
            last = rows[-1][0]

    alone = [number for (number,) in run(ANOTHER_TEXT)]
    for number, text, digest in texts():
        if not is_whole(text, digest):
            run(FORGET, number)
            alone += [number] if text else []
    for number in alone:
        run(ALONE, number, number)
    run(LEADS)
