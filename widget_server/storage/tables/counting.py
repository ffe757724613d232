"""Who sees what: viewers, impressions, pages, and the months in which the threshold was reached.

Where `site` is negative, it is an application: its number in `application`, with a minus.
"""

from peewee import AutoField, BigIntegerField, BlobField, CharField, CompositeKey, IntegerField, TextField

from widget_server.storage.tables.base import MomentField, Table


class Viewer(Table):
    """One person in one month on one site, as a number that means nothing without the month's key.

    PostgreSQL keeps them in a table for each month of the year (viewer_01 …), which is emptied as a whole, and knows
    them by `key` alone: keys of two sites are as different as two people's on one.
    """

    site = IntegerField()
    month = IntegerField()
    key = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("site", "month", "key")


class Application(Table):
    """Sites whose owners gave them this name in common: they count together for the threshold."""

    id = AutoField()
    name = CharField(unique=True, max_length=100)


class Month(Table):
    """A month of a site: how many viewers, and until it is closed, its key, sealed.

    `before_joining`: how many viewers it had when the site became part of its application.
    """

    site = IntegerField()
    month = IntegerField()
    key = BlobField(null=True)
    unique_viewers = IntegerField(default=0, null=True)
    before_joining = IntegerField(default=0)

    class Meta:
        primary_key = CompositeKey("site", "month")


class Tally(Table):
    """A day's impressions on a site, and how many of them with a visible badge. `day` is the number 20261123.

    `viewers`: people who were not seen before in the month; `first_disclosed`: how many of them could see the badge at
    the first text that they saw.
    """

    site = IntegerField()
    day = IntegerField(index=True)
    impressions = BigIntegerField()
    disclosed = BigIntegerField()
    viewers = BigIntegerField(default=0)
    first_disclosed = BigIntegerField(default=0)

    class Meta:
        primary_key = CompositeKey("site", "day")


class HiddenBadge(Table):
    """A month's views of a page on which something hid the badge: by what, how often, and when last.

    `page` has neither query nor fragment; empty, it stands for all pages whose address is not kept. `weight`: together,
    a page's page views and what it took over with its place (rules/places.py).
    """

    site = IntegerField()
    month = IntegerField()
    page = TextField()
    hidden_by = CharField(max_length=16)
    views = BigIntegerField()
    last_day = IntegerField(index=True)
    weight = BigIntegerField(default=0)

    class Meta:
        primary_key = CompositeKey("site", "month", "page", "hidden_by")


class PageTally(Table):
    """A day's impressions on a page, and how many of them with a visible badge. `page`, `weight`: as in HiddenBadge."""

    site = IntegerField()
    day = IntegerField(index=True)
    page = TextField()
    impressions = BigIntegerField()
    disclosed = BigIntegerField()
    weight = BigIntegerField(default=0)

    class Meta:
        primary_key = CompositeKey("site", "day", "page")


class Crossing(Table):
    """A step that a site's month took towards the threshold (rules/threshold.py), when, and with how many viewers.

    `application`: with whose other sites it counted together then. `viewers` of a projected step: so many were to be.
    """

    site = IntegerField()
    month = IntegerField()
    step = CharField(max_length=16)
    at = MomentField()
    viewers = IntegerField()
    threshold = IntegerField()
    application = CharField(max_length=100)

    class Meta:
        primary_key = CompositeKey("site", "month", "step")
