"""Prompts: measured (guideline 3), and registered, so that a text tells which version of which prompt made it."""

from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from widget_server.routes import limits
from widget_server.routes.api import answer, blueprint, secret_site
from widget_server.routes.api.fields import Few, StrictBoolean, bounded
from widget_server.routes.api.templates import PROMPT, SYNTAX, Prompt, PromptName
from widget_server.routes.bodies import checked, load
from widget_server.routes.current import now
from widget_server.routes.errors import Problem
from widget_server.routes.limits import limiter
from widget_server.rules import exemptions, registry
from widget_server.rules.harms import LIMITS
from widget_server.rules.prompts import CLAUSE, REQUIRED_CHARACTERS, SYNTAXES, PromptCheck, check, users_own
from widget_server.storage import prompts
from widget_server.storage.tables import PromptTemplate, Site


class PromptCheckSchema(Schema):
    """A prompt template to measure. `variables`: those that users write."""

    template = Prompt(required=True, metadata={"description": PROMPT})
    variables = Few(bounded(100, required=True), load_default=None, validate=validate.Length(max=200))
    values = fields.Dict(
        keys=bounded(100, required=True),
        values=bounded(LIMITS["text"], required=True),
        load_default=dict,
        metadata={"description": "What the owner writes into variables, which then counts."},
    )
    syntax = fields.String(load_default="any", validate=validate.OneOf(SYNTAXES), metadata={"description": SYNTAX})
    custom_model = StrictBoolean(load_default=False)

    @validates_schema(skip_on_field_errors=True)
    def check_values(self, wanted: dict[str, Any], **_: Any) -> None:
        wrong = users_own(wanted["values"], wanted["variables"])
        if wrong:
            raise ValidationError(
                {f"values.{name}": ["Said to be written by users: it has no value."] for name in wrong}
            )


class RegistrationSchema(Schema):
    """A prompt template to put into use. The same text again is the same version."""

    name = PromptName(versions=False, required=True)
    template = Prompt(required=True, metadata={"description": PROMPT})
    syntax = fields.String(load_default="any", validate=validate.OneOf(SYNTAXES), metadata={"description": SYNTAX})
    custom_model = bounded(
        exemptions.LONGEST_MODEL,
        load_default=None,
        metadata={"description": "The custom model that it is for: then it may be shorter."},
    )
    custom_since = bounded(10, load_default=None, metadata={"description": "Since when it is used: 2026-11-01."})
    custom_reason = bounded(LIMITS["comment"])

    @validates_schema(skip_on_field_errors=True)
    def check_exemption(self, wanted: dict[str, Any], **_: Any) -> None:
        if (wanted["custom_model"] is None) != (wanted["custom_since"] is None):
            missing = "custom_since" if wanted["custom_since"] is None else "custom_model"
            raise ValidationError("A custom model is stated with its name and the day since which it is used.", missing)


class PromptsSchema(Schema):
    """Which prompts; `after` is the name of the last one that was read."""

    after = PromptName(versions=False, load_default=None)


_check, _registration, _prompts = PromptCheckSchema(), RegistrationSchema(), PromptsSchema()


@blueprint.post("/prompts/check")
@limiter.limit(limits.render)
def check_prompt() -> Response:
    secret_site()
    wanted = load(_check)
    found = check(
        wanted["template"], custom_model=wanted["custom_model"], syntax=wanted["syntax"], values=wanted["values"]
    )
    told = {
        "ok": found.ok,
        "fixed_characters": found.fixed_characters,
        "fixed_words": found.fixed_words,
        "required_characters": REQUIRED_CHARACTERS,
        "clause": CLAUSE,
    }
    return answer({**told, **_more(found)})


@blueprint.post("/prompts")
@limiter.limit(limits.render)
def register_prompt() -> Response:
    site = secret_site()
    wanted = load(_registration)
    exemption = _exemption(wanted)
    found = check(wanted["template"], custom_model=exemption is not None, syntax=wanted["syntax"])
    if not found.ok:
        detail = f"{found.detail} (guideline {CLAUSE})"
        raise Problem(422, detail, clause=CLAUSE, errors={"template": [detail]})
    row, new = prompts.register(
        site,
        name=wanted["name"].name,
        template=wanted["template"],
        syntax=wanted["syntax"],
        check=found,
        exemption=exemption,
        reason=wanted["custom_reason"],
        storing=limits.register,
        at=now(),
    )
    return answer(_as_json(row), 201 if new else 200)


