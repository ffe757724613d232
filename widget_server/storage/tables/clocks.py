"""How long cases may wait, and what moderators are to be told by mail."""

from peewee import AutoField, CharField, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import MomentField, Table
from widget_server.storage.tables.cases import Ruling
from widget_server.storage.tables.people import Moderator


class Clock(Table):
    """The owner's hours for a category or for appeals (`kind`); ours hold where there is no row (rules/clocks.py)."""

    kind = CharField(primary_key=True, max_length=32)
    hours = IntegerField()


class Heard(Table):
    """What the clocks of those that keep house have said, in one row (storage/certain.py).

    `said_at`: since a while, or since one was earlier; `certain_at`: what had been said before.
    """

    id = IntegerField(primary_key=True)
    said_at = MomentField()
    certain_at = MomentField()


class Alert(Table):
    """A mail that is owed to a moderator: which cases are late, or (with `ruling`) that a case was handed to them.

    Composed when it is sent; of late cases it tells those that are late at `created_at`, at least. While it is sent,
    it has `attempts` and no `failure`.
    """

    id = AutoField()
    moderator = ForeignKeyField(Moderator, on_delete="CASCADE")
    ruling = ForeignKeyField(Ruling, on_delete="CASCADE", null=True)
    created_at = MomentField(index=True)
    due_at = MomentField(index=True, null=True)
    attempts = IntegerField(default=0)
    delivered_at = MomentField(null=True)
    failure = TextField(default="")
