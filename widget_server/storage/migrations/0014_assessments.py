"""How sites stood at the end of each month. A frozen copy: it must not follow storage/tables."""

from peewee import BigIntegerField, CompositeKey, Database, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: object, db: Database) -> None:
    class Site(Model):
        class Meta:
            database = db
            table_name = "site"

    class Assessment(Model):
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        month = IntegerField()
        made_at = BigIntegerField()
        told = TextField()

        class Meta:
            database = db
            table_name = "assessment"
            primary_key = CompositeKey("site", "month")

    db.create_tables([Assessment], safe=False)
