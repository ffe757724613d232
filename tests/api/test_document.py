"""The API's document, tried out: whatever it allows or forbids, the server answers as it says."""

from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as examples
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)

from tests.conftest import Page
from widget_server.routes.api.openapi import OPERATIONS
from widget_server.routes.limits import limiter

EXAMPLES = 25
TOLD = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    use_after_free,
]


@pytest.fixture(autouse=True)
def unlimited(app: Flask) -> Iterator[None]:
    limiter.enabled = False
    yield
    limiter.enabled = True


def examples_of(operation: schemathesis.APIOperation) -> list[schemathesis.Case]:
    """The same ones at every run."""
    made: list[schemathesis.Case] = []

    @seed(2026)
    @examples(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def make(case: schemathesis.Case) -> None:
        made.append(case)

    make()
    return made


def test_every_operation_answers_as_its_document_says(app: Flask, news: Page) -> None:
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    receipt, publication = news.report().json["receipt"], news.render(audience="public").json["publication"]
    tried: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    failures: dict[str, str] = {}
    known = {"receipt": receipt, "number": publication}
    for found in described.get_all_operations():
        operation = found.ok()
        for case in examples_of(operation):
            if tried[operation.label] % 3 == 0:
                asked = dict(case.path_parameters or {})
                case.path_parameters = asked | {name: value for name, value in known.items() if name in asked}
            if isinstance(case.body, dict) and "site" in case.body:
                case.body |= (
                    {"site": news.key, "page": f"{news.origin}/story"} if "page" in case.body else {"site": news.key}
                )
            tried[operation.label] += 1
            answer = case.call(headers={**news.bearer, "Origin": news.origin})
            statuses[answer.status_code] += 1
            try:
                case.validate_response(answer, checks=TOLD)
            except FailureGroup as group:
                failures[operation.label] = "; ".join(map(str, group.exceptions))
    print(f"{tried.total()} requests to {len(tried)} operations: {dict(statuses)}")
    assert len(tried) == len(OPERATIONS)
    assert {200, 201, 204, 404, 422} <= statuses.keys()
    assert failures == {}
