"""What readers report and what moderators decide about it."""

from datetime import datetime

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    DeferredForeignKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from widget_server.rules.harms import HARMS
from widget_server.storage.tables.base import JsonField, MomentField, Table
from widget_server.storage.tables.people import Moderator
from widget_server.storage.tables.sites import Site

SIFTED = (
    *("queue", "place", "id", "state", "category", "model", "lang", "site"),
    *("opened_at", "claimed_by", "claimed_until"),
)
"""All that the queue's filters look at, in its order: a case that does not fit is passed over without its row."""


class Case(Table):
    """All reports on one text of one site.

    `state`: where it stands at the desk; `outcome`: the last final decision's state, which holds while a later
    report or appeal waits. `verified`: the text carried the site's own signature. `version` grows with each
    decision. `queue` and `place`: in which list, and where in it (rules/moderation.py). `category`: the gravest
    that is reported. `seen`: views of the text since it was first reported. `leader`: the case on whose card this
    one stands; `leads`: others stand, or have stood, on its card. `claimed_by`: whose it is until `claimed_until`.
    `escalated_to`: who is to decide, or was until it was settled. `reported_since`, `appealed_since`: since when
    reporters and an appeal wait for an answer; `waiting_since`: since the first of them. A handover begins none again.
    `latest_at`: when the last of its reports and appeals came. `due_at`: when it must be decided (rules/clocks.py).
    `alerted_at`: when it was last told that it is late. `card_urgent`, `card_due_at`, `unproved`: with all that waits
    on its card, for the queue's order and clock. `prompt`: what made the text, as the site says, by its name in the
    registry.
    Of the reports that count: about how many `sources` they have, `sources_past` of them from days whose fingerprints
    are destroyed; how many are `confirmed`; whether all are `unproved`; how many have `named` each category. `label`:
    as it is corrected; where the last decision has left that standing, `outcome` is the correction's.
    """

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    text_sha256 = CharField(max_length=64)
    text = TextField()
    verified = BooleanField()
    model = TextField()
    provider = TextField()
    review = CharField(max_length=16)
    prompt = CharField(max_length=100, default="")
    state = CharField(max_length=16)
    outcome = CharField(max_length=16, null=True)
    label = JsonField(null=True)
    card_urgent = BooleanField()
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
    leader = ForeignKeyField("self", on_delete="SET NULL", null=True, index=False)
    leads = BooleanField(default=False)
    claimed_by = ForeignKeyField(Moderator, on_delete="SET NULL", null=True)
    claimed_until = MomentField(null=True)
    escalated_to = ForeignKeyField(Moderator, on_delete="SET NULL", null=True, index=False)
    reported_since = MomentField(null=True)
    appealed_since = MomentField(null=True)
    latest_at = MomentField(null=True)
    due_at = MomentField(null=True)
    card_due_at = MomentField(null=True)
    alerted_at = MomentField(null=True)
    sources = IntegerField(default=0)
    sources_past = IntegerField(default=0)
    confirmed = IntegerField(default=0)
    unproved = BooleanField(default=False)
    named = JsonField(default={})
    overheard = ruled = noted = reported = True
    """Whether somebody elsewhere is told what happens to it, it was decided, it has notes,
    and whether a reader ever reported it: else the desk has withdrawn its text as that of another site's case. Of one
    that is found by its number, `reported` is when the first report came.

    What finds a case tells those that it goes on to ask about; what is not told is taken to be so.
    """

    class Meta:
        indexes = (
            (("site", "text_sha256"), True),
            (("site", "id"), False),
            (("queue", "place", "id"), False),
            (("leader", "place", "id"), False),
            (("queue", "site", "place", "id"), False),
            (("queue", "category", "place", "id"), False),
            (("queue", "model", "place", "id"), False),
            (("queue", "lang", "place", "id"), False),
            (SIFTED, False),
            (("queue", "due_at", "alerted_at", "category"), False),
            (("queue", "card_due_at", "place"), False),
            (("text_sha256",), False),
        )

    @property
    def urgent(self) -> bool:
        """Whether an urgent harm is reported: it would be the gravest."""
        return HARMS[self.category].urgent


class Likeness(Table):
    """A band of a case's text (rules/likeness.py): near-duplicates on the same site share one.

    `waits`: the case does, on a card of its own, which a new near-duplicate joins; or did, and none came since.
    """

    site = IntegerField()
    band = BigIntegerField()
    case = ForeignKeyField(Case, on_delete="CASCADE")
    waits = BooleanField(default=False)

    class Meta:
        primary_key = CompositeKey("site", "band", "case")


