"""Who embeds the widget, their own words, and what waits for a review before many people see it."""

from peewee import AutoField, CharField, CompositeKey, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import JsonField, MomentField, Table
from widget_server.storage.tables.people import Moderator


class Site(Table):
    """Who embeds the widget. `generation` counts secret keys; the one before holds until `overlap_until`.

    `policy`: what its owner has chosen, as rules/policy.py keeps it.
    """

    id = AutoField()
    key = CharField(unique=True, max_length=32)
    name = CharField(max_length=200)
    origins = JsonField()
    policy = JsonField(default={})
    generation = IntegerField(default=1)
    overlap_until = MomentField(null=True)
    created_at = MomentField()


class Wording(Table):
    """A text of the widget that a site says in its own words. `key` is such as “label.report”."""

    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    lang = CharField(max_length=16)
    key = CharField(max_length=64)
    text = TextField()

    class Meta:
        primary_key = CompositeKey("site", "lang", "key")


class PublicationRow(Table):
    """A text for many people, held until a person has reviewed exactly this text."""

    id = CharField(primary_key=True, max_length=32)
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    text_sha256 = CharField(max_length=64)
    html_sha256 = CharField(max_length=64)
    text = TextField()
    links = JsonField()
    model = TextField()
    provider = TextField()
    audience = CharField(max_length=16)
    audience_size = IntegerField(null=True)
    state = CharField(max_length=16)
    note = TextField(default="")
    reviewer = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
    created_at = MomentField()
    decided_at = MomentField(null=True)

    class Meta:
        table_name = "publication"
        indexes = ((("site", "html_sha256"), True), (("state", "created_at"), False))
