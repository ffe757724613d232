"""What the lock files name: one Part a package, with its version, who needs it and what it is locked for."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Each lock, what its packages are for, and where pyproject.toml names the direct ones. A package stands where it is
# met first.
LOCKS = [
    ("requirements.lock", "server", "install"),
    ("requirements-dev.lock", "tests", "dev"),
    (".ci/postgresql.lock", "tests", "postgresql"),
    (".ci/redis.lock", "tests", "redis"),
    (".ci/node.lock", "tests", "node"),
]
FOLDERS = [".", ".ci/chromium", "e2e/types", "e2e/hosts"]
PIN = re.compile(r"^([a-z0-9.-]+)==([^\s;\\]+)(?: ; (.*?))? \\$")


@dataclass(frozen=True)
class Part:
    registry: str  # pypi | npm
    name: str
    version: str
    use: str  # server | install | tests
    direct: bool
    marker: str = ""
    needed_by: tuple[str, ...] = ()
    licence: str = ""  # as the lock says it: npm's do

    @property
    def key(self) -> str:
        return f"{self.name}=={self.version}"


def plain(requirement: str) -> str:
    return re.split(r"[\[<>=~! ;]", requirement)[0].lower()


def pinned(text: str) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """(name, version) → (marker, who needs it) of one lock, ourselves left out."""
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    needers: list[str] = []
    for line in text.splitlines():
        if pin := PIN.match(line):
            needers = []
            found[pin[1], pin[2]] = (pin[3] or "", needers)
        elif needer := re.match(r"^    # (?:via |  )([a-z0-9][a-z0-9.-]*)$", line):
            needers.append(needer[1])
    return {key: (marker, tuple(names)) for key, (marker, names) in found.items()}


def of_python() -> list[Part]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = {
        name: {plain(item) for item in items if isinstance(item, str)}
        for name, items in project["dependency-groups"].items()
    }
    runtime = {plain(item) for item in project["project"]["dependencies"]}
    parts: dict[tuple[str, str], Part] = {}
    for lock, use, group in LOCKS:
        for (name, version), (marker, needers) in pinned((ROOT / lock).read_text("utf-8")).items():
            direct = name in groups[group] or name in runtime
            here = "install" if name in groups["install"] - runtime else use
            parts.setdefault((name, version), Part("pypi", name, version, here, direct, marker, needers))
    return sorted(carried_by_installation(parts), key=lambda part: (part.name, part.version))


def carried_by_installation(parts: dict[tuple[str, str], Part]) -> list[Part]:
    """What only the tools of the installation need is not part of a server either."""
    only = {part.name for part in parts.values() if part.use == "install"}
    while grown := {
        part.name
        for part in parts.values()
        if part.name not in only and not part.direct and part.use == "server" and {*part.needed_by} <= only
    }:
        only |= grown
    return [
        Part(**{**vars(part), "use": "install"}) if part.use == "server" and part.name in only else part
        for part in parts.values()
    ]


def of_node() -> list[Part]:
    parts: dict[tuple[str, str], Part] = {}
    for folder in FOLDERS:
        packages = json.loads((ROOT / folder / "package-lock.json").read_text("utf-8"))["packages"]
        ours = packages[""]
        direct = {*ours.get("dependencies", {}), *ours.get("devDependencies", {})}
        for place, package in packages.items():
            if not place:
                continue
            installed_as = place.rpartition("node_modules/")[2]
            name, version = package.get("name", installed_as), package["version"]
            at_top = place == f"node_modules/{installed_as}"
            parts.setdefault(
                (name, version),
                Part("npm", name, version, "tests", at_top and installed_as in direct, licence=package["license"]),
            )
    return sorted(parts.values(), key=lambda part: (part.name, part.version))


def all_parts() -> list[Part]:
    return [*of_python(), *of_node()]
