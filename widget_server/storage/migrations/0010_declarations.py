"""Declarations of purpose, and mails owed to owners. A frozen copy: it must not follow storage/tables."""

from peewee import AutoField, BigIntegerField, CharField, Database, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: object, db: Database) -> None:
    class Site(Model):
        class Meta:
            database = db
            table_name = "site"

    class Moderator(Model):
        class Meta:
            database = db
            table_name = "moderator"

    class Case(Model):
        class Meta:
            database = db
            table_name = "case"

    class Declaration(Model):
        id = AutoField()
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        version = IntegerField()
        purposes = TextField()
        confirmed = TextField()
        words = TextField()
        signed_by = CharField(max_length=200)
        role = CharField(max_length=200)
        email = CharField(max_length=254)
        signed_at = BigIntegerField()
        moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
        asked = IntegerField()

        class Meta:
            database = db
            table_name = "declaration"
            indexes = ((("site", "version"), True),)

    class OwnerNotice(Model):
        id = AutoField()
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        moderator = ForeignKeyField(Moderator, on_delete="CASCADE", null=True, index=False)
        case = ForeignKeyField(Case, on_delete="CASCADE", null=True)
        category = CharField(max_length=32)
        declaration = ForeignKeyField(Declaration, on_delete="CASCADE", null=True, index=False)
        created_at = BigIntegerField()
        due_at = BigIntegerField(index=True, null=True)
        attempts = IntegerField()
        delivered_at = BigIntegerField(null=True)
        failure = TextField()

        class Meta:
            database = db
            table_name = "owner_notice"
            indexes = ((("site", "created_at"), False),)

    db.create_tables([Declaration, OwnerNotice])