@blueprint.get("/prompts")
@limiter.limit(limits.render)
def list_prompts() -> Response:
    site = secret_site()
    after = checked(_prompts, request.args.to_dict())["after"]
    rows = prompts.page(site, after=after.name if after else "")
    page = rows[: prompts.PAGE]
    return answer(
        {"prompts": [_as_json(row) for row in page], "next": page[-1].name if len(rows) > len(page) else None}
    )


@blueprint.get("/prompts/<name>")
@limiter.limit(limits.render)
def show_prompt(name: str) -> Response:
    site = secret_site()
    row = _found(site, name)
    return answer({**_as_json(row), "template": row.template, "versions": _versions(site, row.name)})


@blueprint.get("/prompts/<name>/<version>")
@limiter.limit(limits.render)
def show_version(name: str, version: str) -> Response:
    row = _found(secret_site(), f"{name}@{version}")
    return answer({**_as_json(row), "template": row.template})


@blueprint.delete("/prompts/<name>")
@limiter.limit(limits.render)
def retire_prompt(name: str) -> Response:
    site = secret_site()
    prompts.retire(site, _found(site, name).name, at=now())
    return Response(status=204)


def version_of(site: Site, wanted: registry.Reference) -> str:
    """The prompt that a rendering names, with its version. Raises Problem, naming the field."""
    row = prompts.find(site, wanted)
    if row is None:
        unknown = f"This site has no prompt “{wanted}”. Register it: POST /api/v1/prompts."
        raise Problem(422, unknown, errors={"prompt": [unknown]})
    if wanted.version is None and row.retired_at is not None:
        retired = f"No version of the prompt “{wanted}” is in use. Register it again, or name a version."
        raise Problem(422, retired, errors={"prompt": [retired]})
    return f"{row.name}@{row.version}"


def _found(site: Site, name: str) -> PromptTemplate:
    try:
        row = prompts.find(site, registry.reference(name))
    except ValueError:
        row = None
    if row is None:
        raise Problem(404, "This site has no prompt with this name and version.")
    return row


def _exemption(wanted: dict[str, Any]) -> exemptions.Exemption | None:
    if wanted["custom_model"] is None:
        return None
    try:
        return exemptions.exemption(wanted["custom_model"], wanted["custom_since"], today=now().date())
    except exemptions.NotExempt as error:
        field = "custom_since" if wanted["custom_model"].strip() else "custom_model"
        raise Problem(422, str(error), clause=CLAUSE, errors={field: [str(error)]}) from None


def _more(found: PromptCheck) -> dict[str, Any]:
    """What is told only where there is something to tell."""
    fewer = found.always_characters if found.always_characters != found.fixed_characters else None
    return {
        **({"always_characters": fewer} if fewer is not None and not found.problem else {}),
        **({"problem": found.problem} if found.problem else {}),
    }


def _versions(site: Site, name: str) -> list[dict[str, Any]]:
    return [
        {"version": row.version, "created_at": _moment(row.created_at), "retired_at": _moment(row.retired_at)}
        for row in prompts.versions(site, name)[: prompts.PAGE]
    ]


def _moment(at: Any) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _as_json(row: PromptTemplate) -> dict[str, Any]:
    stated = {"custom_model": row.custom_model, "custom_since": row.custom_since, "custom_reason": row.custom_reason}
    return {
        "prompt": f"{row.name}@{row.version}",
        "name": row.name,
        "version": row.version,
        "sha256": row.sha256,
        "syntax": row.syntax,
        "variables": row.variables,
        "fixed_characters": row.fixed_characters,
        "always_characters": row.always_characters,
        "required_characters": REQUIRED_CHARACTERS,
        "created_at": _moment(row.created_at),
        "retired_at": _moment(row.retired_at),
        **(stated if row.custom_model else {}),
    }
