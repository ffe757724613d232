"""What the people at the desk are, and how they come in."""

from peewee import AutoField, BooleanField, CharField, CompositeKey, ForeignKeyField

from widget_server.storage.tables.base import JsonField, MomentField, Table
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


class Invitation(Table):
    """Somebody may come in once, by a link or by a sign-in elsewhere, as what `roles` says: site (or “”) → role."""

    id = AutoField()
    email = CharField(unique=True, max_length=254)
    token_sha256 = CharField(unique=True, max_length=64)
    roles = JsonField()
    invited_by = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
    created_at = MomentField()


class RecoveryCode(Table):
    """What is kept (rules/keys.py) of a code that opens an account once without its second factor."""

    moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
    code = CharField(max_length=64)

    class Meta:
        primary_key = CompositeKey("moderator", "code")


class HouseRule(Table):
    """What owners have decided for everybody at the desk."""

    name = CharField(primary_key=True, max_length=32)
    holds = BooleanField()
