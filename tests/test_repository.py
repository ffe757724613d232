"""What a stranger who clones the repository relies on."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [
    *sorted(ROOT.glob("*.lock")),
    *sorted((ROOT / ".ci").glob("*.lock")),
    ROOT / "package-lock.json",
    ROOT / ".ci/chromium/package-lock.json",
    ROOT / "e2e/types/package-lock.json",
    ROOT / "e2e/hosts/package-lock.json",
]
MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
@pytest.mark.parametrize("leak", ["://", "--index", "--extra-index", "--find-links", "--trusted-host", '"resolved"'])
def test_a_lock_names_no_address(lock: Path, leak: str):
    assert leak not in lock.read_text()


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.suffix == ".lock"], ids=lambda lock: lock.name)
def test_every_locked_package_has_a_hash(lock: Path):
    requirements = re.split(r"\n(?=\S)", lock.read_text())
    assert [line for line in requirements if "==" in line and "--hash=sha256:" not in line] == []


def test_every_dependency_is_locked():
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert {re.split(r"[\[<>=~! ]", name)[0] for name in PROJECT["dependencies"]} <= locked


def test_both_locks_agree():
    runtime, development = (
        dict(re.findall(r"^([a-z0-9.-]+==\S+)(.*)$", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime.keys() <= development.keys()


@pytest.mark.parametrize(
    "name",
    [
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        ".editorconfig",
        "docs/decisions",
        "run",
    ],
)
def test_the_contributors_kit_is_there(name: str):
    assert (ROOT / name).exists()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_that_the_pages_name_exist(document: str):
    targets = set(re.search(r"^TARGETS := (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    named = set(re.findall(r"^\s*(?:\$ )?make ([a-z]+)|`make ([a-z]+)`", (ROOT / document).read_text(), re.MULTILINE))
    assert {first or second for first, second in named} <= targets
    assert {first or second for first, second in named} >= {"run", "test"}


def test_the_makefile_and_the_script_know_the_same_targets():
    targets = re.search(r"^TARGETS := (.*)$", MAKEFILE, re.MULTILINE)[1].split()
    assert set(re.findall(r"^    ([a-z0-9]+)\)$", (ROOT / "run").read_text(), re.MULTILINE)) == set(targets)


def test_the_changelog_names_the_version():
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()
