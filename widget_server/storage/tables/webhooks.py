"""Who elsewhere is told what happens, and what became of each message."""

from peewee import AutoField, CharField, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import JsonField, MomentField, Table
from widget_server.storage.tables.people import Moderator
from widget_server.storage.tables.sites import Site


class Webhook(Table):
    """An address that is told what happens on a site, or on all (`site` None). `events`: which; empty, all of them.

    `url` is sealed: that of a Slack webhook is its secret. What signs is derived from `key` and `generation`
    (rules/keys.py); the one before signs, too, until `overlap_until`. `failing_since`: nothing was taken there since.
    `paused_why`: what the server itself has paused it for. `added_by`: who answers for it, as far as that is known.
    """

    id = AutoField()
    key = CharField(unique=True, max_length=32)
    site = ForeignKeyField(Site, on_delete="CASCADE", null=True, index=False)
    kind = CharField(max_length=16)
    url = TextField()
    events = JsonField()
    note = CharField(max_length=200, default="")
    generation = IntegerField(default=1)
    overlap_until = MomentField(null=True)
    created_at = MomentField()
    failing_since = MomentField(null=True)
    paused_at = MomentField(null=True)
    paused_why = TextField(default="")
    added_by = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)


class WebhookDelivery(Table):
    """An event that is owed to a webhook, or was. `status`: what it answered last. `due_at` None: nothing more happens.

    `about` says what the event tells (rules/events.py); the message is composed when it is sent.
    """

    id = AutoField()
    webhook = ForeignKeyField(Webhook, on_delete="CASCADE", index=False)
    event_id = CharField(max_length=40)
    event = CharField(max_length=32)
    site = ForeignKeyField(Site, on_delete="CASCADE", null=True, index=False)
    about = JsonField()
    created_at = MomentField(index=True)
    due_at = MomentField(index=True, null=True)
    attempts = IntegerField(default=0)
    delivered_at = MomentField(null=True)
    status = IntegerField(null=True)
    failure = TextField(default="")

    class Meta:
        indexes = (
            (("webhook", "event_id"), True),
            (("webhook", "id"), False),
            (("webhook", "due_at"), False),
        )
