"""A webhook knows who added it: as the log tells of older ones. It must not follow storage/tables."""

from peewee import Database

ADDED = """
UPDATE webhook SET added_by_id = (
    SELECT moderator_id FROM log_entry
    WHERE verb = 'add webhook' AND subject = 'webhook ' || webhook.id AND at >= webhook.created_at
    ORDER BY id DESC LIMIT 1
)
"""


def up(migrator: object, db: Database) -> None:
    db.execute_sql("ALTER TABLE webhook ADD COLUMN added_by_id INTEGER REFERENCES moderator (id) ON DELETE RESTRICT")
    db.execute_sql(ADDED)
