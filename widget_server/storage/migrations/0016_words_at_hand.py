"""PostgreSQL keeps the words of each case's text, instead of reading the text again in every search."""

from peewee import Database, SqliteDatabase


def up(migrator: object, db: Database) -> None:
    if isinstance(db, SqliteDatabase):
        return
    db.execute_sql("DROP INDEX case_words")
    db.execute_sql(
        "ALTER TABLE \"case\" ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED"
    )
    db.execute_sql('CREATE INDEX case_words ON "case" USING gin (words)')
