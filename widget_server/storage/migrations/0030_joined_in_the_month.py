"""A month knows how many of a site's viewers came before it was counted together with others.

It must not follow storage/tables.
"""

from peewee import Database


def up(migrator: object, db: Database) -> None:
    db.execute_sql("ALTER TABLE month ADD COLUMN before_joining INTEGER NOT NULL DEFAULT 0")
