"""Runs the tests of hosts and strict pages in every engine and writes docs/matrix.md: `make matrix`."""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from string import Template

from e2e.hosts.applications import LIBRARIES, version

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "docs" / "matrix.md"
TEXT = Template((ROOT / "e2e" / "hosts" / "matrix.md").read_text())
TESTS = ("test_the_hosts.py", "test_strict_pages.py", "test_the_memory.py", "webkit/test_the_hosts_there.py")
ENGINES = {"chromium": "Chromium", "firefox": "Firefox", "webkit": "WebKit"}
LEVELS = ("plain", "strict")
NAMES = {"react": "React", "vue": "Vue", "svelte": "Svelte", "turbo": "Turbo", "inner-html": "plain `innerHTML`"}


@dataclass(frozen=True)
class Result:
    test: str
    host: str | None
    level: str | None
    engine: str
    well: bool


def run(engine: str, folder: Path) -> tuple[str, list[Result]]:
    """The engine's version, and what came of each test; a look at the page when it is over belongs to it."""
    file = folder / f"{engine}.xml"
    tests = [f"e2e/{name}" for name in TESTS]
    command = [sys.executable, "-m", "pytest", "-q", *tests, "--browser", engine, f"--junitxml={file}"]
    subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr)
    ran = ET.parse(file)
    number = next(one.get("value") for one in ran.iter("property") if one.get("name") == "engine")
    return f"{ENGINES[engine]} {number}", [result(case, engine) for case in ran.iter("testcase")]


def result(case: ET.Element, engine: str) -> Result:
    test, _, words = (case.get("name") or "").rstrip("]").partition("[")
    level = next((level for level in LEVELS if level in words.split("-")), None)
    host = words.replace(engine, "").replace(level or "", "").strip("-") if level else None
    return Result(test, host, level, engine, well=len(case) == 0)


def sentence(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


def cell(results: list[Result]) -> str:
    wrong = sorted({sentence(one.test) for one in results if not one.well})
    return f"**not**: {'; '.join(wrong)}" if wrong else f"✓ {len(results)}" if results else "–"


def table(*rows: list[str]) -> str:
    head, *others = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([head, f"|{' --- |' * len(rows[0])}", *others])


def named(host: str) -> str:
    package = LIBRARIES[host].package
    return " ".join([NAMES.get(host, "htmx"), *([version(package)] if package else [])])


def markdown(results: list[Result], drivers: str) -> str:
    found: dict[tuple[str | None, ...], list[Result]] = defaultdict(list)
    for one in results:
        found[(one.host, one.level, one.engine) if one.host else (one.test, one.engine)].append(one)
    columns = [(level, engine) for engine in ENGINES for level in LEVELS]
    pages = list(dict.fromkeys(one.test for one in results if not one.host))
    return TEXT.substitute(
        drivers=drivers,
        hosts=table(
            ["host", *(f"{ENGINES[engine]}, {level}" for level, engine in columns)],
            *([named(host), *(cell(found[host, *column]) for column in columns)] for host in LIBRARIES),
        ),
        needs=table(["library", "needs"], *([named(host), library.why] for host, library in LIBRARIES.items())),
        pages=table(
            ["page", *ENGINES.values()],
            *([sentence(test), *(cell(found[test, engine]) for engine in ENGINES)] for test in pages),
        ),
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        runs = [run(engine, Path(folder)) for engine in ENGINES]
    results = [one for _, found in runs for one in found]
    REPORT.write_text(markdown(results, ", ".join(named for named, _ in runs)))
    print(REPORT.relative_to(ROOT))
    if not all(one.well for one in results):
        raise SystemExit("Not every cell is green.")


if __name__ == "__main__":
    main()
