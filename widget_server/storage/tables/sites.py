"""Who embeds the widget, their own words, and what waits for a review before many people see it."""

from hashlib import sha256

from peewee import AutoField, BigIntegerField, CharField, CompositeKey, ForeignKeyField, IntegerField, TextField, fn

from widget_server.storage.tables.base import JsonField, MomentField, Table
from widget_server.storage.tables.people import Moderator


class Site(Table):
    """Who embeds the widget. `generation` counts secret keys; the one before holds until `overlap_until`.

    `policy`: what its owner has chosen, as rules/policy.py keeps it. `report_since`: since when readers see the report
    control; None: they do not. `low_since`: since when too few of them can see the badge.
    """

    id = AutoField()
    key = CharField(unique=True, max_length=32)
    name = CharField(max_length=200)
    origins = JsonField()
    policy = JsonField(default={})
    generation = IntegerField(default=1)
    overlap_until = MomentField(null=True)
    created_at = MomentField()
    report_since = MomentField(null=True)
    low_since = MomentField(null=True)

    class Meta:
        indexes = ((("name", "id"), False),)


class Change(Table):
    """How often what processes remember of a site has changed (storage/changes.py).

    `cases`: how many digests it has cases under: one each, and those that a few have beside it.
    """

    site = IntegerField(primary_key=True)
    number = BigIntegerField()
    cases = BigIntegerField(default=0)


class Wording(Table):
    """A text of the widget that a site says in its own words. `key` is such as “label.report”."""

    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    lang = CharField(max_length=16)
    key = CharField(max_length=64)
    text = TextField()

    class Meta:
        primary_key = CompositeKey("site", "lang", "key")


class PublicationRow(Table):
    """A text for many people, held until a person has reviewed exactly this text.

    `source`: the text as it was sent, in its `format`. `authors`: who asked for it or wrote it, as the host says.
    `amended`: the source as a moderator has changed it; beside it stand the words that it became, and the digests.
    `checks`: what the reviewer confirmed. `responsible`, `contact`: who answered for it when it was decided. `held_at`:
    since when it waits for a review, or waited for its last.
    """

    id = CharField(primary_key=True, max_length=32)
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    text_sha256 = CharField(max_length=64)
    html_sha256 = CharField(max_length=64)
    text = TextField()
    source = TextField(default="")
    format = CharField(max_length=16, default="text")
    authors = JsonField(default=[])
    purpose = CharField(max_length=100, default="")
    model = TextField()
    provider = TextField()
    audience = CharField(max_length=16)
    audience_size = BigIntegerField(null=True)
    state = CharField(max_length=16)
    note = TextField(default="")
    checks = JsonField(default=[])
    amended = TextField(null=True)
    amended_text = TextField(null=True)
    amended_text_sha256 = CharField(max_length=64, null=True)
    amended_html_sha256 = CharField(max_length=64, null=True)
    responsible = CharField(max_length=200, default="")
    contact = CharField(max_length=254, default="")
    reviewer = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
    created_at = MomentField()
    held_at = MomentField()
    decided_at = MomentField(null=True)

    class Meta:
        table_name = "publication"
        indexes = (
            (("site", "html_sha256", "format"), True),
            (("site", "amended_html_sha256"), False),
            (("state", "held_at", "id"), False),
            (("site", "state", "held_at", "id"), False),
            (("site", "created_at", "id"), False),
            (("site", "state", "decided_at"), False),
            (("site", "decided_at"), False),
            (("text_sha256",), False),
        )

    @property
    def asked_text(self) -> str:
        """The words that a review is about: as they were sent, or as they were amended."""
        return self.text if self.amended_text is None else self.amended_text

    @property
    def asked_sha256(self) -> str:
        """The digest of the text that a review is about: as it was sent, or as it was amended."""
        return self.amended_text_sha256 or self.text_sha256

    @property
    def asked_source(self) -> str:
        """The source that a review is about: as it was sent, or as it was amended."""
        return self.source if self.amended is None else self.amended

    @property
    def seen_sha256(self) -> str:
        """Which text somebody has before them who reviews it: its source also says what readers do not see."""
        return sha256(self.asked_source.encode()).hexdigest()


PublicationRow.add_index(
    fn.COALESCE(PublicationRow.amended_text_sha256, PublicationRow.text_sha256),
    PublicationRow.site,
    PublicationRow.created_at,
    PublicationRow.id,
    name="publication_asked_sha256",
)


class PublicationStep(Table):
    """What happened to a publication (rules/publishing.py, Step), and which text it was about."""

    id = AutoField()
    publication = ForeignKeyField(PublicationRow, on_delete="CASCADE")
    what = CharField(max_length=16)
    at = MomentField()
    moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
    note = TextField(default="")
    text_sha256 = CharField(max_length=64)


class Screening(Table):
    """A screen's look at a held text. `found`: what it saw, perhaps nothing; null, it has not looked or could not.

    `due_at` null: nothing more is asked. `failure`: why it could not, the last time.
    """

    publication = ForeignKeyField(PublicationRow, on_delete="CASCADE", primary_key=True)
    model = TextField(default="")
    found = JsonField(null=True)
    failure = TextField(default="")
    attempts = IntegerField(default=0)
    due_at = MomentField(index=True, null=True)
    screened_at = MomentField(null=True)
