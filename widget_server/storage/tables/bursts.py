"""Where many reports come from at once, as far as that can be known without knowing anybody."""

from peewee import AutoField, BlobField, CharField, CompositeKey, ForeignKeyField, IntegerField

from widget_server.storage.tables.base import MomentField, Table
from widget_server.storage.tables.cases import Case
from widget_server.storage.tables.people import Moderator


class SourceKey(Table):
    """The key, sealed, under which a day's sources of a site are hashed. It is destroyed with them."""

    site = IntegerField()
    day = IntegerField()
    key = BlobField()

    class Meta:
        primary_key = CompositeKey("site", "day")


class Burst(Table):
    """Many reports on one case at once, from few sources (rules/bursts.py). Its reports name it.

    `aside_at`: a moderator has set its reports aside, and `before` is where the case then stood.
    """

    id = AutoField()
    case = ForeignKeyField(Case, on_delete="CASCADE")
    began_at = MomentField()
    ended_at = MomentField()
    reports = IntegerField()
    sources = IntegerField()
    aside_at = MomentField(null=True)
    aside_by = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
    before = CharField(max_length=16, null=True)


class Attempts(Table):
    """How many reports were sent to a site in a minute (counted since 1970), kept or not; for three hours."""

    site = IntegerField()
    minute = IntegerField()
    number = IntegerField()

    class Meta:
        primary_key = CompositeKey("site", "minute")
