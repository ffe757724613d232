"""What whoever has to account for the parts relies on: the list, the SBOM, and that nothing in them is forsaken."""

import json
import re
from pathlib import Path

import cyclonedx.schema
import jsonschema_rs
import pytest

ROOT = Path(__file__).resolve().parent.parent
BILL = json.loads((ROOT / "docs" / "sbom.cdx.json").read_text())
PAGE = (ROOT / "docs" / "dependencies.md").read_text()
LOCKED = {
    match
    for lock in [*ROOT.glob("*.lock"), *(ROOT / ".ci").glob("*.lock")]
    for match in re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text(), re.MULTILINE)
}


def test_the_sbom_is_as_its_format_says():
    folder = Path(cyclonedx.schema.__file__).parent / "_res"
    schema, licences, signatures = (
        json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text()) for name in ("bom-1.6", "spdx", "jsf-0.82")
    )
    beside = schema["$id"].rpartition("/")[0]
    registry = jsonschema_rs.Registry(
        [(f"{beside}/spdx.SNAPSHOT.schema.json", licences), (f"{beside}/jsf-0.82.SNAPSHOT.schema.json", signatures)]
    )
    assert list(jsonschema_rs.validator_for(schema, registry=registry).iter_errors(BILL)) == []


def test_the_sbom_names_every_locked_package_and_no_other():
    listed = {(part["name"], part["version"]) for part in BILL["components"] if part["purl"].startswith("pkg:pypi/")}
    assert listed == LOCKED


def test_every_part_has_a_licence():
    assert [part["name"] for part in BILL["components"] if not part.get("licenses")] == []
    assert "not declared" not in PAGE


def test_what_a_server_runs_on_is_told_from_what_tests_need():
    scopes = {part["name"]: part["scope"] for part in BILL["components"]}
    assert (scopes["flask"], scopes["werkzeug"], scopes["pytest"]) == ("required", "required", "excluded")


@pytest.mark.parametrize("name", ["flask", "uvicorn", "schemathesis", "typescript"])
def test_the_page_says_what_each_direct_dependency_is_for(name: str):
    cells = re.search(rf"^\| {name} \| (.*) \|$", PAGE, re.MULTILINE)[1].split(" | ")
    assert len(cells) == 5
    assert all(cells)
