"""Steps to the threshold, applications, first views, views by page. It must not follow storage/tables."""

from peewee import (
    AutoField,
    BigIntegerField,
    CharField,
    CompositeKey,
    Database,
    IntegerField,
    Model,
    TextField,
)

ADDED = {
    "tally": {"viewers": "BIGINT NOT NULL DEFAULT 0", "first_disclosed": "BIGINT NOT NULL DEFAULT 0"},
    "site": {"report_since": "BIGINT", "low_since": "BIGINT"},
    "owner_notice": {"event": "VARCHAR(32) NOT NULL DEFAULT ''", "about": "TEXT NOT NULL DEFAULT '{}'"},
}


def up(migrator: object, db: Database) -> None:
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    db.execute_sql("UPDATE site SET report_since = created_at")

    class Application(Model):
        id = AutoField()
        name = CharField(unique=True, max_length=100)

        class Meta:
            database = db
            table_name = "application"

    class PageTally(Model):
        site = IntegerField()
        day = IntegerField(index=True)
        page = TextField()
        impressions = BigIntegerField()
        disclosed = BigIntegerField()

        class Meta:
            database = db
            table_name = "page_tally"
            primary_key = CompositeKey("site", "day", "page")

    class Crossing(Model):
        site = IntegerField()
        month = IntegerField()
        step = CharField(max_length=16)
        at = BigIntegerField()
        viewers = IntegerField()
        threshold = IntegerField()
        application = CharField(max_length=100)

        class Meta:
            database = db
            table_name = "crossing"
            primary_key = CompositeKey("site", "month", "step")

    db.create_tables([Application, PageTally, Crossing])
