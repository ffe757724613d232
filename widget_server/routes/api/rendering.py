"""POST /render: what `render` does in Python, for every other language, with what only the server knows."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from wsgiref.types import WSGIEnvironment

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from widget_server.host import Refused, permit
from widget_server.rendering import answers, badge, files, tokens
from widget_server.routes import limits
from widget_server.routes.api import answer, bearer, blueprint, host
from widget_server.routes.api.fields import LONGEST_LABEL, StrictBoolean, bounded
from widget_server.routes.api.prompts import version_of
from widget_server.routes.api.standing import Asked, Standing, standing
from widget_server.routes.api.templates import PROMPT, Prompt, PromptName
from widget_server.routes.bodies import load, read_strings
from widget_server.routes.current import Server, asker, server, settings
from widget_server.routes.errors import Problem
from widget_server.rules import publishing
from widget_server.rules.accounts import is_same_person
from widget_server.rules.harms import LIMITS
from widget_server.rules.marking import Disclosure, is_blank
from widget_server.rules.prompts import CLAUSE
from widget_server.rules.publishing import Audience
from widget_server.rules.purposes import PURPOSES
from widget_server.storage import sites
from widget_server.storage.known import Known
from widget_server.storage.tables import Site

ACCEPTED = ("*/*", "application/json")
"""What programs usually say that they take: JSON."""
SHORT = 254
"""What is said of a text in so few characters is remembered as the schema read it."""
PURPOSE = (
    "What the text is for. Refused if prohibited, or if the site declared other purposes. To be declared: "
    f"{', '.join(PURPOSES)}."
)
OWN_WORK = "Another person than its author has to review this text (guideline 2.i, four eyes)."
AUTHOR = (
    "Who asked for the text or wrote it: with four eyes, this person does not approve it, and an approval of theirs is "
    "over once they are named."
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
        if is_blank(found.text):
            raise ValidationError("Must not be empty.")
        return found


class TextSchema(Schema):
    """A text, what made it, and whom it is for."""

    text = AnswerField(
        required=True,
        metadata={"description": "The text, or a provider's answer that holds it, or its streaming chunks."},
    )
    format = fields.String(load_default="text", validate=validate.OneOf(["text", "markdown", "html"]))
    model = bounded(LONGEST_LABEL, load_default=None)
    provider = bounded(LONGEST_LABEL, load_default=None)

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
    links = StrictBoolean(
        load_default=True, metadata={"description": "false: the words of its links without the links."}
    )
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


@dataclass(frozen=True, slots=True)
class Rendering:
    """A text as it may be shown, the token that says so, and the markup for it."""

    found: Standing
    content: str
    html: str

    def as_json(self) -> dict[str, Any]:
        found = self.found
        told: dict[str, Any] = {
            "html": str(self.html),
            "content": self.content,
            "text_sha256": found.text_sha256,
            "state": found.notice or "shown",
            "disclosure": {
                **found.disclosure.as_json(),
                "json_ld": found.disclosure.json_ld(f'machine-generated[content="{self.content}"]'),
            },
        }
        if found.edited:
            told["edited"] = True
        if found.publication:
            told["publication"] = found.publication.id
        return told


@blueprint.post("/render")
def render_text() -> Response:
    limits.spend(settings().limit_render, on="render")
    rendering = _rendered(server(), host(), load(_render))
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        disclosed = {"AI-Disclosure": rendering.found.disclosure.header}
        return Response(rendering.html, content_type="text/html; charset=utf-8", headers=disclosed)
    return answer(rendering.as_json())


def in_a_hurry(server: Server, environ: WSGIEnvironment, body: bytes) -> dict[str, Any] | None:
    """The answer to what programs usually send (routes/lanes.py); None: it is not that, and nothing is spent.

    Markup, prompts and what is more than strings are not: a few kilobytes can take too long for a loop in which others
    wait.
    """
    if environ["CONTENT_TYPE"] != "application/json" or environ.get("HTTP_ACCEPT", "*/*") not in ACCEPTED:
        return None
    told = read_strings(body)
    if told is None:
        return None
    try:
        known = bearer(server, environ.get("HTTP_AUTHORIZATION", ""))
        wanted = _wanted(told)
    except (Problem, ValidationError):
        return None
    if wanted["format"] != "text" or wanted["prompt_template"] is not None:
        return None
    with server.purse.spent(server.settings.limit_render, on="render", who=asker(environ, server.settings)):
        return _rendered(server, known, wanted).as_json()


def _wanted(told: dict[str, Any]) -> dict[str, Any]:
    """The body as the schema promises it. Raises ValidationError."""
    text = told.pop("text", None)
    if all(isinstance(value, str) and len(value) <= SHORT for value in told.values()):
        return {**_about(tuple(told.items())), "text": _render.fields["text"].deserialize(text)}
    return _render.load({**told, "text": text})


@lru_cache(maxsize=1024)
def _about(told: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """All that is said of a text: the same from one rendering to the next, so that the schema reads it once."""
    return _render.load({**dict(told), "text": "any"})


def _rendered(server: Server, known: Known, wanted: dict[str, Any]) -> Rendering:
    permitted(server, known, wanted)
    site, at = known.site, server.now()
    prompt = version_of(site, wanted["prompt"]) if wanted["prompt"] else ""
    found = standing(known, asked_of(wanted), label_of(wanted), at=at)
    content = signed_token(server, site, found, reviewed_by=wanted["reviewed_by"], prompt=prompt)
    html = badge.labelled(
        found.passage.html,
        found.disclosure,
        host=server.settings.public_url,
        site=site.key,
        content=content,
        layout=wanted["layout"],
        lang=wanted["lang"],
        preformatted=wanted["format"] == "text",
        links=wanted["links"],
        notice=found.notice,
        own=known.words(files.language(wanted["lang"])),
        day=at.date(),
        edited=found.edited,
        answers=found.answers,
        note=found.note,
    )
    return Rendering(found, content, html)


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


def signed_token(server: Server, site: Site, found: Standing, *, reviewed_by: str = "", prompt: str = "") -> str:
    """The content token of a text as it stands."""
    at = server.now()
    secret = sites.secrets_of(site, server.settings.secrets, at=at)[0]
    content = tokens.Content(
        found.text_sha256,
        found.disclosure,
        at,
        reviewed_by,
        publication=found.publication.id if found.publication else "",
        prompt=prompt,
        edited=found.edited,
        answers=found.answers,
    )
    return tokens.sign(content, secret)


def permitted(server: Server, known: Known, wanted: dict[str, Any]) -> None:
    """Raises Problem where the guideline forbids the prompt, the purpose, or the review."""
    try:
        permit(
            prompt_template=wanted.get("prompt_template"),
            custom_model=wanted.get("custom_model", False),
            purpose=wanted["purpose"],
            declared=known.declared if wanted["purpose"] else None,
            remedy=f"It is declared at {server.settings.public_url}/admin/sites/{known.site.key}/purpose.",
        )
    except Refused as refusal:
        field = "prompt_template" if refusal.clause == CLAUSE else "purpose"
        raise Problem(422, str(refusal), clause=refusal.clause, errors={field: [str(refusal)]}) from None
    reviewer = wanted.get("reviewed_by", "")
    if reviewer and wanted["author"] and known.policy.four_eyes and is_same_person(reviewer, wanted["author"]):
        raise Problem(422, OWN_WORK, clause=publishing.CLAUSE, errors={"reviewed_by": [OWN_WORK]})
