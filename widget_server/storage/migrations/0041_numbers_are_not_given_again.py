"""A number of what is owed, and of what people remove at the desk, is never another row's: SQLite gave the last again.

A mail that was on its way when its row went marked the next row as delivered, and an old page removed what it had not
shown.
"""

from peewee import Database, SqliteDatabase

TABLES = ("webhook", "webhook_delivery", "delivery", "alert", "owner_notice", "invitation", "reason")
"""Those that others refer to come first."""

OF_TABLE = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'table' DESC, name"
KEY = '"id" INTEGER NOT NULL PRIMARY KEY'


def up(migrator: object, db: Database) -> None:
    if not isinstance(db, SqliteDatabase):
        return
    made = {name: [sql for (sql,) in db.execute_sql(OF_TABLE, (name,)).fetchall()] for name in TABLES}
    for name in reversed(TABLES):
        db.execute_sql(f'CREATE TEMPORARY TABLE kept_{name} AS SELECT * FROM "{name}"')  # noqa: S608
        db.execute_sql(f'DROP TABLE "{name}"')
    for name, (table, *indexes) in made.items():
        db.execute_sql(table.replace(KEY, f"{KEY} AUTOINCREMENT"))
        db.execute_sql(f'INSERT INTO "{name}" SELECT * FROM temp.kept_{name}')  # noqa: S608
        db.execute_sql(f"DROP TABLE temp.kept_{name}")
        for index in indexes:
            db.execute_sql(index)
