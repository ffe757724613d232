"""The decision form: what a moderator decides, about what they have seen, and what reporters are told."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from widget_server.routes.api.fields import visible
from widget_server.rules.harms import HARMS, LIMITS
from widget_server.rules.moderation import Decision, Label
from widget_server.storage.rulings import Verdict

LABEL = [part.name for part in dataclasses.fields(Label)]


class Seen(fields.String):
    """Cases as somebody has seen them: their versions by their numbers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        pairs = [one.partition(":")[::2] for one in super()._deserialize(value, attr, data, **kwargs).split()]
        if not all(re.fullmatch("[0-9]{1,9}", figure) for pair in pairs for figure in pair):
            raise ValidationError("Choose the near-duplicates on the page.")
        return {int(number): int(version) for number, version in pairs}


class DecisionSchema(Schema):
    """The decision form. A reporter is never left without a message, but while a colleague still looks.

    `reports`: how many counted on the page. `label_back`: a label that was corrected is as it was before.
    """

    class Meta:
        unknown = EXCLUDE

    decision = fields.Enum(Decision, by_value=True, required=True)
    version = fields.Integer(required=True)
    reports = fields.Integer(load_default=None)
    category = fields.String(required=True, validate=validate.OneOf(list(HARMS)))
    ground = fields.String(load_default="guideline", validate=validate.OneOf(["guideline", "law"]))
    message = fields.String(load_default="", validate=validate.Length(max=LIMITS["comment"]))
    model = fields.String(load_default="", validate=validate.Length(max=200))
    provider = fields.String(load_default="", validate=validate.Length(max=200))
    review = fields.String(load_default="", validate=validate.OneOf(["", "none", "human"]))
    note = fields.String(load_default="", validate=validate.Length(max=500))
    label_back = fields.Boolean(load_default=False)
    colleague = fields.String(load_default="", validate=validate.Regexp(r"\A\d{0,9}\Z"))
    along = Seen(load_default=dict)

    @validates_schema(skip_on_field_errors=True)
    def check_message(self, form: dict[str, Any], **_: Any) -> None:
        if form["decision"] is not Decision.ESCALATE:
            try:
                visible(form["message"])
            except ValidationError:
                raise ValidationError("Write what the reporters are told.", "message") from None

    @validates_schema(skip_on_field_errors=True)
    def check_label(self, form: dict[str, Any], **_: Any) -> None:
        if form["decision"] is Decision.RELABEL and not any(form[part] for part in LABEL):
            raise ValidationError("Fill in what is wrong with the label, or write a note.", "model")


decision_schema = DecisionSchema()


def corrected(form: dict[str, Any], *, shown: Mapping[str, str] | None) -> Label:
    """What the moderator has changed of the corrections that the form has `shown`."""
    return Label(**{part: form[part] for part in LABEL if form[part] != (shown or {}).get(part, "")})


def verdict_of(form: dict[str, Any], *, label: Label | None = None) -> Verdict:
    """What the form decides."""
    return Verdict(
        decision=form["decision"],
        category=form["category"],
        ground=form["ground"],
        message=form["message"],
        label=label,
        label_back=form["label_back"],
        escalated_to=int(form["colleague"]) if form["colleague"] else None,
    )
