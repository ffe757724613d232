"""What a person reads of a page: its words, and those that the page marks as machine-written."""

import codecs
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from widget_server.rules import stream_safe

SILENT = {"script", "style", "template", "noscript", "head", "svg", "select", "iframe", "object"}
"""Elements whose content nobody reads as the page's text."""
VOID = set("area base br col embed hr img input link meta source track wbr".split())
INLINE = set(
    "a abbr b bdi bdo cite code data dfn em i kbd mark q s samp small span strong sub sup time u var wbr".split()
)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_SAID = re.compile(r"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)


@dataclass(slots=True)
class Read:
    """`body`: all words of a page. `marked`: those of each element that says that a machine wrote it."""

    body: str
    marked: list[str]


def read(page: bytes, content_type: str) -> Read:
    """The words of an HTML page or plain text, as its bytes and `Content-Type` say."""
    text = stream_safe.cut(page.decode(_charset(page, content_type), "replace"))
    if "html" not in content_type and text.lstrip()[:1] != "<":
        return Read(text, [])
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return Read("".join(reader.words), ["".join(one.words) for one in reader.marked])


@dataclass(slots=True)
class _Marked:
    """An element that is marked; `depth` is how many elements it stands in."""

    depth: int
    words: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.marked: list[_Marked] = []
        self._open: list[str] = []
        self._inside: list[_Marked] = []
        self._silent: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.handle_data("\n")
        if tag in VOID:
            return
        self._open.append(tag)
        depth = len(self._open)
        if tag in SILENT:
            self._silent.append(depth)
        names = {name for name, _ in attrs}
        if tag == "machine-generated" or names & {"data-machine-generated", "ai-disclosure"}:
            self._inside.append(_Marked(depth))
            self.marked.append(self._inside[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.handle_data("\n")
        if tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        depth = len(self._open)
        self._inside = [one for one in self._inside if one.depth <= depth]
        self._silent = [one for one in self._silent if one <= depth]

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.words.append(data)
        for one in self._inside:
            one.words.append(data)


def _charset(page: bytes, content_type: str) -> str:
    said = _SAID.search(content_type)
    written = _CHARSET.search(page[:2048])
    name = said[1] if said else written[1].decode() if written else "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"
