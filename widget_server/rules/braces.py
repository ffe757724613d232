"""Prompt templates whose syntax nobody states: what would be a placeholder in any of the usual ones is one.

Braces that can only be text (JSON, code) stay text, and the doubled ones of str.format count once.
"""

import re
from itertools import takewhile

from widget_server.rules.pieces import Fixed, Piece, Pieces, Unreadable, Variable

_SIGN = re.compile(r"\$\$|\$\{|\$(?=[^\W\d])|\{\{\{|\{\{|\{|\}\}")
_NAME = re.compile(r"(?:\w|[^\x00-\x7f])+")
_DOLLAR = re.compile(r"\$\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_TRIPLE = re.compile(r"\{\{\{\s*+&?\s*+([^\W\d][\w.\-]*+)\s*+\}\}\}")
_OPENING = re.compile(r"\{\{[-+~]?\s*([^\W\d]|[#/^&>!@$]|\.(?!\.)|[\"'](?![^\"'\n]*[\"']\s*:))")
_NEXT = re.compile(r"\{\{|\}\}")
# {name}, {0}, {}, {user.name!r:>{width}}, {a[0]}, { name }, {your question}, {a{b}}
_FIELD = re.compile(
    r"\{\s*+(\w(?:[\w\s.\-]|[^\x00-\x7f]|\[[^\[\]{}]*\]|\{[^{}]*\})*+)?(?:![rsa])?\s*+(?::(?:[^{}]|\{[^{}]*\})*+)?\}"
)
_TAG = re.compile(r"\{%[^{}]*%\}|\{#[^{}]*#\}")


def read(source: str, *, forgiving: bool = False) -> Pieces:
    """The pieces of a template. Raises Unreadable where a placeholder begins and does not end.

    `forgiving`: such a beginning is text instead, so that what cannot be read can still be measured.
    """
    return _Scan(_TAG.sub("", source) if forgiving else source, forgiving=forgiving).pieces


class _Scan:
    def __init__(self, source: str, *, forgiving: bool) -> None:
        self.source, self.forgiving = source, forgiving
        self.found: list[Piece] = []
        self.doubled = 0
        self.last = source.rfind("}")
        done = 0
        while sign := _SIGN.search(source, done):
            self._text(source[done : sign.start()])
            done = _TAKE[sign[0]](self, sign.start())
        self._text(source[done:])

    @property
    def pieces(self) -> Pieces:
        return tuple(self.found)

    def _text(self, text: str) -> None:
        if text:
            self.found.append(Fixed(text))

    def _variable(self, match: re.Match[str], name: str) -> int:
        self.found.append(Variable(name))
        return match.end()

    def _literal(self, at: int, text: str, *, length: int) -> int:
        self._text(text)
        return at + length

    def _unclosed(self, at: int, text: str, why: str = "is not closed") -> int:
        if not self.forgiving:
            raise Unreadable.at(at, self.source, f"“{text}” {why}; if it is meant as text, state the syntax")
        return self._literal(at, text, length=len(text))

    def escaped_dollar(self, at: int) -> int:
        return self._literal(at, "$", length=len("$$"))

    def dollar(self, at: int) -> int:
        """A name in any script; `\\w` knows letters, but not the vowel signs of Indic ones."""
        longest = _NAME.match(self.source, at + 1)
        name = "".join(takewhile(lambda sign: f"_{sign}".isidentifier(), longest[0] if longest else ""))
        self.found.append(Variable(name))
        return at + len("$") + len(name)

    def dollar_brace(self, at: int) -> int:
        if match := _DOLLAR.match(self.source, at):
            return self._variable(match, match[1].strip())
        return self._unclosed(at, "${")

    def triple(self, at: int) -> int:
        if match := _TRIPLE.match(self.source, at):
            return self._variable(match, match[1])
        return self.double(at)

    def double(self, at: int) -> int:
        if not _OPENING.match(self.source, at):
            self.doubled += 1
            return self._literal(at, "{", length=len("{{"))
        following = _NEXT.search(self.source, at + len("{{"))
        if following is None:
            return self._unclosed(at, "{{")
        if following[0] == "{{":
            return self._unclosed(at, "{{", "begins a placeholder in which another one begins")
        return self._variable(following, self.source[at + len("{{") : following.start()].strip("-+~ \t\r\n"))

    def single(self, at: int) -> int:
        if match := _FIELD.match(self.source, at):
            return self._variable(match, (match[1] or "").strip())
        if _NAME.match(self.source, at + 1) and at > self.last:
            return self._unclosed(at, "{")
        return self._literal(at, "{", length=1)

    def closing(self, at: int) -> int:
        """A doubled brace that closes one that was doubled."""
        text = "}" if self.doubled else "}}"
        self.doubled -= bool(self.doubled)
        return self._literal(at, text, length=len("}}"))


_TAKE = {
    "$$": _Scan.escaped_dollar,
    "${": _Scan.dollar_brace,
    "$": _Scan.dollar,
    "{{{": _Scan.triple,
    "{{": _Scan.double,
    "{": _Scan.single,
    "}}": _Scan.closing,
}
