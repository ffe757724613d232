"""What only the package indexes know: licence and upload dates. `.ci/facts.json` keeps the answers, so that the page
can be made, and checked, without them. They are asked through their own clients, uv, pip and npm."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from locked import Part

PROJECT = '[project]\nname = "asked"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = {}\n'
# Other people's names for what has an SPDX identifier.
SPDX = {
    "MIT License": "MIT",
    "The MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "ISC License": "ISC",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "Python Software Foundation License": "PSF-2.0",
    "SIL OFL V1.1": "OFL-1.1",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
}
VAGUE: list[list[str]] = [[], ["BSD License"], ["BSD"]]
LICENCE = re.compile(r"\.dist-info/(licenses/)?LICEN[CS]E[^/]*$", re.IGNORECASE)


def client(*words: str, folder: str | None = None) -> str:
    return subprocess.run(words, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def uploads(requirements: list[str]) -> dict[tuple[str, str], str]:
    """(name, version) → the day of its first file, of what uv chooses."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(PROJECT.format(json.dumps(requirements)), "utf-8")
        client("uv", "lock", "--quiet", folder=folder)
        chosen = tomllib.loads(Path(folder, "uv.lock").read_text("utf-8"))["package"]
    days = {}
    for package in chosen:
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        if times := [file["upload-time"] for file in files if "upload-time" in file]:
            days[package["name"], package["version"]] = min(map(str, times))[:10]
    return days


def licence_of(part: Part) -> str:
    """As the package declares it; where it says too little, the licence whose text it carries."""
    found, text = installed(part) or downloaded(part)
    if expression := found["License-Expression"]:
        return str(expression)
    classified = [
        line.rpartition(" :: ")[2]
        for line in found.get_all("Classifier", [])
        if line.startswith("License :: ") and not line.endswith(("OSI Approved", "(GPL)"))
    ]
    free = (found["License"] or "").strip()
    said = [free] if free and len(free) < 60 and "\n" not in free else []
    names = [SPDX.get(name, name) for name in (classified or said)]
    if names in VAGUE:
        return recognised(text) or " OR ".join(names) or "not declared"
    return " OR ".join(names)


def recognised(text: str) -> str:
    """The licence that these sentences are from."""
    words = " ".join(text.split())
    if "Redistribution and use in source and binary forms" in words:
        return (
            "BSD-3-Clause" if "Neither the name" in words or "may not be used to endorse" in words else "BSD-2-Clause"
        )
    return "MIT" if "Permission is hereby granted, free of charge" in words else ""


def installed(part: Part) -> tuple[Any, str] | None:
    try:
        found = distribution(part.name)
    except PackageNotFoundError:
        return None
    if found.version != part.version:
        return None
    texts = [file.read_text() for file in found.files or [] if LICENCE.search(file.as_posix())]
    return found.metadata, "\n".join(texts)


def downloaded(part: Part) -> tuple[Any, str]:
    with tempfile.TemporaryDirectory() as folder:
        words = ("download", "--quiet", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", folder)
        newer = ("--only-binary=:all:", "--python-version", "3.14")
        client(sys.executable, "-m", "pip", *words, *newer, part.key)
        with ZipFile(next(Path(folder).iterdir())) as wheel:
            names = wheel.namelist()
            declared = wheel.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
            texts = [wheel.read(name).decode(errors="replace") for name in names if LICENCE.search(name)]
            return HeaderParser().parsestr(declared), "\n".join(texts)


def node(part: Part) -> dict[str, str]:
    found = json.loads(client("npm", "view", f"{part.name}@{part.version}", "time", "dist-tags", "--json"))
    newest = found["dist-tags"]["latest"]
    return {"released": found["time"][part.version][:10], "newest": newest, "last": found["time"][newest][:10]}


def ask(parts: list[Part], known: dict[str, Any]) -> dict[str, Any]:
    """Facts of each part; a licence and a date once known are not asked again, the newest release always is."""
    python = [part for part in parts if part.registry == "pypi"]
    mine = uploads([f"{part.key} ; {part.marker}" if part.marker else part.key for part in python])
    newest = {name: (version, day) for (name, version), day in uploads(sorted({part.name for part in python})).items()}
    facts: dict[str, Any] = {"pypi": {}, "npm": {}}
    for part in python:
        before = known.get("pypi", {}).get(part.key)
        released = mine[part.name, part.version]
        version, last = max(newest[part.name], (part.version, released), key=lambda each: each[1])
        facts["pypi"][part.key] = {
            "licence": before["licence"] if before else licence_of(part),
            "released": released,
            "newest": version,
            "last": last,
        }
    for part in parts:
        if part.registry == "npm" and part.direct:
            facts["npm"][part.key] = node(part)
    return facts
