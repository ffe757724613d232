"""What the people at the desk are, and how they come in."""

from peewee import AutoField, CharField, ForeignKeyField

from widget_server.storage.tables.base import Table
from widget_server.storage.tables.people import Moderator
from widget_server.storage.tables.sites import Site


class Membership(Table):
    """What somebody is (rules/access.py) on a site; on all of them, also those to come, where `site` is None."""

    id = AutoField()
    moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
    site = ForeignKeyField(Site, on_delete="CASCADE", null=True, index=False)
    role = CharField(max_length=16)

    class Meta:
        indexes = ((("moderator", "site"), True),)


Membership.add_index(Membership.moderator, unique=True, where=Membership.site.is_null(), name="membership_everywhere")
