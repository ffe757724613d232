"""Cases that wait on the card of one that waits no more were in no list of the desk: they get cards of their own.

It must not follow storage/tables.
"""

from peewee import Database, SqliteDatabase

LOST = """
UPDATE "case" SET leader_id = NULL, queue = 'waiting'
WHERE queue = 'followers' AND state IN ('open', 'escalated', 'appealed')
AND NOT EXISTS (SELECT 1 FROM "case" AS leader WHERE leader.id = "case".leader_id AND leader.queue = 'waiting')
"""
WAITS = "UPDATE likeness SET waits = {yes} WHERE case_id IN (SELECT id FROM \"case\" WHERE queue = 'waiting')"


def up(migrator: object, db: Database) -> None:
    db.execute_sql(LOST)
    db.execute_sql(WAITS.format(yes="1" if isinstance(db, SqliteDatabase) else "TRUE"))
