"""The labelled text as HTML: the marked element, its label as declarative shadow DOM, and the text."""

import base64
import hashlib
from functools import cache, lru_cache
from typing import Literal
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from widget_server.rendering import files
from widget_server.rules.marking import Disclosure

Layout = Literal["block", "inline", "chat"]
Notice = Literal["held", "withdrawn"]

_RIGHT_TO_LEFT = {"ar", "he", "fa", "ur"}
_environment = Environment(
    loader=FileSystemLoader(files.TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_CONTENT, _HTML = "\x00content\x00", Markup("\x00html\x00")  # no text holds NUL


def direction(lang: str) -> str:
    return "rtl" if lang in _RIGHT_TO_LEFT else "ltr"


@cache
def style_hash() -> str:
    """The CSP source under which a host allows the style of labels that stand before any script."""
    digest = hashlib.sha256(files.widget_style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def labelled(
    html: Markup,
    disclosure: Disclosure,
    *,
    host: str,
    site: str,
    content: str,
    layout: Layout = "block",
    lang: str | None = None,
    preformatted: bool = False,
    notice: Notice | None = None,
) -> Markup:
    """The marked element around `html`.

    `notice` stands in place of a text that is held or withdrawn. `preformatted`: line breaks are the text's own.
    """
    head, *between, tail = _shell(disclosure, host, site, layout, lang, preformatted, notice)
    return Markup("".join([head, *(content + piece for piece in between), "" if notice else str(html), tail]))


@lru_cache(maxsize=1024)
def _shell(
    disclosure: Disclosure,
    host: str,
    site: str,
    layout: Layout,
    lang: str | None,
    preformatted: bool,
    notice: Notice | None,
) -> tuple[str, ...]:
    """The marked element without token and text, cut where they go: pieces between tokens, then what follows the text.

    Tokens are made of characters that HTML and addresses take as they are.
    """
    chosen = files.language(lang)
    words = files.label_words(chosen)
    label = words["label_reviewed"] if disclosure.review == "human" else words["label"]
    shell = _environment.get_template("badge.html").render(
        html=_HTML,
        disclosure=disclosure,
        content=_CONTENT,
        layout=layout,
        lang=lang,
        words=words,
        words_lang=chosen,
        words_dir=direction(chosen),
        label=words["label_chat"] if layout == "chat" else label,
        alt=label,
        style=Markup(files.widget_style()),
        about=host + "/",
        report=f"{host}/report?{urlencode({'site': site})}&content={_CONTENT}",
        preformatted=preformatted,
        notice=words[notice] if notice else None,
    )
    before, after = shell.split(_HTML)
    return (*before.split(_CONTENT), after)
