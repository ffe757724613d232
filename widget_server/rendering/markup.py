"""A page's tags and words, one after the other: read once from its beginning to its end, whatever stands there.

Parsers that build a tree take n² steps for what is nested or never closed, also those written in Rust or C. Here a
tag that does not end is the end of the page, as it is in a browser.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

RAW = set("iframe noembed noframes noscript script style textarea title xmp".split())
"""Elements in which nothing is a tag but their own end."""
VOID = set("area base br col embed hr img input link meta source track wbr".split())
_UNCLOSED = VOID | set("dd dt li option p rp rt tbody td tfoot th thead tr".split())
"""Elements that stand in no other of their kind but in what is counted itself."""
_OPENS = re.compile(r"<(?:/?[a-zA-Z]|[!?/])")
_NAME = re.compile(r"[^\t\n\f\r />]*")
_ATTRIBUTE = re.compile(r"[\t\n\f\r /]*([^\t\n\f\r />][^\t\n\f\r />=]*)[\t\n\f\r ]*(=[\t\n\f\r ]*)?")
_BARE = re.compile(r"[^\t\n\f\r >]*")
_COMMENT_ENDS = re.compile(r"--!?>")
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE) for name in RAW}
_NUMBER = re.compile(r"&#0*([0-9]{1,8})[0-9]*")


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of an element, with the names of its attributes."""

    tag: str
    attributes: set[str]


@dataclass(frozen=True, slots=True)
class End:
    """The end of an element."""

    tag: str


def pieces(page: str) -> Iterator[Start | End | str]:
    """What a page consists of; comments and the like are left out."""
    at: int | None = 0
    while at is not None:
        opens = _OPENS.search(page, at)
        if between := page[at : opens.start() if opens else None]:
            yield _text(between)
        if opens is None:
            return
        if not opens[0][-1].isalpha():
            at = _after_comment(page, opens.start())
            continue
        named = _NAME.match(page, opens.end() - 1)
        assert named  # noqa: S101 (it takes nothing, too)
        tag, ends = named[0].lower(), opens[0] == "</" + opens[0][-1]
        attributes, at, closed = _attributes(page, named.end())
        if at is None:
            return
        if not ends:
            yield Start(tag, attributes)
        if ends or closed:
            yield End(tag)
        elif tag in RAW:
            over = _RAW_ENDS[tag].search(page, at)
            yield _text(page[at : over.start() if over else None])
            at = over.start() if over else None


def depth(page: str) -> int:
    """In how many elements something stands that are to be closed, where it is most."""
    deepest, opened, often = 0, list[str](), Counter[str]()
    for piece in pieces(page):
        if isinstance(piece, str) or piece.tag in _UNCLOSED:
            continue
        if isinstance(piece, Start):
            opened.append(piece.tag)
            often[piece.tag] += 1
            deepest = max(deepest, len(opened))
            continue
        while often[piece.tag] and opened:
            often[closed := opened.pop()] -= 1
            if closed == piece.tag:
                break
    return deepest


def words(page: str) -> str:
    """What is no tag, nor in an element in which nothing is one."""
    found, before = [], None
    for piece in pieces(page):
        if isinstance(piece, str) and not (isinstance(before, Start) and before.tag in RAW):
            found.append(piece)
        before = piece
    return "".join(found)


def _attributes(page: str, at: int) -> tuple[set[str], int | None, bool]:
    """The names of a tag's attributes, where the tag is over (None: it is not), and whether it closes itself."""
    names = set()
    while named := _ATTRIBUTE.match(page, at):
        names.add(named[1].lower())
        at = named.end()
        if named[2] is None:
            continue
        if (quote := page[at : at + 1]) in ('"', "'"):
            at = page.find(quote, at + 1) + 1
            if not at:
                return names, None, False
        elif bare := _BARE.match(page, at):
            at = bare.end()
    over = page.find(">", at)
    return names, over + 1 or None, page[over - 1] == "/" and over > at


def _after_comment(page: str, at: int) -> int | None:
    if not page.startswith("<!--", at):
        return page.find(">", at + 2) + 1 or None
    if page.startswith((">", "->"), at + 4):
        return page.index(">", at + 4) + 1
    over = _COMMENT_ENDS.search(page, at + 4)
    return over.end() if over else None


def _text(written: str) -> str:
    """What is written with entities. Numbers of thousands of digits are shortened: they are no character anyway."""
    return html.unescape(_NUMBER.sub(r"&#\1", written)) if "&" in written else written
