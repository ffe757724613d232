"""Who works at the desk, how they want it, and what they did."""

from peewee import AutoField, BigIntegerField, CharField, CompositeKey, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import JsonField, MomentField, Table


class Moderator(Table):
    """A person at the desk. `wishes`: how they want it to be (rules/wellness.py).

    `totp_secret` (sealed) makes the codes of the second factor, of which the one of `totp_step` was used last.
    `oidc_subject`: who they are at the provider elsewhere, from their first sign-in there on. `password_hash` is empty
    for who signs in elsewhere only. `removed_at`: since then nobody comes in by this account, whose name stands beside
    what it did.
    """

    id = AutoField()
    email = CharField(unique=True, max_length=254)
    password_hash = TextField()
    created_at = MomentField()
    wishes = JsonField(null=True)
    signed_in_at = MomentField(null=True)
    removed_at = MomentField(null=True)
    totp_secret = TextField(null=True)
    totp_step = BigIntegerField(null=True)
    oidc_subject = CharField(max_length=1024, null=True, unique=True)


class SignIn(Table):
    """A moderator's session, known by the digest of its token. `confirmed_at`: when they last showed who they are.

    `stage` is “second” until the second factor is shown. `browser` and `network` tell its owner where it is.
    """

    token_sha256 = CharField(primary_key=True, max_length=64)
    moderator = ForeignKeyField(Moderator, on_delete="CASCADE")
    created_at = MomentField()
    seen_at = MomentField()
    confirmed_at = MomentField()
    browser = CharField(max_length=80)
    network = CharField(max_length=64)
    stage = CharField(max_length=16)


class SavedFilter(Table):
    """A moderator's own way to look at the queue. `query`: the address after the question mark."""

    id = AutoField()
    moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
    name = CharField(max_length=80)
    query = TextField()

    class Meta:
        indexes = ((("moderator", "name"), True),)


class Exposure(Table):
    """How many harmful texts a moderator has opened on a day (the number 20261123)."""

    moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
    day = IntegerField()
    texts = IntegerField()

    class Meta:
        primary_key = CompositeKey("moderator", "day")


class Reason(Table):
    """Usual words of a decision's message, as the owner wants them."""

    id = AutoField()
    decision = CharField(max_length=16)
    title = CharField(max_length=80)
    text = TextField()


class LogEntry(Table):
    """Who did what. Never what a reader typed. `site`: where; None: in the house as a whole.

    `digest` covers the whole entry and `previous`, the digest before it (rules/audit.py). The database refuses to
    change or remove an entry.
    """

    id = AutoField()
    at = MomentField()
    moderator = ForeignKeyField(Moderator, null=True, on_delete="RESTRICT", index=False)
    verb = CharField(max_length=32)
    subject = CharField(max_length=254)
    particulars = JsonField()
    site = IntegerField(null=True)
    previous = CharField(unique=True, max_length=64)
    digest = CharField(max_length=64)

    class Meta:
        indexes = ((("subject", "id"), False), (("site", "id"), False), (("moderator", "id"), False))
