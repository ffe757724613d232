"""A model's text, in any of three formats, as HTML that can do nothing but be read."""

import hashlib
import html
import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import nh3
from markupsafe import Markup, escape

from widget_server.rendering import markdown, markup

Format = Literal["text", "markdown", "html"]

_TAGS = set(
    "a abbr b bdi bdo blockquote br caption cite code dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li mark "
    "ol p pre q rt ruby s samp small span strong sub sup table tbody td tfoot th thead time tr u ul var wbr".split()
)
"""Without `rp`, whose words browsers hide: without it they stand in the text for everybody."""
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
MOST_PASSES = 3
DEEPEST = 50
"""Elements in each other. People write a dozen."""
MOST_GROWN = 10
"""How many times as long HTML may become when it is mended: what nobody closes is opened again in every paragraph."""
_PRE = re.compile(r"(<pre[^>]*>)\n")
_PIECE = re.compile(r'<(/?)(ol|ul|dl|li|dd|dt)((?: [a-z]+="[^"]*")*)>')
_LISTS = {"li": ("ol", "ul"), "dd": ("dl",), "dt": ("dl",)}
_LINK, _TITLE = re.compile(r'<a [^>]*href="([^"]*)"'), re.compile(r'<[^>]* title="([^"]*)"')
_READ_OTHERWISE = re.compile(r'<(?:bdi|bdo|caption|del|rt|s|sub|sup|table|tfoot)[ >]|<[^>]* dir="')


@dataclass(frozen=True, slots=True)
class Passage:
    """Safe HTML and its text content, as a browser will compute it."""

    html: Markup
    text: str

    @property
    def html_sha256(self) -> str:
        """The identity of exactly these words with exactly these links and marks."""
        return hashlib.sha256(self.html.encode()).hexdigest()

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return sorted({html.unescape(link) for link in _LINK.findall(self.html)})

    @property
    def titles(self) -> list[str]:
        """What shows where a pointer rests."""
        return sorted({html.unescape(title) for title in _TITLE.findall(self.html)})

    @property
    def reads_otherwise(self) -> bool:
        """Whether its words alone may say something else than with marks: struck out, raised, in another order."""
        return _READ_OTHERWISE.search(self.html) is not None


def sanitise(text: str, format: Format) -> Passage:  # noqa: A002 (the public argument's name)
    """Plain text stays as it is. Markdown and HTML keep their structure; what acts, loads or has an id does not."""
    if format == "text":
        return Passage(escape(text), text)
    source = markdown.render(text) if format == "markdown" else _shallow(text)
    cleaned = _clean(source)
    if len(cleaned) > MOST_GROWN * (len(source) + 1000):
        cleaned = escape(markup.words(source))
    # What a browser would rearrange is rearranged here, so that both see the same text in the same places.
    for _ in range(MOST_PASSES):
        cleaned, before = _clean(_listed(cleaned)), cleaned
        if cleaned == before:
            break
    # A parser drops the first line feed in <pre>; written twice, the text's own one stays.
    safe = _PRE.sub(r"\1\n\n", cleaned)
    return Passage(Markup(safe), html.unescape(nh3.clean(safe, tags=set())))


def _shallow(source: str) -> str:
    """HTML of which a parser makes too much is its words alone: what stands in n elements takes n² steps to read."""
    if source.count("<") <= DEEPEST:
        return source
    if markup.depth(source) <= DEEPEST and markup.most_made(source) <= markup.MANY:
        return source
    return escape(markup.words(source))


def _listed(cleaned: str) -> str:
    """Items of no list are blocks: as items they would end an item of the page's own, in which the text stands."""
    opened: Counter[str] = Counter()

    def kept(piece: re.Match[str]) -> str:
        ends, name, attributes = piece.groups()
        if name not in _LISTS:
            opened[name] += -1 if ends else 1
        elif not any(opened[one] for one in _LISTS[name]):
            return f"<{ends}div{attributes}>"
        return piece[0]

    return _PIECE.sub(kept, cleaned)


def _clean(source: str) -> str:
    return nh3.clean(
        source,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
