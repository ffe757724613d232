"""How sites stood at the end of each month."""

from peewee import CompositeKey, ForeignKeyField, IntegerField

from widget_server.storage.tables.base import JsonField, MomentField, Table
from widget_server.storage.tables.sites import Site


class Assessment(Table):
    """What held for a site at a month's end (rules/assessments.py), kept when what it was drawn from is gone.

    `made_at`: when it was found. It names nobody.
    """

    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    month = IntegerField()
    made_at = MomentField()
    told = JsonField()

    class Meta:
        primary_key = CompositeKey("site", "month")
