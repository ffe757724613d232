"""Which time has come for certain is known for all that depends on it; a case that was escalated waits since before.

It must not follow storage/tables.
"""

from peewee import Database

SINCE = """
CASE WHEN appealed_since IS NULL OR reported_since < appealed_since THEN reported_since ELSE appealed_since END
"""
WAITS = """
UPDATE "case" SET waiting_since = {since}, place = place + {since} - waiting_since
WHERE queue IN ('waiting', 'followers') AND state IN ('open', 'escalated', 'appealed') AND {since} IS NOT NULL
"""


def up(migrator: object, db: Database) -> None:
    db.execute_sql(
        "CREATE TABLE heard (id INTEGER NOT NULL PRIMARY KEY, said_at BIGINT NOT NULL, certain_at BIGINT NOT NULL)"
    )
    db.execute_sql("ALTER TABLE month DROP COLUMN closed_at")
    db.execute_sql(WAITS.format(since=SINCE))
