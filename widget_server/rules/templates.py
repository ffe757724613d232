"""The syntaxes of prompt templates: a text and the name of its syntax in, its pieces out."""

import re
from collections.abc import Callable, Iterator
from string import Formatter, Template

from widget_server.rules import braces, jinja, mustache
from widget_server.rules.pieces import Fixed, Piece, Pieces, Unreadable, Variable, as_it_stands

_COMMENT = re.compile(r"(?<!\{)\{#")
_PERCENT = re.compile(r"%%|%(?:\((\w+)\))?[#0\- +]*+(?:\*|\d++)?(?:\.(?:\*|\d++))?[diouxXeEfFgGcrsa]")
_DEEPEST = 2
"""As for str.format: {value:{width}}, and no deeper."""
_WORDS = {"expected '}' before end of string": "“{” is not closed"}


def read(text: str, syntax: str = "any") -> Pieces:
    """The pieces of a template. Raises Unreadable where its syntax does not allow it."""
    return SYNTAXES[syntax](text)


def measured(text: str) -> Pieces:
    """The pieces of a template that cannot be read, as well as they can be told."""
    return braces.read(text, forgiving=True)


def any_of_them(text: str) -> Pieces:
    """Jinja where there are its tags or comments, Mustache where there are its sections; in both and in all others,
    what any syntax takes for a placeholder is one."""
    comment = _COMMENT.search(text)
    if "{%" in text or (comment and "#}" in text[comment.end() :]):
        return jinja.read(text, braces.read)
    if mustache.SIGNS.search(text):
        return mustache.read(text, braces.read)
    if comment and "}" not in text[comment.end() :]:
        raise Unreadable.at(comment.start(), text, "“{#” is not closed; if it is meant as text, state the syntax")
    return braces.read(text)


def str_format(text: str) -> Pieces:
    """What str.format reads, and LangChain's “f-string”."""
    try:
        return tuple(_fields(text, deep=0))
    except ValueError as error:
        raise Unreadable(_WORDS.get(str(error), str(error))) from None


def dollar(text: str) -> Pieces:
    """What string.Template reads. A dollar sign that begins no name is text, as for `safe_substitute`."""
    found: list[Piece] = []
    done = 0
    for sign in Template.pattern.finditer(text):
        found += as_it_stands(text[done : sign.start()])
        done = sign.end()
        if name := sign["named"] or sign["braced"]:
            found.append(Variable(name))
        elif text.startswith("${", sign.start()):
            raise Unreadable.at(sign.start(), text, "“${” does not begin a placeholder that ends with “}”")
        else:
            found.append(Fixed("$"))
    return (*found, *as_it_stands(text[done:]))


def percent(text: str) -> Pieces:
    """What the operator % reads."""
    found: list[Piece] = []
    done = 0
    for sign in _PERCENT.finditer(text):
        found += as_it_stands(text[done : sign.start()])
        done = sign.end()
        found.append(Fixed("%") if sign[0] == "%%" else Variable(sign[1] or ""))
    return (*found, *as_it_stands(text[done:]))


def _fields(text: str, *, deep: int) -> Iterator[Piece]:
    if deep == _DEEPEST:
        raise ValueError("a placeholder within a placeholder’s format holds another one")
    for literal, name, spec, _ in Formatter().parse(text):
        yield from as_it_stands(literal)
        if name is not None:
            yield Variable(name)
            yield from (piece for piece in _fields(spec, deep=deep + 1) if isinstance(piece, Variable)) if spec else ()


SYNTAXES: dict[str, Callable[[str], Pieces]] = {
    "any": any_of_them,
    "format": str_format,
    "jinja": jinja.read,
    "mustache": mustache.read,
    "dollar": dollar,
    "percent": percent,
    "none": as_it_stands,
}
"""By the names under which a syntax is stated."""
