"""Makes static/built/, which the server serves: scripts minified, words split by use, each file also compressed.

What a page loads later is integrity-checked: the digests of those parts are filled in here. Does nothing when the
sources have not changed.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import minify
from whitenoise.compress import main as compress

from widget_server.rendering import wording
from widget_server.rendering.wording import dialog_keys, served
from widget_server.rules import harms

STATIC = Path(__file__).resolve().parent.parent / "static"
BUILT = STATIC / "built"
# What else a page may call a language that we have words in.
ALSO = {"no": "nb", "nn": "nb", "tl": "fil", "iw": "he"}
SPARED = (".br", ".gz")
MAKERS = [Path(str(module.__file__)) for module in (harms, wording)]


def state_of(sources: list[Path]) -> str:
    """Names one state of the sources and of what builds them."""
    digest = hashlib.sha256(version("tdewolff-minify").encode())
    for path in [Path(__file__), *MAKERS, *sources]:
        digest.update(json.dumps([path.name, hashlib.sha256(path.read_bytes()).hexdigest()]).encode())
    return digest.hexdigest()


def integrity(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def filled(name: str, **constants: object) -> str:
    """The minified script `name`, with these constants set in it."""
    script = (STATIC / "widget" / name).read_text(encoding="utf-8")
    script = joined(script)
    if name == "report.js":
        script = enclosed(counted(script))
    script = re.sub(r"\bconst STYLE = `[^`]*`", lambda style: style[0].replace("\n", ""), script)
    for constant, value in constants.items():
        script, count = re.subn(rf"\bconst {constant} = [^;]*;", f"const {constant} = {json.dumps(value)};", script)
        if count != 1:
            raise LookupError(f"static/widget/{name} must set {constant} once")
    return minify.string("application/javascript", in_order(script, name))


MOVED = re.compile(r"\b(?:const|let)\b[^;]* = [\w.]+ = [^;]*(?:,|;\s*(?:const|let))\s*[\[{][^;=]*[\]}] = ")
"""An assignment before a destructuring: of what one `const` declares, or two in a row, the minifier puts those first.

With `const a = b.c = d, [e] = f()`, f would not see b.c.
"""


def in_order(script: str, name: str) -> str:
    """Refuses a script that the minifier would change."""
    if found := MOVED.search(script):
        raise ValueError(f"static/widget/{name}: make the assignment a statement of its own: {found[0]}")
    return script


def joined(script: str) -> str:
    """With what it imports in its place, which nobody else asks for then: one file, whose words compress together."""

    def own(found: re.Match[str]) -> str:
        names, part = found.groups()
        source = (STATIC / "widget" / part).read_text(encoding="utf-8")
        return re.sub(rf"^export (?=const ({names.replace(', ', '|')}) )", "", source, flags=re.MULTILINE)

    return re.sub(r'^import \{ (.*) \} from "\./(.*)";$', own, script, flags=re.MULTILINE)


def enclosed(script: str) -> str:
    """In a function that gives what it exports: there the minifier shortens names, at the top of a file it does not."""
    names = ", ".join(re.findall(r"^export const (\w+)", script, flags=re.MULTILINE))
    inside = re.sub(r"^export ", "", script, flags=re.MULTILINE)
    return f"export const {{ {names} }} = (() => {{\n{inside}\nreturn {{ {names} }};\n}})();"


def counted(script: str) -> str:
    """report.js with `say.send` as `say[32]`: its words are served as a list, so that no name is loaded twice."""
    english = json.loads((STATIC / "widget" / "words" / "en.json").read_text(encoding="utf-8"))
    places = {key: place for place, key in enumerate(dialog_keys(english))}
    return re.sub(r"\bsay\.(\w+)", lambda name: f"say[{places[name[1]]}]", script)


INSIDE = "outbox.js", "hide.js", "fold.js", "identity.js", "valid.js"
"""Only in others, which import them."""


def scripts(target: Path) -> None:
    """Each script; widget.js knows the digest of parts.js, and that one the digests of all others."""
    names = {path.name for path in (STATIC / "widget").glob("*.js")} - {"widget.js", "parts.js", *INSIDE}
    made = {name: filled(name) for name in sorted(names)}
    made["parts.js"] = filled("parts.js", SUMS={Path(name).stem: integrity(script) for name, script in made.items()})
    made["widget.js"] = filled("widget.js", INTEGRITY=integrity(made["parts.js"]))
    for name, script in made.items():
        (target / name).write_text(script, encoding="utf-8")


def words(target: Path) -> None:
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in (STATIC / "widget" / "words").glob("*.json")}
    found |= {also: found[lang] for also, lang in ALSO.items() if lang in found}
    for lang, all_words in found.items():
        for folder, part in served(all_words).items():
            path = target / folder / f"{lang}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(part, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def build() -> None:
    fcntl.flock(os.open(STATIC, os.O_RDONLY), fcntl.LOCK_EX)  # until this process ends
    sources = [path for path in sorted(STATIC.rglob("*")) if path.is_file() and BUILT not in path.parents]
    state = state_of(sources)
    if (BUILT / ".state").is_file() and (BUILT / ".state").read_text() == state:
        return
    with tempfile.TemporaryDirectory(dir=STATIC, prefix=".built-") as folder:
        fresh = Path(folder) / "built"
        for path in sources:
            name = path.relative_to(STATIC)
            made_here = name.parts[0] == "widget" and ("words" in name.parts or path.suffix == ".js")
            if not made_here and path.suffix not in SPARED:
                place = fresh / name
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)
        words(fresh / "widget" / "words")
        scripts(fresh / "widget")
        compress(["-q", str(fresh)])
        (fresh / ".state").write_text(state)
        if BUILT.exists():
            BUILT.rename(Path(folder) / "before")
        fresh.rename(BUILT)


if __name__ == "__main__":
    build()
