"""The log tells of people by addresses of any length, and an audience may be all of mankind.

It must not follow storage/tables. SQLite keeps what it is given.
"""

from peewee import Database, SqliteDatabase

WIDER = (
    "ALTER TABLE log_entry ALTER COLUMN subject TYPE VARCHAR(254)",
    "ALTER TABLE publication ALTER COLUMN audience_size TYPE BIGINT",
)


def up(migrator: object, db: Database) -> None:
    for change in () if isinstance(db, SqliteDatabase) else WIDER:
        db.execute_sql(change)
