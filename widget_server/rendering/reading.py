"""What a person reads of a page: its words, and those that the page marks as machine-written."""

import codecs
import contextlib
import re
from collections import Counter
from dataclasses import dataclass

from widget_server.rendering.markup import VOID, End, Start, pieces

SILENT = set("head iframe noembed noframes noscript object script select style svg template".split())
"""Elements whose content nobody reads as the page's text."""
INLINE = set(
    "a abbr b bdi bdo cite code data dfn em i kbd mark q s samp small span strong sub sup time u var wbr".split()
)
MOST_MARKED, MOST_CHARACTERS = 1_000, 400_000
"""Of marked elements, and of all that stands in them, what comes after so many is not looked at."""
ENCODINGS = {
    *"ascii big5 big5hkscs cp866 cp874 cp932 cp949 euc_jp euc_kr gb18030 gb2312 gbk iso2022_jp koi8-r koi8-u".split(),
    *"mac-roman shift_jis tis-620 utf-16 utf-16-be utf-16-le utf-8 utf-8-sig".split(),
    *(f"iso8859-{part}" for part in range(1, 17)),
    *(f"cp{page}" for page in range(1250, 1259)),
}
"""How pages are written. Python knows more, and not all of them give a text, or soon."""
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_SAID = re.compile(r"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)


@dataclass(slots=True)
class Read:
    """`body`: all words of a page. `marked`: those of each element that says that a machine wrote it."""

    body: str
    marked: list[str]


def read(page: bytes, content_type: str) -> Read:
    """The words of an HTML page or plain text, as its bytes and `Content-Type` say."""
    text = page.decode(_charset(page, content_type), "replace")
    if "html" not in content_type and text.lstrip()[:1] != "<":
        return Read(text, [])
    reader = _Reader()
    for piece in pieces(text):
        reader.take(piece)
    return Read("".join(reader.words), reader.texts())


@dataclass(slots=True)
class _Marked:
    """An element that is marked: how many elements it stands in, and where its words begin and end among all."""

    depth: int
    first: int
    last: int | None = None


class _Reader:
    def __init__(self) -> None:
        self.words: list[str] = []
        self._marked: list[_Marked] = []
        self._open: list[str] = []
        self._often: Counter[str] = Counter()
        self._inside: list[_Marked] = []
        self._silent: list[int] = []

    def texts(self) -> list[str]:
        """What stands in each marked element, as far as it is MOST_CHARACTERS in all."""
        found: list[str] = []
        left = MOST_CHARACTERS
        for one in self._marked:
            text = "".join(self.words[one.first : one.last])
            left -= len(text)
            if left < 0:
                break
            found.append(text)
        return found

    def take(self, piece: Start | End | str) -> None:
        """What comes next in the page."""
        if isinstance(piece, str):
            self._write(piece)
            return
        if piece.tag not in INLINE:
            self._write("\n")
        if isinstance(piece, Start):
            self._start(piece.tag, piece.attributes)
        else:
            self._end(piece.tag)

    def _start(self, tag: str, attributes: set[str]) -> None:
        if tag in VOID:
            return
        self._open.append(tag)
        self._often[tag] += 1
        depth = len(self._open)
        if tag in SILENT:
            self._silent.append(depth)
        marks = tag == "machine-generated" or attributes & {"data-machine-generated", "ai-disclosure"}
        if marks and len(self._marked) < MOST_MARKED:
            self._inside.append(_Marked(depth, first=len(self.words)))
            self._marked.append(self._inside[-1])

    def _end(self, tag: str) -> None:
        if not self._often[tag]:
            return
        closed = ""
        while closed != tag:
            closed = self._open.pop()
            self._often[closed] -= 1
        depth = len(self._open)
        while self._inside and self._inside[-1].depth > depth:
            self._inside.pop().last = len(self.words)
        while self._silent and self._silent[-1] > depth:
            self._silent.pop()

    def _write(self, words: str) -> None:
        if not self._silent:
            self.words.append(words)


def _charset(page: bytes, content_type: str) -> str:
    said = _SAID.search(content_type)
    written = _CHARSET.search(page[:2048])
    name = said[1] if said else written[1].decode() if written else "utf-8"
    with contextlib.suppress(LookupError):
        if (known := codecs.lookup(name).name) in ENCODINGS:
            return known
    return "utf-8"
