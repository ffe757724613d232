"""Hostile strings and bodies: our own, as they break out of where they are put, and those of others where they are."""

import base64
import html
import json
import os
import random
from functools import cache
from pathlib import Path
from urllib.parse import quote

CASES = Path(os.environ.get("HOSTILE_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")
"""Corpora of others: beside the repository, or where HOSTILE_CASES says."""
OWN = [
    '"><img src=x onerror=__ran()>',
    "<script>__ran()</script>",
    "<svg onload=__ran()>",
    "<math><mtext><style><img src onerror=__ran()>",
    "[a](javascript:__ran())",
    "<a href='jav&#9;ascript:__ran()'>a</a>",
    "<iframe srcdoc='<script>__ran()</script>'>",
    "<template shadowrootmode=open><img src=x onerror=__ran()></template>",
    "</template></machine-generated><script>__ran()</script>",
    "{{7919*7919}}{% raw %}${7919*7919}",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(1)",
    "\tx",
    "=cmd|' /C calc'!A0",
    "<!channel> <!here> @channel @everyone <https://evil.example|Sign in>",
    "'; DROP TABLE report; --",
    "%_%" * 60,
    "a\x00b",
    "\ud800",
    "\u202eabc\u2066",
    "\ufeff\u2028\u2029\ufffe",
    "e\u0301" * 900,
    "<div>" * 900,
    "[a" * 900,
    "😀" * 900,
    "../../etc/passwd",
    "Subject: x\r\nBcc: y@z.example\r\n\r\n",
    "__proto__",
    "x@y.example\r\nBcc: z@z.example",
    "--boundary\r\nContent-Type: text/html\r\n\r\n<script>__ran()</script>",
    "9" * 400,
    "1e999",
    "-0x1p1074",
    "2026-02-30T25:61:00+99:00",
    "0001-01-01T00:00:00+14:00",
]
OUT_OF = [
    '"',
    "'",
    ">",
    "</textarea>",
    "</title>",
    "]]>",
    "-->",
    "\\",
    "\n",
    "`",
    "&#x3c;",
    "</style>",
    "}} ",
    "| ",
    "\ufeff",
]
"""What ends the place in which a text stands."""


@cache
def texts() -> tuple[str, ...]:
    """Each once. Those of others stand alone; ours also where they break out of something, and written otherwise."""
    found = [*OWN, *(out + text for out in OUT_OF for text in OWN if len(text) < 200)]
    found += [change(text) for change in (quote_whole, html.escape, str.upper, wide) for text in OWN if len(text) < 200]
    if CASES.exists():
        found += json.loads((CASES / "naughty-strings.json").read_text())
        for payloads in json.loads((CASES / "html-payloads.json").read_text()).values():
            found += payloads
    return tuple(dict.fromkeys(found))


def quote_whole(text: str) -> str:
    return quote(text, safe="", errors="replace")


def wide(text: str) -> str:
    """In the letters of full width, which NFKC folds back."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def sample(number: int) -> list[str]:
    """Ours first, then so many of all, spread evenly; of few, ours alone."""
    if number <= len(OWN):
        return OWN[:: max(1, len(OWN) // max(1, number))][:number]
    every = texts()
    rest = every[len(OWN) :: max(1, len(every) // max(1, number - len(OWN)))]
    return [*OWN, *rest][:number]


@cache
def bodies() -> tuple[bytes, ...]:
    """Bodies that should be JSON."""
    file = CASES / "json-bodies.json"
    found = [*map(base64.b64decode, json.loads(file.read_text()).values())] if file.exists() else []
    ours = [b"", b"[]", b"null", b"[" * 50_000, b'{"a":1e999}', b'{"site":1,"site":2}', b"\xff\xfe", b"\x00" * 70_000]
    whole = json.dumps({"site": "x", "views": [{"text_sha256": "0" * 64, "disclosed": True}]}).encode()
    chance = random.Random(1)
    for _ in range(120):
        at = chance.randrange(len(whole))
        ours.append(whole[:at] + bytes([chance.randrange(256)]) + whole[at + chance.randrange(3) :])
    return tuple(dict.fromkeys([*found, *ours]))


def encodable(text: str) -> str:
    """As a browser's form sends it: half a surrogate pair cannot be."""
    return text.encode("utf-8", "replace").decode()
