"""Expressions of Python that make a text, read into its pieces. Nothing of them is run."""

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from widget_server.rules import braces, templates
from widget_server.rules.naming import is_called
from widget_server.rules.pieces import Choice, Fixed, Pieces, Purse, Variable, bounded, filled, weight

_SAME = ("strip", "lstrip", "rstrip", "lower", "upper", "replace")
"""Methods that change a text too little to matter."""
_AROUND = ("dedent", "cleandoc", "Template", "str", "Markup")
"""What is called with a text, and gives it back or holds it."""
_FORMATS = {"jinja2": "jinja", "mustache": "mustache"}


LONGEST_CHAIN = 50
"""Names, calls and places that are followed from the end of a chain of them to its beginning."""
STEP = 10
"""What looking at an expression costs, in characters."""


class Reader:
    """Reads the expressions of one module. `known`: what its names stand for, of those that are set once.

    `used`: the expressions that were read through their names. `elsewhere`: what should hold text of the owner's, but
    is set where this module does not show it.
    """

    def __init__(self, known: Mapping[str, ast.expr], purse: Purse) -> None:
        self.known, self.purse = known, purse
        self.used: set[ast.expr] = set()
        self.elsewhere: list[str] = []
        self._on_the_way: list[str] = []

    def text(self, node: ast.expr | None, syntax: str = "any") -> Pieces | None:
        """The pieces of a text; None where the expression is none. Raises Unreadable."""
        self.purse.spend(STEP)
        match node:
            case ast.Constant(value=str(text)):
                self.purse.spend(len(text))
                return templates.read(text, syntax)
            case ast.JoinedStr():
                return tuple(piece for part in node.values for piece in self._part(part))
            case ast.BinOp(op=ast.Add()):
                return self._sum(node, syntax)
            case ast.BinOp(left=left, op=ast.Mod()):
                return self.text(left, "percent")
            case ast.IfExp():
                either, other = self.text(node.body, syntax), self.text(node.orelse, syntax)
                return None if either is None or other is None else (Choice((either, other)),)
            case ast.Name(id=name):
                return self.through(name, lambda value: self.text(value, syntax))
            case ast.Call():
                return self._call(node, syntax)
        return None

    def owners(self, node: ast.expr, syntax: str = "any") -> Pieces:
        """The pieces of what the owner must have written: if it is not told here, a variable."""
        found = self.text(node, syntax)
        if found is None:
            self.elsewhere.append(self._written(node))
            return (Variable(self.elsewhere[-1]),)
        return found

    def through(self, name: str, read: Callable[[ast.expr], Any]) -> Any:
        """What is read of the expression that a name stands for; None if it is not known, or leads back to itself."""
        self.purse.spend(STEP)
        node = self.known.get(name)
        if node is None or name in self._on_the_way:
            return None
        self._on_the_way.append(name)
        found = read(node)
        self._on_the_way.pop()
        if found is not None:
            self.used.add(node)
        return found

    def _part(self, node: ast.expr) -> Pieces:
        """Of an f-string: what is no placeholder for Python may still be one for whoever gets the text."""
        if isinstance(node, ast.FormattedValue):
            return self.filler(node.value)
        if not isinstance(node, ast.Constant):
            return ()
        self.purse.spend(len(str(node.value)))
        return braces.read(str(node.value), forgiving=True)

    def filler(self, node: ast.expr) -> Pieces:
        """What is put into a text: users' words, unless its name says otherwise."""
        stands_for = self.known.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(stands_for, ast.Constant) and not isinstance(stands_for.value, str):
            return (Fixed(str(stands_for.value)),)
        if _is_owners(node):
            return self.owners(node)
        found = self.text(node) if isinstance(node, ast.Constant | ast.IfExp | ast.Name) else None
        return (Variable(self._written(node)),) if found is None else found

    def _written(self, node: ast.expr) -> str:
        written = ast.unparse(node)
        self.purse.spend(len(written))
        return written

    def _sum(self, node: ast.BinOp, syntax: str) -> Pieces | None:
        before, after = self.text(node.left, syntax), self.text(node.right, syntax)
        if before is None and after is None:
            return None
        return (
            *(self.filler(node.left) if before is None else before),
            *(self.filler(node.right) if after is None else after),
        )

    def _call(self, node: ast.Call, syntax: str) -> Pieces | None:
        name, given = dotted(node.func), keywords(node)
        self.purse.spend(len(name) + len(given))
        method = node.func.value if isinstance(node.func, ast.Attribute) else None
        last = name.rpartition(".")[2]
        if "PromptTemplate" in name and not name.startswith(("Chat", "FewShot")):
            found = self.text(argument(node, "template"), syntax_of(node))
            partly = given.get("partial_variables")
            return found and self._filled(found, literal_fields(partly) if isinstance(partly, ast.Dict) else {})
        if last in ("format", "format_map") and method:
            found = self.text(method, "format")
            return found and self._filled(found, given)
        if last == "join" and method and node.args:
            return self._join(method, node.args[0])
        if last in _SAME:
            return self.text(method, syntax)
        return self.text(node.args[0], syntax) if last in _AROUND and node.args else None

    def _join(self, separator: ast.expr, parts: ast.expr) -> Pieces | None:
        between = self.text(separator, "none")
        if between is None or not isinstance(parts, ast.List | ast.Tuple):
            return None
        self.purse.spend(bounded(between) * len(parts.elts))
        found: list[Any] = []
        for part in parts.elts:
            found += [*(between if found else ()), *(self.text(part) or self.filler(part))]
        return tuple(found)

    def _filled(self, pieces: Pieces, given: Mapping[str, ast.expr]) -> Pieces:
        found = filled(pieces, _said(given))
        self.purse.spend(weight(found))
        return found


def dotted(node: ast.expr) -> str:
    """The name by which something is called: “ChatPromptTemplate.from_messages”, without the modules before it.

    With what nothing is said here: of “a(x).b” it is “a().b”. No more is looked at of a chain than anybody reads.
    """
    parts: list[str] = []
    called = ""
    for _ in range(LONGEST_CHAIN):
        match node:
            case ast.Attribute(value=value, attr=name):
                parts.append(name + called)
                node, called = value, ""
            case ast.Call(func=value) if parts:
                node, called = value, "()"
            case ast.Subscript(value=value) if parts:
                node = value
            case _:
                break
    if isinstance(node, ast.Name):
        parts.append(node.id + called)
    parts.reverse()
    classes = [place for place, part in enumerate(parts) if part[:1].isupper()]
    return ".".join(parts[classes[0] :] if classes else parts[-1:])


@lru_cache
def keywords(node: ast.Call) -> dict[str, ast.expr]:
    return {word.arg: word.value for word in node.keywords if word.arg}


def argument(node: ast.Call, *called: str) -> ast.expr | None:
    """The argument of one of these names, else the first one."""
    given = keywords(node)
    return next((given[name] for name in called if name in given), node.args[0] if node.args else None)


@lru_cache
def literal_fields(node: ast.Dict) -> dict[str, ast.expr]:
    return {
        key.value: value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def syntax_of(node: ast.Call) -> str:
    """The syntax of a template of LangChain's: str.format, unless it is told."""
    told = keywords(node).get("template_format")
    return _FORMATS.get(str(told.value), "format") if isinstance(told, ast.Constant) else "format"


def _is_owners(node: ast.expr) -> bool:
    """Whether a name is no user's: that of a constant, or of a prompt."""
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.isupper() or is_called(name)


def _said(given: Mapping[str, ast.expr]) -> dict[str, str]:
    return {
        name: value.value
        for name, value in given.items()
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
