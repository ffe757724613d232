"""The tables of 0.1.0. A frozen copy: it must not follow storage/tables.py."""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    CompositeKey,
    Database,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)


def up(migrator: object, db: Database) -> None:
    class Site(Model):
        key = CharField(unique=True, max_length=32)
        name = CharField(max_length=200)
        origins = TextField()
        generation = IntegerField(default=1)
        overlap_until = BigIntegerField(null=True)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "site"

    db.create_tables([Site])

    class Case(Model):
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        text_sha256 = CharField(max_length=64)
        text = TextField()
        verified = BooleanField()
        model = TextField()
        provider = TextField()
        review = CharField(max_length=16)
        state = CharField(max_length=16)
        outcome = CharField(null=True, max_length=16)
        label = TextField(null=True)
        urgent = BooleanField()
        version = IntegerField(default=0)
        opened_at = BigIntegerField()
        waiting_since = BigIntegerField()
        viewed_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "case"
            indexes = ((("site", "text_sha256"), True), (("state", "urgent", "waiting_since", "id"), False))

    db.create_tables([Case])

    class Report(Model):
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        case = ForeignKeyField(Case, on_delete="CASCADE")
        sender = CharField(max_length=64)
        receipt_sha256 = CharField(unique=True, max_length=64)
        category = CharField(max_length=32)
        verified = BooleanField()
        quote = TextField(null=True)
        comment = TextField()
        email = CharField(max_length=254)
        page = TextField()
        good_faith = BooleanField()
        received_at = BigIntegerField()
        appeal = TextField(null=True)
        appealed_at = BigIntegerField(null=True)
        taken_back_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "report"
            indexes = ((("site", "sender"), True),)

    db.create_tables([Report])

    class Moderator(Model):
        email = CharField(unique=True, max_length=254)
        password_hash = TextField()
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "moderator"

    db.create_tables([Moderator])

    class Ruling(Model):
        case = ForeignKeyField(Case, on_delete="CASCADE")
        decision = CharField(max_length=16)
        before = CharField(max_length=16)
        outcome = CharField(null=True, max_length=16)
        category = CharField(max_length=32)
        ground = CharField(max_length=16)
        label = TextField(null=True)
        message = TextField()
        moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", index=False)
        decided_at = BigIntegerField(index=True)

        class Meta:
            database = db
            table_name = "ruling"

    db.create_tables([Ruling])

    class Delivery(Model):
        report = ForeignKeyField(Report, on_delete="CASCADE")
        ruling = ForeignKeyField(Ruling, null=True, on_delete="CASCADE", index=False)
        created_at = BigIntegerField()
        due_at = BigIntegerField(index=True, null=True)
        attempts = IntegerField(default=0)
        delivered_at = BigIntegerField(null=True)
        failure = TextField(default="")

        class Meta:
            database = db
            table_name = "delivery"

    db.create_tables([Delivery])

    class LogEntry(Model):
        at = BigIntegerField()
        moderator = ForeignKeyField(Moderator, null=True, on_delete="RESTRICT", index=False)
        verb = CharField(max_length=32)
        subject = CharField(max_length=64)
        particulars = TextField()

        class Meta:
            database = db
            table_name = "log_entry"

    db.create_tables([LogEntry])

    class Month(Model):
        site = IntegerField()
        month = IntegerField()
        key = BlobField(null=True)
        unique_viewers = IntegerField(null=True)
        closed_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "month"
            primary_key = CompositeKey("site", "month")

    db.create_tables([Month])

    class PublicationRow(Model):
        id = CharField(primary_key=True, max_length=32)
        site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
        text_sha256 = CharField(max_length=64)
        html_sha256 = CharField(max_length=64)
        text = TextField()
        links = TextField()
        model = TextField()
        provider = TextField()
        audience = CharField(max_length=16)
        audience_size = IntegerField(null=True)
        state = CharField(max_length=16)
        note = TextField(default="")
        reviewer = ForeignKeyField(Moderator, null=True, on_delete="RESTRICT", index=False)
        created_at = BigIntegerField()
        decided_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "publication"
            indexes = ((("site", "html_sha256"), True), (("state", "created_at"), False))

    db.create_tables([PublicationRow])

    class SignIn(Model):
        token_sha256 = CharField(primary_key=True, max_length=64)
        moderator = ForeignKeyField(Moderator, on_delete="CASCADE")
        created_at = BigIntegerField()
        seen_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "sign_in"

    db.create_tables([SignIn])

    class Tally(Model):
        site = IntegerField()
        day = IntegerField()
        impressions = BigIntegerField()
        disclosed = BigIntegerField()

        class Meta:
            database = db
            table_name = "tally"
            primary_key = CompositeKey("site", "day")

    db.create_tables([Tally])

    class Viewer(Model):
        site = IntegerField()
        month = IntegerField()
        key = BigIntegerField()

        class Meta:
            database = db
            table_name = "viewer"
            primary_key = CompositeKey("site", "month", "key")
            without_rowid = isinstance(db, SqliteDatabase)

    db.create_tables([Viewer])
