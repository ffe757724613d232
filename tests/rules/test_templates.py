"""The syntaxes of templates, against those who define them: Python's own formatting, and Jinja."""

from string import Template
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import ChainableUndefined, Environment

from widget_server.rules.conversations import shown
from widget_server.rules.pieces import Unreadable, texts
from widget_server.rules.prompts import SYNTAXES, check
from widget_server.rules.templates import read

SIGNS = [*"{}$%#!:/^&-~=.'\"|@", "{{", "}}", "{%", "%}", "{#", "#}", "{{#a}}", "{{/a}}", "$$"]
WORDS = ["if x", "endif", "for x in y", "endfor", "raw", "endraw", "else", "set x", "name", "éं", "😀", "\n", " ", "0"]
FIELDS = ["a.b[c]", "{name}", "{{ name }}", "${name}"]
PARTS = st.sampled_from([*SIGNS, *WORDS, *FIELDS])
TEMPLATES = st.lists(PARTS, max_size=12).map("".join)
OFTEN = settings(max_examples=100, derandomize=True, deadline=None)


class Nothing:
    """Fills any placeholder with nothing, whatever is asked of it."""

    def __getattr__(self, name: str) -> "Nothing":
        return self

    def __getitem__(self, name: Any) -> "Nothing":
        return self

    def __format__(self, spec: str) -> str:
        return ""

    def __str__(self) -> str:
        return ""

    __repr__ = __str__


class Everything(dict):
    def __missing__(self, name: str) -> Nothing:
        return Nothing()


def fixed(template: str, syntax: str) -> str:
    return "".join(texts(read(template, syntax)))


@OFTEN
@given(template=TEMPLATES, syntax=st.sampled_from(SYNTAXES))
def test_every_text_is_measured_in_every_syntax(template: str, syntax: str) -> None:
    found = check(template, syntax=syntax)
    assert 0 <= found.always_characters <= found.fixed_characters or found.problem
    assert found.fixed_characters <= len(template)


@OFTEN
@given(template=TEMPLATES)
def test_format_is_read_as_python_formats(template: str) -> None:
    try:
        theirs = template.format_map(Everything())
    except (ValueError, IndexError, KeyError):
        theirs = None  # numbered fields cannot be filled from names, and some fields cannot be read
    try:
        ours = fixed(template, "format")
    except Unreadable:
        ours = None
    assert theirs is None or ours == theirs


@OFTEN
@given(template=TEMPLATES)
def test_dollars_are_read_as_python_substitutes(template: str) -> None:
    try:
        ours = fixed(template, "dollar")
    except Unreadable:
        assert "${" in template
        return
    assert ours == Template(template).safe_substitute(Everything())


@OFTEN
@given(template=TEMPLATES)
def test_what_jinja_refuses_is_refused_and_what_it_renders_holds_what_stands_in_every_prompt(template: str) -> None:
    jinja = Environment(undefined=ChainableUndefined, autoescape=False)
    try:
        rendered = jinja.from_string(template).render()
    except Exception:  # noqa: BLE001 (whatever it is, Jinja makes no prompt of it)
        return
    found = check(template, syntax="jinja")
    assert found.problem == ""
    assert found.always_characters <= len(" ".join(rendered.split()))


@pytest.mark.parametrize(
    "template", ["{% if x %}", "{{ x", "{{ 1 + }}", "{% endif %}", "{# x", "{% raw %}x", "{{ a } }}"]
)
def test_what_jinja_cannot_parse_is_refused(template: str) -> None:
    assert check(template, syntax="jinja").problem


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Say {x}", "Say {x}"),
        (
            [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "{q}"}],
            "[system]\nBe kind.\n\n[user]\n{q}",
        ),
        ([{"role": "user", "parts": [{"text": "a"}, {"type": "image"}, {}]}], "[user]\na\n(image)\n(part)"),
        ([{"role": "tool", "content": None}], "[tool]\n"),
        ({"_type": "prompt", "template": "ä"}, '{\n  "_type": "prompt",\n  "template": "ä"\n}'),
    ],
)
def test_a_prompt_is_shown_as_people_read_it(prompt: Any, text: str) -> None:
    assert shown(prompt) == text
