"""The API described: OpenAPI 3.1 for programs, one page for people."""

import json
from functools import lru_cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Response, render_template, request

from widget_server.rendering import files
from widget_server.routes.api import approvals, evidence, prompts, publications, rendering, reports, told, views
from widget_server.routes.current import settings
from widget_server.rules.publishing import MOST_HELD

blueprint = Blueprint("openapi", __name__)

_PUBLIC, _SECRET = "Public", "With the secret key"
# path, method, title, who, body schema, query schema, what a success gives
OPERATIONS: tuple[tuple[str, str, str, str, Any, Any, dict[int, str]], ...] = (
    (
        "/api/v1/views",
        "post",
        "Say which texts a viewer saw",
        _PUBLIC,
        views.ViewsSchema,
        None,
        {200: "Committed; which of the texts are withdrawn, and what was decided about others"},
    ),
    (
        "/api/v1/approvals",
        "post",
        "Ask which texts on a page a person has approved, which the site has signed, which are withdrawn",
        _PUBLIC,
        approvals.ApprovalsSchema,
        None,
        {
            200: "Those that may be shown to many people now; the others, each with the clause and why; those whose "
            "token the site has signed for these words; those that are withdrawn"
        },
    ),
    (
        "/api/v1/reports",
        "post",
        "Report a text",
        _PUBLIC,
        reports.ReportSchema,
        None,
        {201: "Committed; the receipt", 200: "Was kept before; the same receipt"},
    ),
    ("/api/v1/reports/{receipt}", "get", "See what became of a report", _PUBLIC, None, None, {200: "Where it stands"}),
    (
        "/api/v1/reports/{receipt}",
        "delete",
        "Take a report back with its personal data",
        _PUBLIC,
        None,
        None,
        {204: "Gone"},
    ),
    (
        "/api/v1/reports/{receipt}/email",
        "delete",
        "Have the e-mail address forgotten; the report stays",
        _PUBLIC,
        None,
        None,
        {204: "Gone"},
    ),
    (
        "/api/v1/reports/{receipt}/appeal",
        "post",
        "Ask for a second look",
        _PUBLIC,
        reports.AppealSchema,
        None,
        {200: "Where it stands"},
    ),
    (
        "/api/v1/render",
        "post",
        "Label a text",
        _SECRET,
        rendering.RenderSchema,
        None,
        {200: "HTML, token, hash, state, disclosure"},
    ),
    (
        "/api/v1/prompts/check",
        "post",
        "Measure a prompt template",
        _SECRET,
        prompts.PromptCheckSchema,
        None,
        {200: "Its fixed characters"},
    ),
    (
        "/api/v1/prompts",
        "post",
        "Register a prompt template",
        _SECRET,
        prompts.RegistrationSchema,
        None,
        {201: "In use, as a new version", 200: "In use; this text was registered before"},
    ),
    (
        "/api/v1/prompts",
        "get",
        "List the prompts that are in use",
        _SECRET,
        None,
        prompts.PromptsSchema,
        {200: "A page of them"},
    ),
    (
        "/api/v1/prompts/{name}",
        "get",
        "See a prompt, as it is in use",
        _SECRET,
        None,
        None,
        {200: "Its text, and which versions it has: the newest 100"},
    ),
    ("/api/v1/prompts/{name}", "delete", "Take a prompt out of use", _SECRET, None, None, {204: "It is kept"}),
    ("/api/v1/prompts/{name}/{version}", "get", "See one version", _SECRET, None, None, {200: "Its text"}),
    (
        "/api/v1/publications",
        "post",
        "Ask whether a text may be posted now",
        _SECRET,
        publications.PostSchema,
        None,
        {200: "`may_post`; if so, exactly what to post; if not, the clause and the publication to ask about again"},
    ),
    (
        "/api/v1/publications",
        "get",
        "List publications",
        _SECRET,
        None,
        publications.PublicationsSchema,
        {200: "A page of them"},
    ),
    ("/api/v1/publications/{number}", "get", "See one publication", _SECRET, None, None, {200: "The publication"}),
    (
        "/api/v1/usage",
        "get",
        "Viewers and impressions of a month",
        _SECRET,
        None,
        evidence.UsageSchema,
        {200: "The figures, and the pages on which the badge was hidden"},
    ),
    (
        "/api/v1/compliance",
        "get",
        "Each clause with its evidence, and laws and providers that ask for the same",
        _SECRET,
        None,
        evidence.UsageSchema,
        {200: "How the clauses stand, or stood at the end of a month that is over; the months of which that is kept"},
    ),
    (
        "/api/v1/report-key",
        "get",
        "The key that verifies reports for auditors",
        _PUBLIC,
        None,
        None,
        {200: "A JSON Web Key: Ed25519"},
    ),
    (
        "/api/v1/decisions.csv",
        "get",
        "Decisions as CSV",
        _SECRET,
        None,
        evidence.DecisionsSchema,
        {200: "EU Transparency Database names"},
    ),
    (
        "/api/v1/decisions.jsonl",
        "get",
        "Decisions as JSON Lines",
        _SECRET,
        None,
        evidence.DecisionsSchema,
        {200: "EU Transparency Database names"},
    ),
    (
        "/api/v1/evaluation.jsonl",
        "get",
        "Texts about which readers were right, for the generator's evaluation set, as JSON Lines",
        _SECRET,
        None,
        evidence.DecisionsSchema,
        {200: "Text, label, category, codes of Llama Guard and MLCommons, decision, marked passages"},
    ),
)
PROBLEMS = {
    400: "Not well-formed JSON, or beyond its bounds",
    401: "No valid secret key",
    403: "The page is not one of the site's",
    404: "Nothing here",
    409: "Not as things stand: a report's `id` was used for another, or there is nothing to appeal against",
    413: "Longer than 64 KiB",
    415: "Not JSON in UTF-8",
    422: "A field is missing or not as expected, or the guideline refuses (with `clause`)",
    429: "Too often; see Retry-After. A report to a flooded site: solve the `challenge`, or wait. A text where "
    f"{MOST_HELD} of the site wait for a review (with `clause`): review some",
    503: "Not stored; see Retry-After",
}


