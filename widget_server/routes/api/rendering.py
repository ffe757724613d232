"""POST /render: what `render` does in Python, for every other language, with what only the server knows."""

from dataclasses import replace
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from widget_server.host import Refused, permit
from widget_server.rendering import answers, badge, files, tokens
from widget_server.rendering.sanitising import Passage, sanitise
from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, secret_site
from widget_server.routes.api.fields import StrictBoolean, bounded
from widget_server.routes.api.prompts import version_of
from widget_server.routes.api.templates import PROMPT, Prompt, PromptName
from widget_server.routes.bodies import load
from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.rules.harms import LIMITS
from widget_server.rules.marking import Disclosure, fold, text_sha256
from widget_server.rules.moderation import State
from widget_server.rules.prompts import CLAUSE
from widget_server.rules.publishing import Audience, Publication, needs_review
from widget_server.rules.purposes import PURPOSES, code_of
from widget_server.storage import declarations, policies, publications, rulings, sites, wording
from widget_server.storage.tables import PublicationRow, Site

PURPOSE = (
    "What the text is for. Refused if prohibited, or if the site declared other purposes. To be declared: "
    f"{', '.join(PURPOSES)}."
)


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


class RenderSchema(Schema):
    """A text to label, as the arguments of `render` in Python."""

    text = AnswerField(
        required=True,
        metadata={"description": "The text, or a provider's answer that holds it, or its streaming chunks."},
    )
    format = fields.String(load_default="text", validate=validate.OneOf(["text", "markdown", "html"]))
    model = bounded(200, load_default=None)
    provider = bounded(200, load_default=None)
    layout = fields.String(load_default="block", validate=validate.OneOf(["block", "inline", "chat"]))
    lang = fields.String(
        load_default=None,
        validate=validate.Regexp(
            r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}\Z", error="Must be a language tag such as “de”."
        ),
    )
    audience = fields.Enum(Audience, by_value=True, load_default=Audience.ONE_TO_ONE)
    audience_size = fields.Integer(strict=True, load_default=None, validate=validate.Range(min=1, max=10**10))
    reviewed_by = bounded(200)
    purpose = bounded(100, load_default=None, metadata={"description": PURPOSE})
    prompt_template = Prompt(load_default=None, metadata={"description": PROMPT})
    custom_model = StrictBoolean(load_default=False)
    prompt = PromptName(
        versions=True,
        load_default=None,
        metadata={"description": "The registered prompt that made the text: answer or answer@3."},
    )

    @validates_schema(skip_on_field_errors=True)
    def check_audience(self, wanted: dict[str, Any], **_: Any) -> None:
        if wanted["audience"] is Audience.LIMITED and wanted["audience_size"] is None:
            raise ValidationError("Say how many people a limited audience has.", "audience_size")


_render = RenderSchema()


@blueprint.post("/render")
@limiter.limit(limits.render)
def render_text() -> Response:
    site = secret_site()
    wanted = load(_render)
    _permit(site, wanted)
    prompt = version_of(site, wanted["prompt"]) if wanted["prompt"] else ""
    passage = sanitise(wanted["text"].text, wanted["format"])
    digest = text_sha256(passage.text)
    notice, disclosure, publication = _standing(site, wanted, passage, digest)
    secret = sites.secrets_of(site, settings().secret_key, at=now())[0]
    content = tokens.sign(
        tokens.Content(digest, disclosure, now(), wanted["reviewed_by"], publication.id if publication else "", prompt),
        secret,
    )
    html = badge.labelled(
        passage.html,
        disclosure,
        host=settings().public_url,
        site=site.key,
        content=content,
        layout=wanted["layout"],
        lang=wanted["lang"],
        preformatted=wanted["format"] == "text",
        notice=notice,
        own=wording.of(site.id, files.language(wanted["lang"])),
        day=now().date(),
    )
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return Response(html, content_type="text/html; charset=utf-8", headers={"AI-Disclosure": disclosure.header})
    told = {
        "html": html,
        "content": content,
        "text_sha256": digest,
        "state": notice or "shown",
        "disclosure": {
            **disclosure.as_json(),
            "json_ld": disclosure.json_ld(f'machine-generated[content="{content}"]'),
        },
    }
    return answer({**told, "publication": publication.id} if publication else told)


def _permit(site: Site, wanted: dict[str, Any]) -> None:
    declaration = declarations.newest(site.id) if wanted["purpose"] else None
    try:
        permit(
            prompt_template=wanted["prompt_template"],
            custom_model=wanted["custom_model"],
            purpose=wanted["purpose"],
            declared=declarations.codes(declaration) if declaration else None,
            remedy=f"It is declared at {settings().public_url}/admin/sites/{site.key}/purpose.",
        )
    except Refused as refusal:
        field = "prompt_template" if refusal.clause == CLAUSE else "purpose"
        raise Problem(422, str(refusal), clause=refusal.clause, errors={field: [str(refusal)]}) from None


def _standing(
    site: Site, wanted: dict[str, Any], passage: Passage, digest: str
) -> tuple[badge.Notice | None, Disclosure, PublicationRow | None]:
    """What stands in the text's place if it may not be shown, its label, and the publication that decides, if any."""
    disclosure = Disclosure(
        model=wanted["text"].model if wanted["model"] is None else wanted["model"],
        provider=wanted["text"].provider if wanted["provider"] is None else wanted["provider"],
        review="human" if wanted["reviewed_by"] else "none",
    )
    decided = rulings.decided(site.id, [digest]).get(digest)
    if decided:
        disclosure = replace(disclosure, **decided.label)
    if decided and decided.outcome is State.WITHDRAWN:
        return "withdrawn", disclosure, None
    if wanted["reviewed_by"] or not needs_review(
        wanted["audience"],
        wanted["audience_size"],
        purpose=code_of(wanted["purpose"] or ""),
        limits=policies.of(site).limits,
    ):
        return None, disclosure, None
    publication = publications.submit(
        site,
        text=passage.text,
        text_sha256=digest,
        html=str(passage.html),
        model=disclosure.model,
        provider=disclosure.provider,
        audience=wanted["audience"],
        audience_size=wanted["audience_size"],
        at=now(),
    )
    if publication.state == Publication.APPROVED:
        return None, replace(disclosure, review="human"), publication
    return ("held" if publication.state == Publication.HELD else "withdrawn"), disclosure, publication
