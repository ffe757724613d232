"""Whose decisions are under appeal is asked of the reports that appeal: there may be several."""

from peewee import Database


def up(migrator: object, db: Database) -> None:
    db.execute_sql('ALTER TABLE "case" DROP COLUMN appealed_from_id')
