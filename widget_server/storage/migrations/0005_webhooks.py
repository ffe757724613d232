"""Webhooks, and what is owed to them. It must not follow storage/tables."""

from peewee import AutoField, BigIntegerField, CharField, Database, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: object, db: Database) -> None:
    class Site(Model):
        class Meta:
            database = db
            table_name = "site"

    class Webhook(Model):
        id = AutoField()
        key = CharField(unique=True, max_length=32)
        site = ForeignKeyField(Site, on_delete="CASCADE", null=True, index=False)
        kind = CharField(max_length=16)
        url = TextField()
        events = TextField()
        note = CharField(max_length=200)
        generation = IntegerField()
        overlap_until = BigIntegerField(null=True)
        created_at = BigIntegerField()
        failing_since = BigIntegerField(null=True)
        paused_at = BigIntegerField(null=True)
        paused_why = TextField()

        class Meta:
            database = db
            table_name = "webhook"

    class WebhookDelivery(Model):
        id = AutoField()
        webhook = ForeignKeyField(Webhook, on_delete="CASCADE", index=False)
        event_id = CharField(max_length=40)
        event = CharField(max_length=32)
        site = ForeignKeyField(Site, on_delete="CASCADE", null=True, index=False)
        about = TextField()
        created_at = BigIntegerField(index=True)
        due_at = BigIntegerField(index=True, null=True)
        attempts = IntegerField()
        delivered_at = BigIntegerField(null=True)
        status = IntegerField(null=True)
        failure = TextField()

        class Meta:
            database = db
            table_name = "webhook_delivery"
            indexes = ((("webhook", "event_id"), True),)

    db.create_tables([Webhook, WebhookDelivery])