Likeness.add_index(Likeness.site, Likeness.band, Likeness.case, where=Likeness.waits, name="likeness_waits")


class OtherDigest(Table):
    """A digest beside its own under which views ask for a case's text (rules/normal_forms.py)."""

    text_sha256 = CharField(max_length=64)
    case = ForeignKeyField(Case, on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("text_sha256", "case")


class Report(Table):
    """A reader says that a text does harm. `sender` stands for the id that its sender made (rules/keys.py).

    `model`: what its case told then. `source`: from where it came (rules/sources.py), for a week. `aside_at`: it
    counts no more, with the rest of its `burst`. `email` is sealed; `confirmed_at`: it is the reporter's. `receipt`,
    sealed: that of a report to which mail may go and whose server's secret was replaced. `unproved`: sent without a
    script while the site was flooded. `appeal`: why the reporter disagrees; of two, both. `appeal_against`: the
    decision that it is about; none if it is standing aside. `written_to`: a mail to that address confirms the report;
    `heard`: the decision that the last mail has told.
    """

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    case = ForeignKeyField(Case, on_delete="CASCADE", index=False)
    sender = CharField(max_length=64)
    receipt_sha256 = CharField(unique=True, max_length=64)
    category = CharField(max_length=32)
    verified = BooleanField()
    quote = JsonField(null=True)
    comment = TextField()
    email = TextField()
    page = TextField()
    good_faith = BooleanField()
    received_at = MomentField()
    appeal = TextField(null=True)
    appealed_at = MomentField(null=True)
    taken_back_at = MomentField(null=True)
    model = TextField(default="")
    source = BigIntegerField(null=True)
    burst = DeferredForeignKey("Burst", on_delete="SET NULL", null=True)
    aside_at = MomentField(null=True)
    confirmed_at = MomentField(null=True)
    unproved = BooleanField(default=False)
    receipt = TextField(null=True)
    appeal_against = DeferredForeignKey("Ruling", on_delete="SET NULL", null=True, index=False)
    written_to = BooleanField(default=False)
    heard = DeferredForeignKey("Ruling", on_delete="SET NULL", null=True, index=False)

    class Meta:
        indexes = (
            (("site", "sender"), True),
            (("site", "page", "id"), False),
            (("site", "received_at"), False),
            (("received_at", "site", "category", "model"), False),
            (("source", "case"), False),
            (("case", "received_at"), False),
            (("case", "category", "id"), False),
        )


Case.add_index(Case.waiting_since, where=~Case.verified & (Case.text != SQL("''")), name="case_of_which_a_text_may_go")
Report.add_index(
    Report.received_at,
    where=(Report.page != SQL("''")) | Report.appeal.is_null(False),
    name="report_of_which_words_may_go",
)


class Ruling(Table):
    """A decision on a case: what, why, by whom, and the message to the reporters.

    `outcome` None: handed on. `label`: as it is corrected from then on; a dismissal that has one has left it standing.
    `batch`: what was decided together. `undone_at`: it was a mistake, and counts no more. Of the wait
    that it ended, as the case had them: `reported_since` and `appealed_since` (None: nobody waited so), `viewed_at`,
    `due_at`, `waiting_since`, `escalated_to`. `replaced`: the outcome that held before, or that was under appeal.
    `site` and `model`: the case's then, for figures that read decisions alone.
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
    reported_since = MomentField(null=True)
    appealed_since = MomentField(null=True)
    viewed_at = MomentField(null=True)
    due_at = MomentField(null=True)
    waiting_since = MomentField(null=True)
    escalated_to = ForeignKeyField(Moderator, on_delete="SET NULL", null=True, index=False)
    replaced = CharField(max_length=16, null=True)
    site = IntegerField()
    model = TextField()
    reported: datetime | None = None
    """When the first report came that led to it, if one did and it is asked for."""

    class Meta:
        indexes = ((("site", "category", "decided_at"), False), (("site", "decided_at"), False))


class Note(Table):
    """What moderators tell each other about a case; no reader sees it."""

    id = AutoField()
    case = ForeignKeyField(Case, on_delete="CASCADE")
    moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", index=False)
    text = TextField()
    written_at = MomentField()
