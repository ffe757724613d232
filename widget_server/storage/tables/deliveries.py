"""What is owed to people elsewhere."""

from peewee import AutoField, CharField, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import MomentField, Table
from widget_server.storage.tables.cases import Report, Ruling


class Delivery(Table):
    """A mail that is owed to a reporter, composed when it is sent. `about`: a letter of rules/letters.py."""

    id = AutoField()
    report = ForeignKeyField(Report, on_delete="CASCADE")
    ruling = ForeignKeyField(Ruling, on_delete="CASCADE", null=True, index=False)
    created_at = MomentField(index=True)
    due_at = MomentField(index=True, null=True)
    attempts = IntegerField(default=0)
    delivered_at = MomentField(null=True)
    failure = TextField(default="")
    about = CharField(max_length=16, default="receipt")
