"""Expressions of Python that make a conversation: lists of messages, and LangChain's calls."""

import ast
from collections.abc import Iterable

from widget_server.rules.conversations import LATER, USERS, joined
from widget_server.rules.pieces import MOST_FILLED, Pieces, Variable, filled, weight
from widget_server.rules.python_text import Reader, argument, dotted, keywords, literal_fields, syntax_of

_CLASSES = {
    "System": "system",
    "Human": "user",
    "User": "user",
    "AI": "assistant",
    "MessagesPlaceholder": "placeholder",
}


def prompt(reader: Reader, node: ast.expr | None, syntax: str = "any") -> Pieces | None:
    """The pieces of whatever makes a prompt; None where the expression makes none. Raises Unreadable."""
    if node is None:
        return None
    found = conversation(reader, node, syntax)
    return reader.text(node, syntax) if found is None else found


def conversation(reader: Reader, node: ast.expr, syntax: str = "any") -> Pieces | None:
    """The pieces of a list of messages; None where the expression is none. Raises Unreadable."""
    match node:
        case ast.List(elts=messages) | ast.Tuple(elts=messages):
            return _listed(reader, messages, syntax)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            before, after = conversation(reader, left, syntax), conversation(reader, right, syntax)
            return None if before is None and after is None else joined([before or (), after or ()], "\n")
        case ast.Name(id=name):
            return reader.through(name, lambda value: conversation(reader, value, syntax))
        case ast.Dict() if is_message(node):
            return _message(reader, node, syntax)
        case ast.Call():
            return _call(reader, node)
    return None


def _listed(reader: Reader, messages: list[ast.expr], syntax: str) -> Pieces | None:
    shown = (reader.known.get(one.id, one) if isinstance(one, ast.Name) else one for one in messages)
    if not any(is_message(one, syntax) for one in shown):
        return None
    return joined((_message(reader, one, syntax) for one in messages), "\n")


def is_message(node: ast.expr, syntax: str = "any") -> bool:
    """A pair of a role and a text is one for LangChain only, whose templates are in str.format's syntax."""
    match node:
        case ast.Dict():
            return "role" in literal_fields(node)
        case ast.Call():
            return "Message" in dotted(node.func)
        case ast.Tuple(elts=[ast.Constant(value=str()), _]):
            return syntax == "format"
    return False


def _message(reader: Reader, node: ast.expr, syntax: str) -> Pieces:
    match node:
        case ast.Dict():
            fields = literal_fields(node)
            return _said(reader, fields.get("role"), fields.get("content", fields.get("parts")), syntax)
        case ast.Tuple(elts=[role, content]):
            return _said(reader, role, content, syntax)
        case ast.Call():
            return _message_call(reader, node, syntax)
        case ast.Name() if found := reader.through(node.id, lambda value: _message(reader, value, syntax)):
            return found
    return reader.filler(node.value if isinstance(node, ast.Starred) else node)


def _said(reader: Reader, role: ast.expr | None, content: ast.expr | None, syntax: str) -> Pieces:
    name = role.value.lower() if isinstance(role, ast.Constant) and isinstance(role.value, str) else ""
    if not name or name in (*USERS, *LATER) or content is None:
        return (Variable(""),)
    if isinstance(content, ast.List):
        return joined(_parts(reader, content.elts, syntax), "")
    return reader.owners(content, syntax)


def _parts(reader: Reader, parts: list[ast.expr], syntax: str) -> Iterable[Pieces]:
    for part in parts:
        text = literal_fields(part).get("text") if isinstance(part, ast.Dict) else part
        yield reader.owners(text, syntax) if text else ()


def _message_call(reader: Reader, node: ast.Call, syntax: str) -> Pieces:
    name = dotted(node.func)
    role = next((role for begin, role in _CLASSES.items() if name.startswith(begin)), "")
    content = argument(node, "content", "template", "prompt")
    return _said(reader, ast.Constant(role), content, syntax_of(node) if "Template" in name else syntax)


def _call(reader: Reader, node: ast.Call) -> Pieces | None:
    name = dotted(node.func)
    if name in ("ChatPromptTemplate", "ChatPromptTemplate.from_messages"):
        messages = argument(node, "messages")
        return conversation(reader, messages, syntax_of(node)) if messages else None
    if name == "ChatPromptTemplate.from_template":
        return reader.text(argument(node, "template"), syntax_of(node))
    return _few_shot(reader, node) if name.startswith("FewShotPrompt") else None


def _few_shot(reader: Reader, node: ast.Call) -> Pieces:
    given = keywords(node)
    before, after = (reader.text(given.get(name), syntax_of(node)) or () for name in ("prefix", "suffix"))
    shape = reader.text(given.get("example_prompt")) or ()
    between = given.get("example_separator")
    separator = between.value if isinstance(between, ast.Constant) else "\n\n"
    shown = (filled(shape, example) for example in _examples(reader, given.get("examples")))
    found = joined([before, joined(shown, str(separator), most=MOST_FILLED), after], str(separator))
    reader.purse.spend(weight(found))
    return found


def _examples(reader: Reader, node: ast.expr | None) -> list[dict[str, str]]:
    if isinstance(node, ast.Name):
        return reader.through(node.id, lambda value: _examples(reader, value)) or []
    try:
        each = ast.literal_eval(node) if node else []
    except (ValueError, TypeError, SyntaxError):
        return []
    reader.purse.spend(len(str(each)))
    return [
        {name: text for name, text in one.items() if isinstance(text, str)} for one in each if isinstance(one, dict)
    ]