@lru_cache(1)
def document(public_url: str) -> dict[str, Any]:
    """The OpenAPI document of the server at this address. It stays as it is for as long as the process lives."""
    spec = APISpec(
        title="widget-server",
        version=files.widget_version().split("-")[0],
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        servers=[{"url": public_url}],
        info={"description": "Label machine-generated text, count who sees it, take reports, read decisions."},
    )
    spec.components.security_scheme("secret_key", {"type": "http", "scheme": "bearer"})
    spec.components.schema(
        "Problem",
        {
            "type": "object",
            "description": "RFC 9457",
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                "clause": {"type": "string"},
                "challenge": {
                    "type": "object",
                    "description": "What a report to a flooded site has to bring the solution of, as its `work`: a "
                    "challenge of ALTCHA, version 2, whose `parameters` name the algorithm (SHA-256, `cost` rounds), "
                    "`nonce`, `salt` and the `keyPrefix` to be found by counting up from 0",
                },
            },
            "required": ["type", "title", "status", "detail"],
        },
    )
    for name, schema in told.SCHEMAS.items():
        spec.components.schema(name, schema)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, title, who, body, query, successes in OPERATIONS:
        paths.setdefault(path, {})[method] = _operation(path, title, who, body, query, successes)
    for path, operations in paths.items():
        spec.path(path=path, operations=operations)
    return {**spec.to_dict(), "webhooks": told.webhooks()}


def _operation(path: str, title: str, who: str, body: Any, query: Any, successes: dict[int, str]) -> dict[str, Any]:
    parameters: list[Any] = [
        {"in": "path", "name": part[1:-1], "required": True, "schema": {"type": "string"}}
        for part in path.split("/")
        if part.startswith("{")
    ]
    if query:
        parameters.append({"in": "query", "schema": query})
    kinds = ["application/json", "text/plain"] if who == _PUBLIC else ["application/json"]
    problem = {"application/problem+json": {"schema": "Problem"}}
    return {
        "summary": title,
        "tags": [who],
        "parameters": parameters,
        **({"requestBody": {"required": True, "content": {kind: {"schema": body} for kind in kinds}}} if body else {}),
        **({"security": [{"secret_key": []}]} if who == _SECRET else {}),
        "responses": {
            **{str(status): {"description": words} for status, words in successes.items()},
            **{str(status): {"description": words, "content": problem} for status, words in PROBLEMS.items()},
        },
    }


@blueprint.get("/api/openapi.json")
def show_document() -> Response:
    return _kept(_written(settings().public_url), "application/json")


@blueprint.get("/api/docs")
def show_page() -> Response:
    return _kept(_page(settings().public_url), "text/html")


@lru_cache(1)
def _written(public_url: str) -> str:
    return json.dumps(document(public_url), ensure_ascii=False, separators=(",", ":"))


@lru_cache(1)
def _page(public_url: str) -> str:
    return render_template(
        "api.html", document=document(public_url), who=(_PUBLIC, _SECRET), problems=PROBLEMS, headers=told.HEADERS
    )


def _kept(body: str, kind: str) -> Response:
    """Asked for again, it is only said to be the same."""
    response = Response(body, mimetype=kind)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
