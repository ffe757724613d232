"""Pages on which the badge was hidden, and sites' own words. A frozen copy: it must not follow storage/tables.py."""

from peewee import BigIntegerField, CharField, CompositeKey, Database, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: object, db: Database) -> None:
    class Site(Model):
        class Meta:
            database = db
            table_name = "site"

    class HiddenBadge(Model):
        site = IntegerField()
        month = IntegerField()
        page = TextField()
        hidden_by = CharField(max_length=16)
        views = BigIntegerField()
        last_day = IntegerField(index=True)

        class Meta:
            database = db
            table_name = "hidden_badge"
            primary_key = CompositeKey("site", "month", "page", "hidden_by")

    class Wording(Model):
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        lang = CharField(max_length=16)
        key = CharField(max_length=64)
        text = TextField()

        class Meta:
            database = db
            table_name = "wording"
            primary_key = CompositeKey("site", "lang", "key")

    db.create_tables([HiddenBadge, Wording])
