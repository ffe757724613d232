"""Which time has come for certain is known for all that depends on it.

It must not follow storage/tables.
"""

from peewee import Database



def up(migrator: object, db: Database) -> None:
    db.execute_sql(
        "CREATE TABLE heard (id INTEGER NOT NULL PRIMARY KEY, said_at BIGINT NOT NULL, certain_at BIGINT NOT NULL)"
    )
    db.execute_sql("ALTER TABLE month DROP COLUMN closed_at")
