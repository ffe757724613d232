"""The normal forms of a text that browsers make of it which know less of Unicode than we do.

A browser leaves a character that is younger than its Unicode as it stands: it moves no mark past it and joins nothing
to it. What is old is normalised alike by all, now and later (Unicode's stability policy). Few characters matter: those
that normalising moves, takes apart or puts together.
"""

import re
from itertools import accumulate

from widget_server.rules.stream_safe import normal

UNICODE = "18.0.0"
"""That of ours. A newer one gives some texts another identity: it comes with a migration, as 0042 is one."""

YOUNG = {
    15: "10EFD-10EFF 11F41-11F42 1E08F 1E4EC-1E4EF",
    16: "897 105C9 105D2 105DA 105E4 10D69-10D6D 11382-11385 1138B 1138E 11390-11391 113B8 113BB 113C2 113C5 "
    "113C7-113C9 113CE-113D0 1611E-16129 1612F 16D63 16D67-16D6A 1E5EE-1E5EF",
    17: "1ACF-1ADD 1AE0-1AEB 10EFA-10EFB 1E6E3 1E6E6 1E6EE-1E6EF 1E6F5",
    18: "5C8-5C9 1ADE-1ADF 1AEC-1AF0 10ECB-10ECF 10EF0-10EF9 1D127-1D128 1D250-1D252 1D25B-1D25C 1D25F 1D280-1D281",
}
"""Characters that matter, by the version of Unicode that brought them (`python .ci/young.py` writes them). No browser
that the widget runs in is of a version before 14.
"""

NUL, IN_ITS_PLACE = "\0", "\ufffd"
"""A script may put U+0000 into a page, and views are of the text as it stands there; no report can tell it."""


def characters(ranges: str) -> str:
    """Those of ranges as YOUNG has them."""
    ends = [one.split("-") for one in ranges.split()]
    return "".join(chr(code) for run in ends for code in range(int(run[0], 16), int(run[-1], 16) + 1))


_NEWEST_FIRST = [characters(YOUNG[version]) for version in sorted(YOUNG, reverse=True)]
_BEYOND = [re.compile(f"([{young}]+)") for young in accumulate(_NEWEST_FIRST)]
"""What a browser of version 17 does not know, of 16, and so on."""
_MATTER = frozenset("".join(_NEWEST_FIRST) + IN_ITS_PLACE)


def others(text: str) -> set[str]:
    """The text in NFC as every browser may make it, if they do not all make the same of it; mostly they do: none."""
    if text.isascii() or _MATTER.isdisjoint(text):
        return set()
    ours = normal("NFC", text)
    forms = {ours} | {_as_known(beyond, one) for one in {text, ours} for beyond in _BEYOND}
    return forms | {form.replace(IN_ITS_PLACE, NUL) for form in forms}


def _as_known(beyond: re.Pattern[str], text: str) -> str:
    """A text in NFC, but for what a browser does not know."""
    pieces = beyond.split(text)
    pieces[::2] = [normal("NFC", piece) for piece in pieces[::2]]
    return "".join(pieces)
