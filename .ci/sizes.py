"""What a stranger's page pays, in bytes after brotli (the highest level, as it is served), against what we promise."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import brotli

from widget_server.rules import harms

ROOT = Path(__file__).resolve().parent.parent
WIDGET = ROOT / "static" / "built" / "widget"

KIB = 1024
HARMS = json.dumps(harms.for_widget(mail=True), separators=(",", ":")).encode()


def size(content: bytes) -> int:
    return len(brotli.compress(content, quality=11))


def file(name: str) -> int:
    return size((WIDGET / name).read_bytes())


def largest(folder: str) -> str:
    """The language whose words weigh the most: the promise holds for every reader."""
    return (
        max((WIDGET / folder).glob("*.json"), key=lambda path: size(path.read_bytes())).relative_to(WIDGET).as_posix()
    )


def main() -> int:
    label, dialog = largest("words"), largest("words/dialog")
    parts = ("parts.js", "report.js", dialog)
    budgets = [
        ("widget.js", file("widget.js"), 3.5 * KIB),
        (f"before interaction, largest language: widget.js + {label}", file("widget.js") + file(label), 3.5 * KIB),
        (
            f"the dialog, largest language: {' + '.join(parts)} + harms.json",
            sum(map(file, parts)) + size(HARMS),
            8 * KIB,
        ),
    ]
    for name, found, allowed in budgets:
        print(f"{'ok ' if found <= allowed else 'BIG'} {found:6} of {allowed:.0f} bytes  {name}")
    return 1 if any(found > allowed for _, found, allowed in budgets) else 0


if __name__ == "__main__":
    sys.exit(main())
