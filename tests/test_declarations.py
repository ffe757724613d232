"""What editors and compilers are told of the element is what the widget has."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from widget_server.rules.viewers import HIDDEN_BY

WIDGET = Path(__file__).resolve().parent.parent / "static" / "widget"
SCRIPTS = "".join(path.read_text() for path in sorted(WIDGET.glob("*.js")))
TYPES = (WIDGET / "machine-generated.d.ts").read_text()
ELEMENT = json.loads((WIDGET / "custom-elements.json").read_text())["modules"][0]["declarations"][0]


def names(kind: str) -> set[str]:
    """The names that the manifest has under one heading."""
    return {each["name"] for each in ELEMENT[kind]}


def typed(declaration: str) -> str:
    """What stands between the braces of a declaration."""
    return re.search(rf"interface {declaration}\b[^{{]*{{(.*?)^}}", TYPES, re.DOTALL | re.MULTILINE)[1]


def test_the_attributes_are_those_that_the_widget_reads():
    read = set(re.search(r"FIELDS = \"([\w ]+)\"", SCRIPTS)[1].split())
    assert names("attributes") == read
    assert set(re.findall(r"^  (\w+)\?:", typed("MachineGeneratedAttributes"), re.MULTILINE)) == read
    spread = set(re.findall(r'^  "data-([a-z-]+)"', typed("MarkedAttributes"), re.MULTILINE))
    assert spread == read | {"machine-generated"}


def test_the_events_are_those_that_the_widget_sends():
    sent = set(re.findall(r'\btell\((?:[\w.]+ = )?"(\w+)"', SCRIPTS))
    assert {f"machine-generated:{name}" for name in sent} == names("events")
    assert set(re.findall(r'^  "(machine-generated:\w+)"', typed("MachineGeneratedEventMap"), re.MULTILINE)) == names(
        "events"
    )


@pytest.mark.parametrize("told", [TYPES, json.dumps(ELEMENT)], ids=["types", "manifest"])
def test_what_can_hide_a_badge_is_what_the_server_takes(told: str):
    for reason in HIDDEN_BY:
        assert re.search(rf'\\?"{reason}\\?"', told)


def test_the_custom_properties_are_those_of_the_styles_with_the_same_defaults():
    used = set(re.findall(r"var\((--machine-generated-\w+),((?:[^()]|\([^()]*\))*)\)", SCRIPTS))
    assert {(each["name"], each["default"].replace(", ", ",")) for each in ELEMENT["cssProperties"]} == used


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        ("custom-elements.json", "application/json"),
        ("machine-generated.d.ts", "text/plain"),
        ("machine-generated-react.d.ts", "text/plain"),
        ("machine-generated-vue.d.ts", "text/plain"),
    ],
)
def test_they_are_served_beside_the_widget(client: FlaskClient, file: str, media_type: str):
    answer = client.get(f"/widget/current/{file}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == media_type
    assert answer.data == (WIDGET / file).read_bytes()
