"""A webhook knows who added it, as the log tells of older ones; a page, what it weighs among those told apart.

It must not follow storage/tables.
"""

from peewee import Database

CHANGES = (
    "ALTER TABLE webhook ADD COLUMN added_by_id INTEGER REFERENCES moderator (id) ON DELETE RESTRICT",
    """
    UPDATE webhook SET added_by_id = (
        SELECT moderator_id FROM log_entry
        WHERE verb = 'add webhook' AND subject = 'webhook ' || webhook.id AND at >= webhook.created_at
        ORDER BY id DESC LIMIT 1
    )
    """,
    "ALTER TABLE hidden_badge ADD COLUMN weight BIGINT NOT NULL DEFAULT 0",
    "UPDATE hidden_badge SET weight = views",
    "ALTER TABLE page_tally ADD COLUMN weight BIGINT NOT NULL DEFAULT 0",
    "UPDATE page_tally SET weight = impressions",
)


def up(migrator: object, db: Database) -> None:
    for change in CHANGES:
        db.execute_sql(change)
