"""PostgreSQL keeps viewers in a table for each month of the year; running months know their number.

It must not follow storage/tables.
"""

from peewee import Database, SqliteDatabase

NUMBER = """UPDATE month SET unique_viewers =
    (SELECT COUNT(*) FROM viewer WHERE viewer.site = month.site AND viewer.month = month.month)
WHERE closed_at IS NULL"""
TABLE = """CREATE TABLE viewer (key BIGINT NOT NULL, site INTEGER NOT NULL, month INTEGER NOT NULL)
PARTITION BY LIST ((month %% 100))"""


def up(migrator: object, db: Database) -> None:
    db.execute_sql(NUMBER)
    if isinstance(db, SqliteDatabase):
        return
    db.execute_sql("ALTER TABLE viewer RENAME TO viewer_before")
    db.execute_sql(TABLE)
    for number in range(1, 13):
        part = f"viewer_{number:02}"
        db.execute_sql(f"CREATE TABLE {part} PARTITION OF viewer FOR VALUES IN ({number})")
        db.execute_sql(f"CREATE UNIQUE INDEX {part}_key ON {part} (key)")
    db.execute_sql("INSERT INTO viewer (key, site, month) SELECT key, site, month FROM viewer_before")
    db.execute_sql("DROP TABLE viewer_before")
