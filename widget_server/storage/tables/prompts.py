"""The prompts of which sites' texts are made."""

from peewee import AutoField, CharField, ForeignKeyField, IntegerField, TextField

from widget_server.storage.tables.base import JsonField, MomentField, Table
from widget_server.storage.tables.sites import Site


class PromptTemplate(Table):
    """A version of a site's prompt template, as it was registered: a text, or chat messages.

    `sha256`: of template and syntax together. `always_characters`: of its fixed ones, those in every prompt.
    `custom_model`: it is exempt from guideline 3, since the day `custom_since` (ISO), for that reason. `retired_at`:
    since then another version, or none, is in use.
    """

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="CASCADE", index=False)
    name = CharField(max_length=80)
    version = IntegerField()
    template = JsonField()
    sha256 = CharField(max_length=64)
    syntax = CharField(max_length=16)
    variables = JsonField()
    fixed_characters = IntegerField()
    fixed_words = IntegerField()
    always_characters = IntegerField()
    custom_model = CharField(max_length=200, null=True)
    custom_since = CharField(max_length=10, null=True)
    custom_reason = TextField(default="")
    created_at = MomentField()
    retired_at = MomentField(null=True)

    class Meta:
        indexes = ((("site", "name", "version"), True), (("site", "name", "sha256"), True))
