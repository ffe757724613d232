"""How often what processes remember of a site has changed."""

from peewee import BigIntegerField, Database, IntegerField, Model


def up(migrator: object, db: Database) -> None:
    class Change(Model):
        site = IntegerField(primary_key=True)
        number = BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Change])
