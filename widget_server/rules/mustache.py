"""Prompt templates in Mustache, and in Handlebars as far as its tags go."""

import re

from widget_server.rules.pieces import Inner, Nest, Pieces, Unreadable, Variable, as_it_stands

SIGNS = re.compile(r"\{\{~?[#^/>!=]")
"""What only these two have."""
_DELIMITERS = re.compile(r"=\s*(\S+)\s+(\S+)\s*=")


def read(source: str, inner: Inner = as_it_stands) -> Pieces:
    """The pieces of a template in Mustache. Raises Unreadable."""
    nest, done, line = Nest(), 0, 1
    opening, closing = "{{", "}}"
    while (start := source.find(opening, done)) != -1:
        nest.add(*inner(source[done:start]))
        line += source.count("\n", done, start)
        first = start + len(opening)
        last = _closing(source, first, closing)
        end = source.find(last, first)
        if end == -1:
            raise Unreadable.at(start, source, f"“{opening}” is not closed by “{last}”")
        tag = source[first:end].strip("~{ \t\r\n")
        done, begins = end + len(last), line
        line += source.count("\n", start, done)
        if delimiters := _DELIMITERS.fullmatch(tag):
            opening, closing = delimiters[1], delimiters[2]
            continue
        _take(nest, tag, source=source, at=start, line=begins)
    nest.add(*inner(source[done:]))
    return nest.end()


def _closing(source: str, first: int, closing: str) -> str:
    if source.startswith("{", first):
        return "}" + closing
    return "--" + closing if source.startswith(("!--", "~!--"), first) else closing


def _take(nest: Nest, tag: str, *, source: str, at: int, line: int) -> None:
    sign, words = tag[:1], tag[1:].split()
    if not tag:
        raise Unreadable.at(at, source, "a placeholder is empty")
    if sign in "#^" and words:
        nest.open(words[0].strip("*>"), line=line, optional=True)
    elif sign == "/" and words:
        nest.close(words[0], line=line)
    elif sign == "^" or tag.split()[0] == "else":
        if not nest.innermost:
            raise Unreadable.at(at, source, f"“{tag}” stands in no section")
        nest.otherwise(last=len(tag.split()) == 1)
    elif sign != "!":
        nest.add(Variable(tag.lstrip("&> ")))
