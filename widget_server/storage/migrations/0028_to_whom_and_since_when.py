"""A decision keeps to whom its case was handed and since when it waited; a case, when the latest came to it.

It must not follow storage/tables.
"""

from peewee import Database

COLUMNS = (
    "ALTER TABLE ruling ADD COLUMN escalated_to_id INTEGER REFERENCES moderator (id) ON DELETE SET NULL",
    "ALTER TABLE ruling ADD COLUMN waiting_since BIGINT",
    'ALTER TABLE "case" ADD COLUMN latest_at BIGINT',
)
LATEST = """
UPDATE "case" SET latest_at = (
    SELECT MAX(COALESCE(appealed_at, received_at)) FROM report WHERE report.case_id = "case".id
) WHERE state IN ('open', 'escalated', 'appealed')
"""


def up(migrator: object, db: Database) -> None:
    for statement in (*COLUMNS, LATEST):
        db.execute_sql(statement)
