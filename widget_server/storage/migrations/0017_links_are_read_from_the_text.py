"""Where a publication's links lead is read from its text, which is kept as it was sent."""

from peewee import Database


def up(migrator: object, db: Database) -> None:
    db.execute_sql("ALTER TABLE publication DROP COLUMN links")
