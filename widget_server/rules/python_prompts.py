"""Where a source in Python holds prompts.

A prompt is what is assigned to, passed as, or returned from something called a prompt, a system message, a template or
an instruction; a list of chat messages; a prompt template of LangChain's; and what stands under or before the comment
`# prompt`. `# not a prompt` says otherwise.
"""

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate

from widget_server.rules import python_messages, templates
from widget_server.rules.conversations import joined
from widget_server.rules.naming import SYSTEM, Found, is_called, is_prose, short
from widget_server.rules.pieces import Pieces, Purse, Unreadable
from widget_server.rules.python_text import Reader, dotted, keywords, literal_fields

_ASKED = ("messages", "input", "contents", "prompt", "user_prompt")
"""What goes to the model beside a system prompt: both are one prompt."""
_ASK_PEOPLE = ("input", "getpass", "option", "Option", "Prompt.ask", "Confirm.ask")
"""Functions whose “prompt” a person reads."""
MOST_STEPS = 1_000_000_000
"""Characters that Python looks at in the f-strings of a module: a second or two."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_F_STRING = re.compile(r"r?f", re.I)
_MARK = re.compile(r"#\s*(?:widget-server:\s*)?(not a )?prompt\s*$", re.I)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Expressions that make one prompt together. `sure`: it is one, whatever it looks like."""

    name: str
    nodes: tuple[ast.expr, ...]
    sure: bool = False


def find(source: str) -> list[Found]:
    """The prompts of a module, in order. Raises SyntaxError and ValueError for what is not Python."""
    tree = parsed(source)
    marks, column = _marks(source), _columns(source)
    (known, grown), purse = _assigned(tree), Purse(source)
    taken: set[ast.AST] = set()
    used: set[ast.expr] = set()
    each: list[tuple[ast.expr, Found]] = []
    for candidate in (one for node in ast.walk(tree) for one in _candidates(node, marks)):
        first, reader = candidate.nodes[0], Reader(known, purse)
        if first in taken or _mark(first, marks) is False:
            continue
        pieces, problem = _read(reader, candidate)
        if not problem and not (pieces and (candidate.sure or is_prose(pieces))):
            continue
        for node in candidate.nodes:
            taken.update(ast.walk(node))
        used |= reader.used
        name = short(candidate.name)
        elsewhere = (*map(short, reader.elsewhere), *([f"{name} +="] if candidate.name in grown else []))
        each.append((first, Found(name, *_place(first, column), pieces or (), problem, elsewhere)))
    return sorted((found for node, found in each if node not in used), key=lambda found: (found.line, found.column))


def parsed(source: str) -> ast.Module:
    """A module as Python reads it. Raises SyntaxError and ValueError.

    Up to 3.11, Python looks for each placeholder of an f-string from the string's beginning.
    """
    steps = 0
    if source.count("{") * len(source) > MOST_STEPS:
        with suppress(ValueError, SyntaxError):  # which the parser tells better
            for token in _tokens(source):
                if token.type == tokenize.STRING and _F_STRING.match(token.string):
                    steps += token.string.count("{") * len(token.string)
    if steps > MOST_STEPS:
        raise ValueError("its f-strings hold more placeholders than anybody reads")
    return ast.parse(source)


def _read(reader: Reader, candidate: _Candidate) -> tuple[Pieces | None, str]:
    """The pieces of all expressions, None if the first one makes no text, and why they cannot be read."""
    first, *others = candidate.nodes
    try:
        pieces = python_messages.prompt(reader, first)
        if others and pieces is None:
            pieces = reader.owners(first)
        each = [pieces, *(python_messages.prompt(reader, node) for node in others)]
    except Unreadable as error:
        strings = [node for node in ast.walk(first) if isinstance(node, ast.Constant)]
        return tuple(piece for node in strings for piece in templates.measured(str(node.value))), str(error)
    return None if pieces is None else joined([found or () for found in each], "\n"), ""


