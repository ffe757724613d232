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
_UNCLOSED = VOID | set("dd dt li option p tbody td tfoot th thead tr".split())
"""Elements that stand in no other of their kind but in what is counted itself; and, in `ruby`, these:"""
_IN_RUBY = {"rp", "rt"}
_FORMATTING = set("a b big code em font i nobr s small strike strong tt u".split())
"""Elements that go on behind what they began in: until they are closed, each paragraph has them anew."""
_TABLES = set("caption table tbody td tfoot th thead tr".split())
"""Where these begin or end, the end of what is outside is not its end."""
_READ_OTHERWISE = RAW - {"script", "style"}
_READ_OTHERWISE |= set("applet button frameset marquee math object plaintext select svg template".split())
"""Elements in which tags are something else, or what ends outside of them does not end: as parsers go, not we."""
_FORMATS = re.compile(rf"<(?:{'|'.join(sorted(_FORMATTING))})[\t\n\f\r />]", re.IGNORECASE)
_DRAWINGS = {"math", "svg"}
"""Only in these does a tag that closes itself do so."""
MANY = 100_000
"""Elements that a parser may make of a page: some fifty megabytes, and less than a second."""
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
    drawn = None
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
        if drawn is None and tag in _DRAWINGS:
            drawn = tag
        if not ends:
            yield Start(tag, attributes)
        if ends or (closed and drawn):
            yield End(tag)
            drawn = None if tag == drawn else drawn
        elif tag in RAW:
            over = _RAW_ENDS[tag].search(page, at)
            yield _text(page[at : over.start() if over else None])
            at = over.start() if over else None


def depth(page: str) -> int:
    """In how many elements something stands that are to be closed, where it is most."""
    deepest, opened, often = 0, list[str](), Counter[str]()
    for piece in pieces(page):
        if isinstance(piece, str) or piece.tag in _UNCLOSED or (piece.tag in _IN_RUBY and often["ruby"]):
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


def most_made(page: str) -> int:
    """How many elements a parser makes of it at most, by and large.

    What formats is made anew in each element after it until it is closed: two thousand that nobody closes and six
    thousand paragraphs are twelve million. Where parsers may see other ends than we do, none is taken for granted.
    """
    tags, formats = page.count("<"), len(_FORMATS.findall(page))
    if tags * formats <= MANY:
        return tags * (1 + formats)
    most, stuck, opened = 0, 0, Counter[str]()
    for piece in pieces(page):
        if isinstance(piece, str):
            continue
        if piece.tag in _READ_OTHERWISE:
            return tags * (1 + formats)
        if piece.tag in _TABLES:
            stuck += opened.total()
            opened.clear()
        elif piece.tag in _FORMATTING:
            opened[piece.tag] += 1 if isinstance(piece, Start) else -1 if opened[piece.tag] else 0
            most = max(most, stuck + opened.total())
    return tags * (1 + most)


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
