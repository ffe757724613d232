"""What sites' texts are for, and what their owners have to hear of."""

from peewee import AutoField, CharField, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import JsonField, MomentField, Table
from widget_server.storage.tables.cases import Case
from widget_server.storage.tables.people import Moderator
from widget_server.storage.tables.sites import Site


class Declaration(Table):
    """What a site's texts are for, as a person signed it. The newest version holds; none is ever changed or removed.

    `purposes`: code, name and reason of each; `confirmed`: clause, name and meaning of each prohibited one that the
    signer was shown: all in the words of that day. `moderator`: at whose desk it was signed; None: on the operator's
    command line. `email` is sealed. `asked`: how often somebody was asked to renew it.
    """

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    version = IntegerField()
    purposes = JsonField()
    confirmed = JsonField()
    words = TextField()
    signed_by = CharField(max_length=200)
    role = CharField(max_length=200)
    email = TextField()
    signed_at = MomentField()
    moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
    asked = IntegerField(default=0)

    class Meta:
        indexes = ((("site", "version"), True),)


class OwnerNotice(Table):
    """A mail that is owed to an owner of a site, or (without `moderator`) to who signed the declaration.

    Of a case that was reported as `category`, of a declaration to renew, or of an `event` (rules/tidings.py).
    Composed when it is sent.
    """

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    moderator = ForeignKeyField(Moderator, on_delete="CASCADE", null=True, index=False)
    case = ForeignKeyField(Case, on_delete="CASCADE", null=True)
    category = CharField(max_length=32, default="")
    declaration = ForeignKeyField(Declaration, on_delete="CASCADE", null=True, index=False)
    event = CharField(max_length=32, default="")
    about = JsonField(default={})
    created_at = MomentField(index=True)
    due_at = MomentField(index=True, null=True)
    attempts = IntegerField(default=0)
    delivered_at = MomentField(null=True)
    failure = TextField(default="")

    class Meta:
        indexes = ((("site", "created_at"), False),)
