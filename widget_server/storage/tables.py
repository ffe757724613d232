"""The tables. Each row's meaning is told here; what may be done with it, in the module of its noun."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    CompositeKey,
    DatabaseProxy,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

database = DatabaseProxy()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MomentField(BigIntegerField):
    """A moment, kept as microseconds since 1970 in UTC: sorts, and means the same on every database."""

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class JsonField(TextField):
    """A small value that is only ever read whole."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=True, separators=(",", ":"))

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


class Table(Model):
    class Meta:
        database = database
        legacy_table_names = False


class Site(Table):
    """Who embeds the widget. `generation` counts secret keys; the one before holds until `overlap_until`."""

    id = AutoField()
    key = CharField(unique=True, max_length=32)
    name = CharField(max_length=200)
    origins = JsonField()
    generation = IntegerField(default=1)
    overlap_until = MomentField(null=True)
    created_at = MomentField()


class Moderator(Table):
    """A person who decides. `wishes`: how they want the desk to be (rules/wellness.py)."""

    id = AutoField()
    email = CharField(unique=True, max_length=254)
    password_hash = TextField()
    created_at = MomentField()
    wishes = JsonField(null=True)


class SignIn(Table):
    """A moderator's session, known by the digest of its token."""

    token_sha256 = CharField(primary_key=True, max_length=64)
    moderator = ForeignKeyField(Moderator, on_delete="CASCADE")
    created_at = MomentField()
    seen_at = MomentField()


class Case(Table):
    """All reports on one text of one site.

    `state`: where it stands at the desk; `outcome`: the last final decision's state, which holds while a later report
    or appeal waits. `verified`: the text carried the site's own signature. `version` grows with each decision. `queue`
    and `place`: in which list, and where in it (rules/moderation.py). `category`: the gravest that is reported. `seen`:
    views of the text since it was first reported. `leader`: the case on whose card this one stands. `claimed_by`: whose
    it is until `claimed_until`. `escalated_to`: who is to decide.
    """

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    text_sha256 = CharField(max_length=64)
    text = TextField()
    verified = BooleanField()
    model = TextField()
    provider = TextField()
    review = CharField(max_length=16)
    state = CharField(max_length=16)
    outcome = CharField(max_length=16, null=True)
    label = JsonField(null=True)
    urgent = BooleanField()
    version = IntegerField(default=0)
    opened_at = MomentField()
    waiting_since = MomentField()
    viewed_at = MomentField(null=True)
    decided_at = MomentField(null=True)
    queue = CharField(max_length=16)
    place = BigIntegerField()
    category = CharField(max_length=32)
    lang = CharField(max_length=16, default="")
    seen = BigIntegerField(default=0)
    leader = ForeignKeyField("self", on_delete="SET NULL", null=True)
    claimed_by = ForeignKeyField(Moderator, on_delete="SET NULL", null=True)
    claimed_until = MomentField(null=True)
    escalated_to = ForeignKeyField(Moderator, on_delete="SET NULL", null=True, index=False)

    class Meta:
        indexes = (
            (("site", "text_sha256"), True),
            (("queue", "place", "id"), False),
            (("queue", "site", "place", "id"), False),
            (("queue", "category", "place", "id"), False),
            (("queue", "model", "place", "id"), False),
            (("queue", "lang", "place", "id"), False),
            (("text_sha256",), False),
        )


class Likeness(Table):
    """A band of a case's text (rules/likeness.py): near-duplicates on the same site share one."""

    site = IntegerField()
    band = BigIntegerField()
    case = ForeignKeyField(Case, on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("site", "band", "case")


class Report(Table):
    """A reader says that a text does harm. `sender` stands for the id that its sender made (rules/keys.py)."""

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    case = ForeignKeyField(Case, on_delete="CASCADE")
    sender = CharField(max_length=64)
    receipt_sha256 = CharField(unique=True, max_length=64)
    category = CharField(max_length=32)
    verified = BooleanField()
    quote = JsonField(null=True)
    comment = TextField()
    email = CharField(max_length=254)
    page = TextField()
    good_faith = BooleanField()
    received_at = MomentField()
    appeal = TextField(null=True)
    appealed_at = MomentField(null=True)
    taken_back_at = MomentField(null=True)

    class Meta:
        indexes = ((("site", "sender"), True), (("site", "page"), False))


class Ruling(Table):
    """A decision on a case: what, why, by whom, and the message to the reporters.

    `outcome` None: handed on. `batch`: what was decided together. `undone_at`: it was a mistake, and counts no more.
    """

    id = AutoField()
    case = ForeignKeyField(Case, on_delete="CASCADE")
    decision = CharField(max_length=16)
    before = CharField(max_length=16)
    outcome = CharField(max_length=16, null=True)
    category = CharField(max_length=32)
    ground = CharField(max_length=16)
    label = JsonField(null=True)
    message = TextField()
    moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", index=False)
    decided_at = MomentField(index=True)
    batch = CharField(max_length=32, null=True, index=True)
    undone_at = MomentField(null=True)
    undone_by = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)


class Note(Table):
    """What moderators tell each other about a case; no reader sees it."""

    id = AutoField()
    case = ForeignKeyField(Case, on_delete="CASCADE")
    moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", index=False)
    text = TextField()
    written_at = MomentField()


class Reason(Table):
    """Usual words of a decision's message, as the owner wants them."""

    id = AutoField()
    decision = CharField(max_length=16)
    title = CharField(max_length=80)
    text = TextField()


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


class PublicationRow(Table):
    """A text for many people, held until a person has reviewed exactly this text."""

    id = CharField(primary_key=True, max_length=32)
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    text_sha256 = CharField(max_length=64)
    html_sha256 = CharField(max_length=64)
    text = TextField()
    links = JsonField()
    model = TextField()
    provider = TextField()
    audience = CharField(max_length=16)
    audience_size = IntegerField(null=True)
    state = CharField(max_length=16)
    note = TextField(default="")
    reviewer = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
    created_at = MomentField()
    decided_at = MomentField(null=True)

    class Meta:
        table_name = "publication"
        indexes = ((("site", "html_sha256"), True), (("state", "created_at"), False))


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


class Wording(Table):
    """A text of the widget that a site says in its own words. `key` is such as “label.report”."""

    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    lang = CharField(max_length=16)
    key = CharField(max_length=64)
    text = TextField()

    class Meta:
        primary_key = CompositeKey("site", "lang", "key")


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


class LogEntry(Table):
    """Who did what. Never what a reader typed."""

    id = AutoField()
    at = MomentField()
    moderator = ForeignKeyField(Moderator, null=True, on_delete="RESTRICT", index=False)
    verb = CharField(max_length=32)
    subject = CharField(max_length=64, index=True)
    particulars = JsonField()


ALL = (
    Site,
    Moderator,
    SignIn,
    Case,
    Likeness,
    Report,
    Ruling,
    Note,
    Reason,
    SavedFilter,
    Exposure,
    PublicationRow,
    Viewer,
    Month,
    Tally,
    HiddenBadge,
    Wording,
    Delivery,
    LogEntry,
)
