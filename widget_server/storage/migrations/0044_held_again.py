"""A text that is held again waits from then on.

It must not follow storage/tables.
"""

from peewee import Database

STATEMENTS = (
    "ALTER TABLE publication ADD COLUMN held_at BIGINT NOT NULL DEFAULT 0",
    """
    UPDATE publication SET held_at = COALESCE((
      SELECT MAX(at) FROM publication_step
      WHERE publication_id = publication.id AND what IN ('submitted', 'expired', 'taken_back')
    ), created_at)
    """,
    "DROP INDEX publication_state_created_at_id",
    "DROP INDEX publication_site_id_state_created_at_id",
    "CREATE INDEX publication_state_held_at_id ON publication (state, held_at, id)",
    "CREATE INDEX publication_site_id_state_held_at_id ON publication (site_id, state, held_at, id)",
)


def up(migrator: object, db: Database) -> None:
    for statement in STATEMENTS:
        db.execute_sql(statement)
