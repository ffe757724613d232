"""Texts are amended, their reviews run out, and what happened to each is kept. It must not follow storage/tables."""

from peewee import AutoField, BigIntegerField, CharField, Database, ForeignKeyField, Model, TextField

ADDED = (
    "source TEXT NOT NULL DEFAULT ''",
    "format VARCHAR(16) NOT NULL DEFAULT 'text'",
    "authors TEXT NOT NULL DEFAULT '[]'",
    "purpose VARCHAR(100) NOT NULL DEFAULT ''",
    "checks TEXT NOT NULL DEFAULT '[]'",
    "amended TEXT",
    "amended_text_sha256 VARCHAR(64)",
    "amended_html_sha256 VARCHAR(64)",
    "responsible VARCHAR(200) NOT NULL DEFAULT ''",
    "contact VARCHAR(254) NOT NULL DEFAULT ''",
)
STEPS = (
    """
    INSERT INTO publication_step (publication_id, what, at, moderator_id, note, text_sha256)
        SELECT id, 'submitted', created_at, NULL, '', text_sha256 FROM publication
    """,
    """
    INSERT INTO publication_step (publication_id, what, at, moderator_id, note, text_sha256)
        SELECT id, state, decided_at, reviewer_id, note, text_sha256 FROM publication WHERE decided_at IS NOT NULL
    """,
)


def up(migrator: object, db: Database) -> None:
    class Publication(Model):
        id = CharField(primary_key=True, max_length=32)

        class Meta:
            database = db
            table_name = "publication"

    class Moderator(Model):
        class Meta:
            database = db
            table_name = "moderator"

    class PublicationStep(Model):
        id = AutoField()
        publication = ForeignKeyField(Publication, on_delete="CASCADE")
        what = CharField(max_length=16)
        at = BigIntegerField()
        moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
        note = TextField()
        text_sha256 = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "publication_step"

    for column in ADDED:
        db.execute_sql(f"ALTER TABLE publication ADD COLUMN {column}")
    # Until now only the text was kept, not how it was written: it is amended as plain text.
    db.execute_sql("UPDATE publication SET source = text")
    db.execute_sql("CREATE INDEX publication_site_id_amended_html_sha256 ON publication (site_id, amended_html_sha256)")
    db.create_tables([PublicationStep])
    for steps in STEPS:
        db.execute_sql(steps)
