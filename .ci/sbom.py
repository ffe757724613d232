"""`make sbom`: docs/dependencies.md and docs/sbom.cdx.json (CycloneDX), from the locks; the indexes are asked for
licences and dates. With --check, nothing is asked or written: it fails when the two are not what the locks say.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from asking import ask
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.output.json import JsonV1Dot6
from locked import ROOT, Part, all_parts
from packageurl import PackageURL

FACTS = ROOT / ".ci" / "facts.json"
PAGE = ROOT / "docs" / "dependencies.md"
BILL = ROOT / "docs" / "sbom.cdx.json"
PURPOSES = tomllib.loads((ROOT / ".ci" / "purposes.toml").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
QUIET_DAYS = 730
HEAD = """\
# What it is built on

Made by `make sbom`, together with the [SBOM](sbom.cdx.json) (CycloneDX); `make check` fails when either is not what the
locks say. The locks hold the hash of every file. Licences are those that each package
declares or, where it says no more than “BSD”, whose text it carries. “Last release” is the
upload date of the newest release in its index on {asked}; “this one” that of the locked version.
"""


def licence(part: Part, facts: dict[str, Any]) -> str:
    return str(part.licence or facts[part.registry][part.key]["licence"])


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def table(*head: str, rows: list[str]) -> list[str]:
    return ["", row(*head), row(*["---"] * len(head)), *rows, ""]


def direct(parts: list[Part], facts: dict[str, Any]) -> list[str]:
    rows = []
    for part in parts:
        fact = facts[part.registry][part.key]
        last = fact["last"] if fact["newest"] == part.version else f"{fact['last']} ({fact['newest']})"
        purpose = PURPOSES[part.registry][part.name]
        rows.append(row(part.name, part.version, licence(part, facts), purpose, fact["released"], last))
    return table("package", "version", "licence", "for", "this one", "last release", rows=rows)


def others(parts: list[Part], facts: dict[str, Any]) -> list[str]:
    rows = []
    for part in parts:
        fact = facts[part.registry].get(part.key, {})
        needed = ", ".join(part.needed_by)
        dated = (needed, fact["last"]) if part.registry == "pypi" else ()
        rows.append(row(part.name, part.version, licence(part, facts), *dated))
    more = ("needed by", "last release") if parts[0].registry == "pypi" else ()
    return table("package", "version", "licence", *more, rows=rows)


def quiet(parts: list[Part], facts: dict[str, Any]) -> list[str]:
    """Whose last release is older than two years: each needs a reason to stay, written in .ci/purposes.toml."""
    asked = date.fromisoformat(facts["asked"])
    rows = []
    for part in parts:
        fact = facts[part.registry].get(part.key)
        if fact and (asked - date.fromisoformat(fact["last"])).days > QUIET_DAYS:
            reason = PURPOSES.get("quiet", {}).get(part.name)
            if reason is None:
                raise LookupError(f"{part.name}: last release {fact['last']}. Replace it, or say under [quiet] why not")
            rows.append(row(part.name, fact["last"], reason))
    return table("package", "last release", "why it stays", rows=rows)


def page(parts: list[Part], facts: dict[str, Any]) -> str:
    def of(use: str, registry: str, *, direct: bool) -> list[Part]:
        return [part for part in parts if (part.use, part.registry, part.direct) == (use, registry, direct)]

    licences = Counter(licence(part, facts) for part in parts if part.use == "server")
    lines = [
        HEAD.format(asked=facts["asked"]),
        f"{sum(licences.values())} packages run in a server: "
        + ", ".join(
            f"{count} × {name}" for name, count in sorted(licences.items(), key=lambda each: (-each[1], each[0]))
        )
        + ". The widget that pages load has no dependency.",
        "\n## A server runs on\n",
        *direct(of("server", "pypi", direct=True), facts),
        "And on what these need:\n",
        *others(of("server", "pypi", direct=False), facts),
        "## To install and build\n",
        *direct(of("install", "pypi", direct=True), facts),
        *others(of("install", "pypi", direct=False), facts),
        "## Tests and tools\n",
        *direct(of("tests", "pypi", direct=True), facts),
        *others(of("tests", "pypi", direct=False), facts),
        "## Tests and tools, from npm\n",
        *direct(of("tests", "npm", direct=True), facts),
        *others(of("tests", "npm", direct=False), facts),
        "## No release for two years\n",
        *quiet(parts, facts),
    ]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.rstrip() + "\n"


def bill(parts: list[Part], facts: dict[str, Any]) -> str:
    """The SBOM. The same parts give the same bytes: its number comes from them, its time is the day of asking."""
    licences = LicenseFactory()
    root = Component(
        name=PROJECT["name"],
        version=PROJECT["version"],
        type=ComponentType.APPLICATION,
        bom_ref=PROJECT["name"],
        licenses=[licences.make_from_string(PROJECT["license"])],
    )
    made = {
        (part.registry, part.key): Component(
            name=part.name,
            version=part.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{part.registry}:{part.key}",
            scope=ComponentScope.EXCLUDED if part.use == "tests" else ComponentScope.REQUIRED,
            licenses=[licences.make_from_string(licence(part, facts))],
            purl=purl(part),
            properties=[Property(name="widget-server:use", value=part.use)],
        )
        for part in parts
    }
    bom = Bom(components=made.values(), serial_number=uuid5(NAMESPACE_URL, json.dumps(sorted(map(str, parts)))))
    bom.metadata.component = root
    bom.metadata.timestamp = datetime.fromisoformat(facts["asked"]).replace(tzinfo=UTC)
    bom.dependencies = [
        Dependency(root.bom_ref, [Dependency(made[part.registry, part.key].bom_ref) for part in parts if part.direct]),
        *(
            Dependency(
                made[part.registry, part.key].bom_ref,
                [
                    Dependency(made[other.registry, other.key].bom_ref)
                    for other in parts
                    if other.registry == "pypi" and part.name in other.needed_by
                ],
            )
            for part in parts
            if part.registry == "pypi"
        ),
    ]
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def purl(part: Part) -> PackageURL:
    space, _, name = part.name.rpartition("/")
    return PackageURL(part.registry, space or None, name, part.version)


def stale(wanted: dict[Path, str]) -> list[str]:
    return [path.name for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]


def main(checking: bool) -> int:
    parts = all_parts()
    facts = json.loads(FACTS.read_text("utf-8")) if FACTS.is_file() else {}
    if not checking:
        facts = {"asked": datetime.now(UTC).date().isoformat(), **ask(parts, facts)}
        FACTS.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", "utf-8")
    elif missing := [part.key for part in parts if part.registry == "pypi" and part.key not in facts["pypi"]]:
        print(f"not in .ci/facts.json yet: {', '.join(missing)}: run make sbom")
        return 1
    wanted = {PAGE: page(parts, facts), BILL: bill(parts, facts)}
    if checking:
        old = stale(wanted)
        print(
            f"not what the locks say: {', '.join(old)}: run make sbom" if old else f"ok  {len(parts)} parts as locked"
        )
        return 1 if old else 0
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
