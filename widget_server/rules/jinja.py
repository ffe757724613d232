"""Prompt templates in Jinja, read by Jinja's own lexer: nothing of them is run."""

from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError

from widget_server.rules.pieces import Inner, Nest, Pieces, Unreadable, Variable, as_it_stands

_environment = Environment(
    autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.i18n", "jinja2.ext.loopcontrols"], cache_size=0
)
_PERHAPS = {"if", "for", "macro", "set"}
"""Blocks whose text stands in some prompts, or nowhere."""

Sign = tuple[int, str, list[str]]
"""The line, what it is (data, raw, variable, block), and its text or words."""


def read(source: str, inner: Inner = as_it_stands) -> Pieces:
    """The pieces of a template in Jinja. Raises Unreadable."""
    try:
        signs = list(_signs(source))
        _parse(source)
    except TemplateSyntaxError as error:
        raise Unreadable(error.message or "it is not Jinja", line=error.lineno) from None
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(f"it is not Jinja: {error}") from None
    closed = {
        words[0].removeprefix("end") for _, kind, words in signs if kind == "block" and words[0].startswith("end")
    }
    nest = Nest()
    for line, kind, words in signs:
        if kind == "raw":
            nest.add(*as_it_stands(words[0]))
        elif kind == "data":
            nest.add(*inner(words[0]))
        elif kind == "variable":
            nest.add(Variable("".join(words)))
        else:
            _take(nest, words, line=line, closed=closed)
    return nest.end()


def _take(nest: Nest, words: list[str], *, line: int, closed: set[str]) -> None:
    tag = words[0]
    if tag.startswith("end"):
        nest.close(tag.removeprefix("end"), line=line)
    elif tag in ("else", "elif") and nest.innermost in _PERHAPS:
        nest.otherwise(last=tag == "else")
    elif tag in closed and not (tag == "set" and "=" in words):
        nest.open(tag, line=line, optional=tag in _PERHAPS)


def _parse(source: str) -> None:
    """Jinja's parser knows more than its lexer; but tags that it does not know may be somebody's own."""
    try:
        _environment.parse(source)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except TemplateSyntaxError as error:
        if not (error.message or "").startswith("Encountered unknown tag"):
            raise


def _signs(source: str) -> Iterator[Sign]:
    began, words, raw = 0, [""], False
    for line, kind, text in _environment.lex(source):
        if kind == "data":
            yield line, "raw" if raw else "data", [text]
        elif kind in ("raw_begin", "raw_end"):
            raw = kind == "raw_begin"
        elif kind in ("variable_begin", "block_begin"):
            began, words = line, []
        elif kind in ("variable_end", "block_end"):
            yield began, kind.removesuffix("_end"), words or [""]
            began = 0
        elif kind != "whitespace" and not kind.startswith("comment"):
            words.append(text)
    if began:
        raise Unreadable("a placeholder or tag is not closed", line=began)
