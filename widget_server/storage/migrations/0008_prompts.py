"""The registry of prompts, and which of them made the text of a case. It must not follow storage/tables/."""

from peewee import AutoField, BigIntegerField, CharField, Database, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: object, db: Database) -> None:
    class Site(Model):
        class Meta:
            database = db
            table_name = "site"

    class PromptTemplate(Model):
        id = AutoField()
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        name = CharField(max_length=80)
        version = IntegerField()
        template = TextField()
        sha256 = CharField(max_length=64)
        syntax = CharField(max_length=16)
        variables = TextField()
        fixed_characters = IntegerField()
        fixed_words = IntegerField()
        always_characters = IntegerField()
        custom_model = CharField(max_length=200, null=True)
        custom_since = CharField(max_length=10, null=True)
        custom_reason = TextField()
        created_at = BigIntegerField()
        retired_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "prompt_template"
            indexes = ((("site", "name", "version"), True), (("site", "name", "sha256"), True))

    db.create_tables([PromptTemplate])
    db.execute_sql("ALTER TABLE \"case\" ADD COLUMN prompt VARCHAR(100) NOT NULL DEFAULT ''")
