"""A text's HTML such that a parser leaves it in its label, in whatever element of the page that stands.

What ends where is the page's matter as much as the text's: a paragraph around ends where a block begins, a link around
where a link begins, and everything between is closed with them, the marked element, too. So they end before it.
"""

import re
from collections.abc import Collection

from markupsafe import Markup

_BLOCKS = "blockquote caption dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul".split()
_ATTRIBUTES = r'(?: [a-z]+="[^"]*")*'  # as the sanitiser writes them
_BLOCK = re.compile(rf"</?(?:{'|'.join(_BLOCKS)}){_ATTRIBUTES}>")
_LINK = re.compile(rf"</?a{_ATTRIBUTES}>")
_TAG = re.compile(rf"</?[a-z0-9]+{_ATTRIBUTES}>")
_HREF = re.compile(r' href="([^"]*)"')
_ELSEWHERE = re.compile(
    r"mailto:|https?://((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)(?::[0-9]+)?(?:[/?#]|\Z)", re.ASCII | re.IGNORECASE
)
"""Addresses that browsers cannot read as one of the page's own website, but for the host's name."""
_LINK_ENDS = "</a>" * 4
"""Each brings the end of a link out of eight more boxes that stand in it, and is nothing where none is open."""


def phrased(html: Markup) -> Markup:
    """What may stand in a line: in place of blocks one line after the other, with the same words."""
    found: list[str] = []
    begun = False
    for piece in _BLOCK.split(html):
        says = bool(_TAG.sub("", piece).strip())
        found += ["<br>" if begun and says else "", piece]
        begun = begun or says
    return Markup("".join(found))


def unlinked(html: Markup) -> Markup:
    """The words of links without the links."""
    return Markup(_LINK.sub("", html))


def outward(html: Markup, *, own: Collection[str | None]) -> Markup:
    """Without links that may lead into the website with these host names: their addresses stand behind their words."""
    inward: list[str | None] = []

    def kept(tag: re.Match[str]) -> str:
        if tag[0] == "</a>":
            address = inward.pop() if inward else None
            return tag[0] if address is None else f' <code dir="ltr">{address}</code>'
        href = _HREF.search(tag[0])
        found = href and _ELSEWHERE.match(href[1])
        inward.append(None if href is None or (found and (found[1] or "").lower() not in own) else href[1])
        return tag[0] if inward[-1] is None else ""

    return Markup(_LINK.sub(kept, html))


def around(html: Markup) -> tuple[str, str]:
    """What stands before and behind the marked element, so that nothing is open around it that would end in it."""
    before, after = ("<div>", "</div>") if _BLOCK.search(html) else ("", "")
    return (_LINK_ENDS if _LINK.search(html) else "") + before, after
