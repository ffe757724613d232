"""What a screen says of held texts, and publications found by their text. It must not follow storage/tables."""

from peewee import BigIntegerField, CharField, Database, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: object, db: Database) -> None:
    class Publication(Model):
        id = CharField(primary_key=True, max_length=32)

        class Meta:
            database = db
            table_name = "publication"

    class Screening(Model):
        publication = ForeignKeyField(Publication, on_delete="CASCADE", primary_key=True)
        model = TextField()
        found = TextField(null=True)
        failure = TextField()
        attempts = IntegerField()
        due_at = BigIntegerField(index=True, null=True)
        screened_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "screening"

    db.create_tables([Screening])
    db.execute_sql("CREATE INDEX publication_text_sha256 ON publication (text_sha256)")
