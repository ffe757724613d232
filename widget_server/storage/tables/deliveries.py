"""What is owed to people elsewhere."""

from peewee import AutoField, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import MomentField, Table
from widget_server.storage.tables.cases import Report, Ruling


class Delivery(Table):
    """A mail that is owed to a reporter: of the receipt, or (with `ruling`) of a decision. Composed when it is sent."""

    id = AutoField()
    report = ForeignKeyField(Report, on_delete="CASCADE")
    ruling = ForeignKeyField(Ruling, on_delete="CASCADE", null=True, index=False)
    created_at = MomentField()
    due_at = MomentField(index=True, null=True)
    attempts = IntegerField(default=0)
    delivered_at = MomentField(null=True)
    failure = TextField(default="")
