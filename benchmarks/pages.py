"""Tables go into a page of docs/ by themselves: each stands between `<!-- its name -->` and `<!-- end -->`."""

import re
from collections.abc import Mapping
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"


def write(page: Path, found: Mapping[str, str]) -> None:
    text = page.read_text()
    for name, table in found.items():
        block = re.compile(rf"(?<=<!-- {re.escape(name)} -->\n).*?(?=<!-- end -->)", re.DOTALL)
        text, written = block.subn(lambda _, table=table: f"{table}\n", text)
        if written != 1:
            raise LookupError(f"{page.name} has {written} places for “{name}”")
    page.write_text(text)
