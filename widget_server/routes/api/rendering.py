"""POST /render: what `render` does in Python, for every other language, with what only the server knows."""

from dataclasses import replace
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from widget_server.host import Refused, permit
from widget_server.rendering import answers, badge, files, tokens
from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, secret_site
from widget_server.routes.api.fields import StrictBoolean, bounded
from widget_server.routes.api.prompts import version_of
from widget_server.routes.api.standing import Asked, Standing, standing
from widget_server.routes.api.templates import PROMPT, Prompt, PromptName
from widget_server.routes.bodies import load
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.rules import publishing
from widget_server.rules.harms import LIMITS
from widget_server.rules.marking import Disclosure, fold
from widget_server.rules.prompts import CLAUSE
from widget_server.rules.publishing import Audience, is_same_person
from widget_server.rules.purposes import PURPOSES
from widget_server.storage import declarations, policies, sites, wording
from widget_server.storage.tables import Site

PURPOSE = (
    "What the text is for. Refused if prohibited, or if the site declared other purposes. To be declared: "
    f"{', '.join(PURPOSES)}."
)
OWN_WORK = "Another person than its author has to review this text (guideline 2.i, four eyes)."
AUTHOR = "Who asked for the text or wrote it: with four eyes, this person does not approve it."


class AnswerField(fields.Field):
    """The text, or a provider's whole answer that holds it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> answers.Answer:
        try:
            found = answers.read(value)
        except answers.UnknownShape as error:
            raise ValidationError(str(error)) from None
        if len(found.text) > LIMITS["text"]:
            raise ValidationError(f"Longer than maximum length {LIMITS['text']}.")
        if not fold(found.text):
            raise ValidationError("Must not be empty.")
        return found


class TextSchema(Schema):
    """A text, what made it, and whom it is for."""

    text = AnswerField(
        required=True,
        metadata={"description": "The text, or a provider's answer that holds it, or its streaming chunks."},
    )
    format = fields.String(load_default="text", validate=validate.OneOf(["text", "markdown", "html"]))
    model = bounded(200, load_default=None)
    provider = bounded(200, load_default=None)

    audience = fields.Enum(Audience, by_value=True, load_default=Audience.ONE_TO_ONE)
    audience_size = fields.Integer(strict=True, load_default=None, validate=validate.Range(min=1, max=10**10))
    author = bounded(254, metadata={"description": AUTHOR})
    purpose = bounded(100, load_default=None, metadata={"description": PURPOSE})

    @validates_schema(skip_on_field_errors=True)
    def check_audience(self, wanted: dict[str, Any], **_: Any) -> None:
        if wanted["audience"] is Audience.LIMITED and wanted["audience_size"] is None:
            raise ValidationError("Say how many people a limited audience has.", "audience_size")


class RenderSchema(TextSchema):
    """A text to label, as the arguments of `render` in Python."""

    layout = fields.String(load_default="block", validate=validate.OneOf(["block", "inline", "chat"]))
    lang = fields.String(
        load_default=None,
        validate=validate.Regexp(
            r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}\Z", error="Must be a language tag such as “de”."
        ),
    )
    reviewed_by = bounded(200)
    prompt_template = Prompt(load_default=None, metadata={"description": PROMPT})
    custom_model = StrictBoolean(load_default=False)
    prompt = PromptName(
        versions=True,
        load_default=None,
        metadata={"description": "The registered prompt that made the text: answer or answer@3."},
    )


_render = RenderSchema()


@blueprint.post("/render")
@limiter.limit(limits.render)
def render_text() -> Response:
    site = secret_site()
    wanted = load(_render)
    permitted(site, wanted)
    prompt = version_of(site, wanted["prompt"]) if wanted["prompt"] else ""
    found = standing(site, asked_of(wanted), label_of(wanted), at=now())
    content = signed_token(site, found, reviewed_by=wanted["reviewed_by"], prompt=prompt)
    html = badge.labelled(
        found.passage.html,
        found.disclosure,
        host=settings().public_url,
        site=site.key,
        content=content,
        layout=wanted["layout"],
        lang=wanted["lang"],
        preformatted=wanted["format"] == "text",
        notice=found.notice,
        own=wording.of(site.id, files.language(wanted["lang"])),
        day=now().date(),
        edited=found.edited,
        answers=found.answers,
    )
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return Response(
            html, content_type="text/html; charset=utf-8", headers={"AI-Disclosure": found.disclosure.header}
        )
    told: dict[str, Any] = {
        "html": html,
        "content": content,
        "text_sha256": found.text_sha256,
        "state": found.notice or "shown",
        "disclosure": {
            **found.disclosure.as_json(),
            "json_ld": found.disclosure.json_ld(f'machine-generated[content="{content}"]'),
        },
    }
    if found.edited:
        told["edited"] = True
    if found.publication:
        told["publication"] = found.publication.id
    return answer(told)


def asked_of(wanted: dict[str, Any]) -> Asked:
    """What the request asks to show, and to whom."""
    return Asked(
        wanted["text"].text,
        wanted["format"],
        wanted["audience"],
        wanted["audience_size"],
        purpose=wanted["purpose"] or "",
        author=wanted["author"],
        reviewed_by=wanted.get("reviewed_by", ""),
    )


def label_of(wanted: dict[str, Any]) -> Disclosure:
    """What the request says of the text; what it leaves out, the provider's answer tells."""
    return Disclosure(
        model=wanted["text"].model if wanted["model"] is None else wanted["model"],
        provider=wanted["text"].provider if wanted["provider"] is None else wanted["provider"],
        review="human" if wanted.get("reviewed_by") else "none",
    )


def signed_token(site: Site, found: Standing, *, reviewed_by: str = "", prompt: str = "") -> str:
    """The content token of a text as it stands."""
    secret = sites.secrets_of(site, settings().secret_key, at=now())[0]
    number = found.publication.id if found.publication else ""
    content = tokens.Content(found.text_sha256, found.disclosure, now(), reviewed_by, number, prompt)
    return tokens.sign(replace(content, edited=found.edited, answers=found.answers), secret)


def permitted(site: Site, wanted: dict[str, Any]) -> None:
    """Raises Problem where the guideline forbids the prompt, the purpose, or the review."""
    declaration = declarations.newest(site.id) if wanted["purpose"] else None
    try:
        permit(
            prompt_template=wanted.get("prompt_template"),
            custom_model=wanted.get("custom_model", False),
            purpose=wanted["purpose"],
            declared=declarations.codes(declaration) if declaration else None,
            remedy=f"It is declared at {settings().public_url}/admin/sites/{site.key}/purpose.",
        )
    except Refused as refusal:
        field = "prompt_template" if refusal.clause == CLAUSE else "purpose"
        raise Problem(422, str(refusal), clause=refusal.clause, errors={field: [str(refusal)]}) from None
    reviewer = wanted.get("reviewed_by", "")
    if reviewer and wanted["author"] and policies.of(site).four_eyes and is_same_person(reviewer, wanted["author"]):
        raise Problem(422, OWN_WORK, clause=publishing.CLAUSE, errors={"reviewed_by": [OWN_WORK]})