def _candidates(node: ast.AST, marks: Mapping[int, bool]) -> Iterator[_Candidate]:
    match node:
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
            yield from _assignment(_name(target), value, marks)
        case ast.Call():
            called = dotted(node.func)
            if "PromptTemplate" in called:
                yield _Candidate(called, (node,), sure=True)
            if called not in _ASK_PEOPLE:
                yield from _given(keywords(node))
            yield from (_Candidate("argument", (each,), sure=True) for each in node.args if _mark(each, marks))
        case ast.Dict():
            yield from _given(literal_fields(node))
        case ast.List() if any(python_messages.is_message(one) for one in node.elts):
            yield _Candidate("messages", (node,), sure=True)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _of_function(node)
        case ast.Return(value=ast.expr() as value) if _mark(value, marks):
            yield _Candidate("return", (value,), sure=True)


def _assignment(name: str, value: ast.expr, marks: Mapping[int, bool]) -> Iterator[_Candidate]:
    if _mark(value, marks):
        yield _Candidate(name, (value,), sure=True)
    elif is_called(name):
        whole = short(name)
        if isinstance(value, ast.Dict) and "role" not in literal_fields(value):
            yield from (_Candidate(f"{whole}[{key!r}]", (one,)) for key, one in literal_fields(value).items())
        elif isinstance(value, ast.List | ast.Tuple | ast.Set):
            yield from (_Candidate(f"{whole}[{place}]", (one,)) for place, one in enumerate(value.elts))
        yield _Candidate(name, (value,))


def _given(given: Mapping[str, ast.expr]) -> Iterator[_Candidate]:
    """What is passed by name, or stands under its name in a dictionary. The system's part belongs to what is asked."""
    system = next((name for name in SYSTEM if name in given), "")
    asked = tuple(given[name] for name in _ASKED if name in given) if system else ()
    if asked:
        yield _Candidate(system, (given[system], *asked))
    for name, value in given.items():
        if name == "messages" or is_called(name):
            yield _Candidate(name, (value,))


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[_Candidate]:
    """What a function called a prompt returns, and the defaults of such parameters."""
    parameters = [*node.args.posonlyargs, *node.args.args]
    defaults = zip(parameters[::-1], node.args.defaults[::-1], strict=False)
    for parameter, default in (*defaults, *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)):
        if default and is_called(parameter.arg):
            yield _Candidate(parameter.arg, (default,))
    checked = any(
        dotted(mark.func if isinstance(mark, ast.Call) else mark) == "prompt_checked" for mark in node.decorator_list
    )
    if checked or is_called(node.name):
        returns = (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)
        yield from (_Candidate(node.name, (value,), sure=checked) for value in returns)


def _assigned(tree: ast.Module) -> tuple[dict[str, ast.expr], set[str]]:
    """What names stand for, of those that are set exactly once, and those to which more is added later."""
    stores = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    stores.update(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
    values = {
        _name(node.targets[0] if isinstance(node, ast.Assign) else node.target): node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
    }
    grown = {_name(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    return {name: value for name, value in values.items() if stores[name] == 1}, grown


def _marks(source: str) -> dict[int, bool]:
    """Lines that a comment says to be a prompt, or not: its own line, or if it stands alone, the next."""
    found = {}
    for token in _tokens(source):
        if token.type == tokenize.COMMENT and (said := _MARK.search(token.string)):
            alone = token.line.lstrip().startswith("#")
            found[token.start[0] + alone] = said[1] is None
    return found


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except tokenize.TokenError as error:
        raise ValueError(str(error)) from None


def _mark(node: ast.expr, marks: Mapping[int, bool]) -> bool | None:
    return marks.get(node.lineno, marks.get(node.end_lineno or node.lineno))


def _name(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""


def _place(node: ast.expr, column: Callable[[int, int], int]) -> tuple[int, int, int, int]:
    end_line = node.end_lineno or node.lineno
    return (
        node.lineno,
        column(node.lineno, node.col_offset),
        end_line,
        column(end_line, node.end_col_offset or 0),
    )


def _columns(source: str) -> Callable[[int, int], int]:
    """Columns in characters, from 1, of Python's own, which are bytes, from 0. A line is looked through once."""
    lines = _LINE_END.split(source)
    begins: dict[int, list[int]] = {}

    def column(line: int, offset: int) -> int:
        text = lines[line - 1]
        if text.isascii():
            return offset + 1
        if line not in begins:
            begins[line] = list(accumulate((len(character.encode()) for character in text), initial=0))
        return bisect_right(begins[line], offset)

    return column
