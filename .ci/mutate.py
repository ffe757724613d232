"""Moves every threshold of widget_server/rules by one, one at a time: a rule test has to notice each.

`>` becomes `>=` and back, `<` becomes `<=` and back, and every whole number from 2 on becomes one more and one less.
The work is done in a copy of the tree; nothing here is changed. Names of modules (`python .ci/mutate.py prompts`) leave
out the others.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = Path("widget_server/rules")
WORKERS = 2
SWAPS = {b">": b">=", b">=": b">", b"<": b"<=", b"<=": b"<"}

_BUDGET = "a budget of work, not a rule: of millions of steps one more or less changes no answer that is looked at"
EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "braces.py",
        "if _NAME.match(self.source, at + 1) and at >= self.last:",
    ): "a brace opens there, so none closes there",
    ("matching.py", "MOST_STEPS = 5000001"): _BUDGET,
    ("matching.py", "MOST_STEPS = 4999999"): _BUDGET,
    ("matching.py", "if self.steps + price >= MOST_STEPS:"): _BUDGET,
    ("python_prompts.py", "MOST_STEPS = 1000000001"): _BUDGET,
    ("python_prompts.py", "MOST_STEPS = 999999999"): _BUDGET,
    ("python_prompts.py", 'if source.count("{") * len(source) >= MOST_STEPS:'): _BUDGET,
    ("python_prompts.py", "if steps >= MOST_STEPS:"): _BUDGET,
    ("python_text.py", "STEP = 11"): _BUDGET,
    ("python_text.py", "STEP = 9"): _BUDGET,
}
"""Mutants that no test can notice: (module, mutated line) → why."""


@dataclass(frozen=True)
class Mutant:
    module: str
    line: int
    before: str
    after: str
    source: bytes

    def __str__(self) -> str:
        return f"{self.module}:{self.line}  {self.before}  →  {self.after}"


def mutants(module: Path) -> Iterator[Mutant]:
    source = module.read_bytes()
    lines = source.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + column

    def mutant(start: int, end: int, new: bytes) -> Mutant:
        changed = source[:start] + new + source[end:]
        number = source.count(b"\n", 0, start)
        before, after = (text.splitlines()[number].decode().strip() for text in (source, changed))
        return Mutant(module.name, number + 1, before, after, changed)

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
                start = offset(left.end_lineno or 0, left.end_col_offset or 0)
                between = source[start : offset(right.lineno, right.col_offset)]
                if found := re.search(rb"[<>]=?", between):
                    yield mutant(start + found.start(), start + found.end(), SWAPS[found[0]])
        elif isinstance(node, ast.Constant) and type(node.value) is int and node.value >= 2:
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno or 0, node.end_col_offset or 0)
            yield mutant(start, end, str(node.value + 1).encode())
            yield mutant(start, end, str(node.value - 1).encode())


def copy_tree(folder: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__", "*.br", "*.gz")
    for name in ("widget_server", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ("static", "templates"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def rule_tests(tree: Path, tests: str = "tests/rules", *, bytecode: bool) -> subprocess.CompletedProcess[str]:
    # Rule tests need neither the server's fixtures nor a plugin, and start in a third of the time without.
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if not bytecode:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "-m", "pytest", tests, "-x", "-q", "--no-header", "--tb=line"]
    return subprocess.run(
        [*command, "--noconftest", "-p", "no:cacheprovider"],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def main() -> int:
    began = time.monotonic()
    modules = [path for path in sorted((ROOT / RULES).glob("*.py")) if not sys.argv[1:] or path.stem in sys.argv[1:]]
    found = [mutant for module in modules for mutant in mutants(module)]
    waiting = [mutant for mutant in found if (mutant.module, mutant.after) not in EQUIVALENT]
    with tempfile.TemporaryDirectory(prefix="widget-mutants-") as folder:
        trees = [copy_tree(Path(folder) / str(number)) for number in range(WORKERS)]
        for tree in trees:
            honest = rule_tests(tree, bytecode=True)
            if honest.returncode != 0:
                print(f"The rule tests fail before anything is changed:\n{honest.stdout}{honest.stderr}")
                return 1
        mine = threading.local()

        def survives(mutant: Mutant) -> bool:
            if not hasattr(mine, "tree"):
                mine.tree = trees.pop()
            module = mine.tree / RULES / mutant.module
            honest = module.read_bytes()
            for compiled in module.parent.glob(f"__pycache__/{module.stem}.*"):
                compiled.unlink()
            module.write_bytes(mutant.source)
            own = f"tests/rules/test_{module.stem}.py"  # notices most, and sooner than all together
            first = [own] if (mine.tree / own).exists() else []
            try:
                return all(
                    rule_tests(mine.tree, tests, bytecode=False).returncode == 0 for tests in [*first, "tests/rules"]
                )
            except subprocess.TimeoutExpired:
                return False
            finally:
                module.write_bytes(honest)

        with ThreadPoolExecutor(WORKERS) as pool:
            survivors = [mutant for mutant, alive in zip(waiting, pool.map(survives, waiting), strict=True) if alive]
    for mutant in survivors:
        print(f"SURVIVED  {mutant}")
    killed = len(waiting) - len(survivors)
    print(
        f"{killed} of {len(waiting)} mutants of the thresholds killed "
        f"({len(found) - len(waiting)} equivalent) in {time.monotonic() - began:.0f} s"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
