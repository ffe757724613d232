"""What is read without a schema is what the schema would have given: nothing else is let through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_server.routes.api import usual_views
from widget_server.routes.api.views import ViewsSchema
from widget_server.rules.marking import text_sha256
from widget_server.rules.viewers import HIDDEN_BY

SCHEMA = ViewsSchema()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
DIGEST = st.sampled_from([text_sha256("a"), text_sha256("b")])
PAGE = st.sampled_from(
    [
        "",
        "https://news.example/a?b=c#d",
        "http://news.example:8080/",
        "about:srcdoc",
        "blob:https://news.example/1",
        "https://u@news.example/",
        "https://news.example./a",
        "http://news.example.:8080/",
        "https://news.example/" + "a" * 2000,
        "/a",
    ]
)


def usually(kind: st.SearchStrategy) -> st.SearchStrategy:
    """Mostly as it should be; one time in some, anything."""
    return st.integers(0, 19).flatmap(lambda chance: kind if chance else ANYTHING)


VIEW = st.fixed_dictionaries(
    {"text_sha256": usually(DIGEST), "disclosed": usually(st.booleans())},
    optional={
        "content": usually(st.text(max_size=30)),
        "model": usually(st.sampled_from(["", "jamba-large", "x" * 200, "x" * 201])),
        "provider": usually(st.text(max_size=10)),
        "hidden_by": usually(st.sampled_from([*HIDDEN_BY, "", "fog"])),
        "surprise": st.just(1),
    },
)
BODY = st.fixed_dictionaries(
    {"site": usually(st.text(max_size=65)), "views": usually(st.lists(usually(VIEW), max_size=3))},
    optional={"viewer": usually(st.none() | st.text(max_size=300)), "page": usually(PAGE), "surprise": st.just(1)},
)


@given(BODY)
def test_what_is_let_through_is_what_the_schema_gives(body: dict) -> None:
    found = usual_views.read(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if found is not None:
        assert found == SCHEMA.load(body)


def test_what_the_widget_sends_is_let_through() -> None:
    view = {"text_sha256": text_sha256("a"), "content": "x.y", "model": "m", "provider": "p", "disclosed": True}
    hidden = {**view, "disclosed": False, "hidden_by": "size"}
    body = {"site": "news", "page": "https://news.example/story?x=ü".replace("ü", "%C3%BC"), "views": [view, hidden]}
    assert usual_views.read(json.dumps(body).encode()) == SCHEMA.load(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"site": "a", "site": "b", "views": []}',
        b'{"site": "a\\u0000", "views": []}',
        b'{"site": NaN, "views": []}',
        b"[" * 100_000,
    ],
)
def test_whatever_is_odd_is_left_to_a_closer_look(body: bytes) -> None:
    assert usual_views.read(body) is None
