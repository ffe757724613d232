"""A case knows whether others stand on its card: whoever has its lock need not ask.

It must not follow storage/tables.
"""

from peewee import Database, SqliteDatabase


def up(migrator: object, db: Database) -> None:
    no, yes = ("0", "1") if isinstance(db, SqliteDatabase) else ("FALSE", "TRUE")
    db.execute_sql(f'ALTER TABLE "case" ADD COLUMN leads BOOLEAN NOT NULL DEFAULT {no}')
    leaders = 'SELECT leader_id FROM "case" WHERE leader_id IS NOT NULL'
    db.execute_sql(f'UPDATE "case" SET leads = {yes} WHERE id IN ({leaders})')  # noqa: S608
