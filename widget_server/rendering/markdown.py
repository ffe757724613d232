"""Markdown as HTML, at a price that grows with the text alone.

Each level of quotes reads all its lines again, and a table fills up its short rows. What goes beyond our bounds is
shown as it is written: markdown-it itself would leave out what is nested too deeply.
"""

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block, table

MOST_QUOTES, MOST_LISTS = 4, 7
"""In each other; together they stay below markdown-it's own bound, 20 levels, of which a list has two."""
MOST_MISSING = 1000
"""Cells that are not written and that all tables of a text may have."""
TABLES, MISSING = "tables", "missing"

Rule = Callable[[StateBlock, int, int, bool], bool]


def render(text: str) -> str:
    return _markdown.render(text)


def _bounded(name: str, rule: Rule, most: int) -> Rule:
    """The rule, as long as it is not in so many of its kind."""

    def bounded(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        depth = state.env.get(name, 0)
        if depth >= most:
            return False
        if silent:
            return rule(state, line, end, True)
        state.env[name] = depth + 1
        try:
            return rule(state, line, end, False)
        finally:
            state.env[name] = depth

    return bounded


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """From the first table on that has too many cells missing, none is one."""
    if not state.env.get(TABLES, True) or not table(state, line, end, True):
        return False
    missing = state.env.get(MISSING, 0) + _missing(state, line, end)
    if missing > MOST_MISSING:
        state.env[TABLES] = False
        return False
    if silent:
        return True
    state.env[MISSING] = missing
    return table(state, line, end, False)


def _missing(state: StateBlock, first: int, end: int) -> int:
    """How many cells a table lacks at most: an escaped mark is none of one."""
    columns = state.src.count("|", state.bMarks[first + 1], state.eMarks[first + 1]) + 1
    found = 0
    for line in range(first + 2, end):
        if state.isEmpty(line) or found > MOST_MISSING:
            break
        found += max(0, columns - 1 - state.src.count("|", state.bMarks[line], state.eMarks[line]))
    return found


def _made() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    alike: dict[str, tuple[Rule, list[str]]] = {
        "blockquote": (
            _bounded("quotes", blockquote, MOST_QUOTES),
            ["paragraph", "reference", "blockquote", "list"],
        ),
        "list": (_bounded("lists", list_block, MOST_LISTS), ["paragraph", "reference", "blockquote"]),
        "table": (_table, ["paragraph", "reference"]),
    }
    for name, (rule, ends) in alike.items():
        markdown.block.ruler.at(name, rule, {"alt": ends})
    return markdown


_markdown = _made()
