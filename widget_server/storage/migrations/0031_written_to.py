"""A report knows itself that a mail confirms it: the mails are forgotten after a month.

It must not follow storage/tables.
"""

from peewee import Database

CHANGES = (
    "ALTER TABLE report ADD COLUMN written_to BOOLEAN NOT NULL DEFAULT FALSE",
    "UPDATE report SET written_to = TRUE WHERE id IN (SELECT report_id FROM delivery WHERE about = 'receipt')",
)


def up(migrator: object, db: Database) -> None:
    for change in CHANGES:
        db.execute_sql(change)
