"""Who sees what: viewers, impressions, and pages that hide the badge."""

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, IntegerField, TextField

from widget_server.storage.tables.base import MomentField, Table


class Viewer(Table):
    """One person in one month on one site, as a number that means nothing without the month's key."""

    site = IntegerField()
    month = IntegerField()
    key = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("site", "month", "key")


class Month(Table):
    """A month of a site: while it runs, the stored half of its key; afterwards, only the number of viewers."""

    site = IntegerField()
    month = IntegerField()
    key = BlobField(null=True)
    unique_viewers = IntegerField(null=True)
    closed_at = MomentField(null=True)

    class Meta:
        primary_key = CompositeKey("site", "month")


class Tally(Table):
    """A day's impressions on a site, and how many of them with a visible badge. `day` is the number 20261123."""

    site = IntegerField()
    day = IntegerField()
    impressions = BigIntegerField()
    disclosed = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("site", "day")


class HiddenBadge(Table):
    """A month's views of a page on which something hid the badge: by what, how often, and when last.

    `page` has neither query nor fragment; empty, it stands for all pages whose address is not kept.
    """

    site = IntegerField()
    month = IntegerField()
    page = TextField()
    hidden_by = CharField(max_length=16)
    views = BigIntegerField()
    last_day = IntegerField(index=True)

    class Meta:
        primary_key = CompositeKey("site", "month", "page", "hidden_by")
