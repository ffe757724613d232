"""What a site's owner has chosen. It must not follow storage/tables."""

from peewee import Database


def up(migrator: object, db: Database) -> None:
    db.execute_sql("ALTER TABLE site ADD COLUMN policy TEXT NOT NULL DEFAULT '{}'")
