"""Each folder keeps its promise (see its docstring). If this fails: move the code, not the rule."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "widget_server"
OPEN = {"__init__.py", "application.py", "wsgi.py", "asgi.py", "jinja.py"}  # where all parts meet

FLASK = {"flask", "flask_limiter", "flask_wtf", "werkzeug", "wtforms"}
DATABASE = {"peewee", "playhouse", "psycopg", "sqlite3"}
NETWORK = {"smtplib", "urllib.request", "http.client", "socket", "ssl"}
CHANCE = {"os", "random", "secrets", "time", "uuid", "pathlib"}
FRONT_DOOR = {"datetime.now", "os.environ", "os.getenv"}  # the clock and the environment are handed in
HOUSE = {"routes", "rendering", "storage", "delivery", "rules", "demo", "settings", "cli", "host", "prompts"} | {
    "asking",
    "gate",
    "key_file",
    "origins",
    "refusal",
}

# What a folder (or module) may not use: everything of the house above it, and what its promise rules out.
FORBIDDEN = {
    "rules": (HOUSE - {"rules"}) | FLASK | DATABASE | NETWORK | CHANCE | FRONT_DOOR,
    "rendering": (HOUSE - {"rendering", "rules"}) | FLASK | DATABASE | NETWORK | FRONT_DOOR,
    "storage": (HOUSE - {"storage", "rules"}) | FLASK | NETWORK | FRONT_DOOR,
    "delivery": (HOUSE - {"delivery", "storage", "rules", "settings"}) | FLASK | DATABASE | FRONT_DOOR,
    "routes": DATABASE | NETWORK | {"cli", "demo"} | FRONT_DOOR,
    "cli": FLASK | DATABASE | NETWORK,
    "demo": DATABASE | NETWORK | {"datetime.now"},
    "prompts": (HOUSE - {"prompts", "rules", "host"}) | FLASK | DATABASE | NETWORK,
    "host.py": FLASK | DATABASE | NETWORK | {"routes", "storage"},
    "gate.py": FLASK | DATABASE | NETWORK | {"routes", "storage"},
    "asking.py": (HOUSE | FLASK | DATABASE | NETWORK) - {"urllib.request", "http.client"},
    "listening.py": (HOUSE | FLASK | DATABASE) - {"settings", "refusal"},
    "serving.py": FLASK | DATABASE | {"routes", "rendering", "cli"},
    "crashes.py": HOUSE | FLASK | DATABASE | NETWORK | CHANCE | FRONT_DOOR,
    "settings.py": (HOUSE - {"key_file", "origins", "refusal"}) | FLASK | DATABASE | NETWORK | {"datetime.now"},
    "key_file.py": (HOUSE - {"refusal"}) | FLASK | DATABASE | NETWORK | FRONT_DOOR,
    "ownership.py": HOUSE | FLASK | DATABASE | NETWORK | FRONT_DOOR,
    "origins.py": (HOUSE - {"refusal"}) | FLASK | DATABASE | NETWORK | CHANCE | FRONT_DOOR,
    "refusal.py": HOUSE | FLASK | DATABASE | NETWORK | CHANCE | FRONT_DOOR,
}
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in OPEN]


def used(tree: ast.AST) -> Iterator[str]:
    """The names that a module imports, and where it reads the clock or the environment itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "environ", "getenv"}:
            owner = ast.unparse(node.value).rpartition(".")[2]
            yield {"datetime": "datetime.now", "date": "datetime.now"}.get(owner, f"{owner}.{node.attr}")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_folder_keeps_its_promise(path: Path):
    folder = path.relative_to(PACKAGE).parts[0]
    assert folder in FORBIDDEN, f"{folder} has no promise yet: add its row to FORBIDDEN"
    for name in used(ast.parse(path.read_text())):
        inside = name.removeprefix("widget_server.")
        broken = {word for word in FORBIDDEN[folder] if inside == word or inside.startswith(word + ".")}
        assert not broken, f"{folder} may not use {name}: move the code, not the rule"
        assert not name.startswith("."), f"write {name} in full, so that this test can read it"
