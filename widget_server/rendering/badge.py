"""The labelled text as HTML: the marked element, its label as declarative shadow DOM, and the text."""

import base64
import hashlib
from datetime import date
from functools import cache, lru_cache
from typing import Literal
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from widget_server.rendering import files, placing, wording
from widget_server.rules.marking import Disclosure
from widget_server.rules.wording import Own

Layout = Literal["block", "inline", "chat"]
Notice = Literal["held", "withdrawn"]

_environment = Environment(
    loader=FileSystemLoader(files.TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_CONTENT, _HTML = "\x00content\x00", Markup("\x00html\x00")  # no text holds NUL


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
    links: bool = True,
    notice: Notice | None = None,
    own: Own = (),
    day: date | None = None,
    edited: bool = False,
    answers: str = "",
    note: str = "",
) -> Markup:
    """The marked element around `html`, which stays in it wherever it is put (rendering/placing.py).

    In the layout `inline` blocks are lines. `links`: whether the text's links lead anywhere.
    `notice` stands in place of a text that is held or withdrawn. `preformatted`: line breaks are the text's own.
    `own`: the site's own words in the language that is nearest to `lang`. `day`: when the text was made.
    `edited`: a person has changed it. `answers`: who answers for it. `note`: a moderator's public word about it.
    """
    head, *between, tail = _shell(
        disclosure, host, site, layout, lang, preformatted, notice, own, day, edited, answers, note
    )
    shown = Markup() if notice else html
    if not links:
        shown = placing.unlinked(shown)
    if layout == "inline":
        shown = placing.phrased(shown)
    before, after = placing.around(shown)
    return Markup("".join([before, head, *(content + piece for piece in between), shown, tail, after]))


@lru_cache(maxsize=1024)
def _shell(
    disclosure: Disclosure,
    host: str,
    site: str,
    layout: Layout,
    lang: str | None,
    preformatted: bool,
    notice: Notice | None,
    own: Own,
    day: date | None,
    edited: bool,
    answers: str,
    note: str,
) -> tuple[str, ...]:
    """The marked element without token and text, cut where they go: pieces between tokens, then what follows the text.

    Tokens are made of characters that HTML and addresses take as they are.
    """
    words = wording.merged(files.language(lang), own)
    label = words["label"]["label_reviewed" if disclosure.review == "human" else "label"]
    notices = {"held": words["page"]["held"], "withdrawn": words["details"]["withdrawn"]}
    shell = _environment.get_template("badge.html").render(
        html=_HTML,
        disclosure=disclosure,
        content=_CONTENT,
        layout=layout,
        lang=lang,
        words=words,
        label=words["label"]["label_chat"] if layout == "chat" else label,
        alt=label,
        style=Markup(files.widget_style()),
        about=f"{host}/about?lang={words['lang']}",
        report=f"{host}/report?{urlencode({'site': site})}&content={_CONTENT}",
        preformatted=preformatted,
        notice=notices[notice] if notice else None,
        day=day,
        edited=edited,
        answers=answers,
        note=note,
    )
    before, after = shell.split(_HTML)
    return (*before.split(_CONTENT), after)
