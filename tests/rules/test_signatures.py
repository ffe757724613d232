"""A seal tells whether a file is as it was made, and by which server."""

import json

import pytest

from widget_server.rules import keys, signatures
from widget_server.rules.signatures import (
    HTML,
    PDF,
    SEAL,
    Verdict,
    canonical,
    is_signed,
    public_key,
    sealed,
    sign,
    verify,
)

SEED = keys.report_seed("a secret")
KEY = public_key(SEED)
FILE = sealed(b"<p>What is said.</p>\n\n", SEED, within=HTML)


def test_the_same_secret_gives_the_same_key_and_another_one_another() -> None:
    assert public_key(keys.report_seed("a secret")) == KEY
    assert public_key(keys.report_seed("another")) != KEY
    assert len(KEY) == 43


def test_a_sealed_file_is_genuine() -> None:
    assert FILE.startswith(b"<p>What is said.</p>\n<!-- widget-server-seal {")
    assert FILE.endswith(b"} -->\n")
    for key in ("", KEY):
        found = verify(FILE, key=key)
        assert (found.verdict, found.key) == (Verdict.GENUINE, KEY)
    assert found.sha256 == json.loads(FILE[FILE.index(b"{") : FILE.rindex(b"}") + 1])["sha256"]
    assert verify(FILE.rstrip(b"\n")).verdict is Verdict.GENUINE


@pytest.mark.parametrize(
    ("file", "verdict"),
    [
        (FILE.replace(b"What", b"Who"), Verdict.CHANGED),
        (b"\n" + FILE, Verdict.CHANGED),
        (FILE.replace(b'"sha256":"', b'"sha256":"0'), Verdict.CHANGED),
        (FILE.replace(KEY.encode(), public_key(keys.report_seed("x")).encode()), Verdict.CHANGED),
        (FILE.splitlines(keepends=True)[0], Verdict.UNSEALED),
        (b"", Verdict.UNSEALED),
        (b"x\n" + SEAL, Verdict.UNSEALED),
        (b"x\n" + SEAL + b"}{", Verdict.UNSEALED),
        (b"x\n" + SEAL + b"{}", Verdict.UNSEALED),
        (b"x\n" + SEAL + b"[1]}", Verdict.UNSEALED),
        (b"x\n" + SEAL + b'{"key":"","sha256":"","signature":""}', Verdict.UNSEALED),
        (b"x\n" + SEAL + b'{"key":"!!","sha256":"","signature":"=="}', Verdict.UNSEALED),
        (b"x\n" + SEAL + b'{"key":null,"sha256":1,"signature":[]}', Verdict.UNSEALED),
        (FILE + b"and more\n", Verdict.UNSEALED),
    ],
)
def test_a_file_that_was_changed_is_told_apart_from_one_without_a_seal(file: bytes, verdict: Verdict) -> None:
    assert verify(file, key=KEY).verdict is verdict


PAPER = sealed(b"%PDF-1.7\n%%EOF\n", SEED, within=PDF)
FORGED = b"<h1>All 15 clauses: met</h1>"


@pytest.mark.parametrize(
    "file",
    [
        FILE.replace(b"<!--", FORGED + b"<!--"),
        FILE.replace(b"<!-- ", b"<!-- -->" + FORGED + b"<!-- "),
        FILE.replace(b"-->\n", b"-->" + FORGED),
        FILE.replace(b"} -->", b"}"),
        FILE.replace(b'{"key"', b'{"a":"-->' + FORGED + b'","key"'),
        FILE.replace(b'"sha256"', b'"sha256":"-->' + FORGED + b'","sha256"'),
        FILE.replace(b'"sha256":', b'"sha256": '),
        FILE + b"\n",
        PAPER.replace(b"% widget", b"\r1 0 obj <</Type /Page>> endobj\r% widget"),
        PAPER.replace(b"}\n", b"}\r1 0 obj <</Type /Page>> endobj\r%%EOF\r"),
        PAPER.replace(b"}\n", b"}\r\n"),
    ],
)
def test_nothing_but_the_seal_stands_in_its_line(file: bytes) -> None:
    assert verify(PAPER, key=KEY).verdict is Verdict.GENUINE
    assert file not in (FILE, PAPER)
    assert verify(file, key=KEY).verdict is Verdict.CHANGED


def test_whoever_seals_it_again_has_another_key() -> None:
    forged = sealed(b"<p>Other.</p>", keys.report_seed("forger"), within=HTML)
    assert verify(forged).verdict is Verdict.GENUINE
    assert verify(forged, key=KEY).verdict is Verdict.STRANGE


def test_the_same_value_has_one_canonical_form() -> None:
    assert canonical({"b": [1, None, True], "a": "é"}) == b'{"a":"\\u00e9","b":[1,null,true]}'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


def test_a_signature_holds_for_one_message_and_one_key() -> None:
    signature = sign(SEED, b"message")
    assert is_signed(KEY, b"message", signature)
    assert not is_signed(KEY, b"massage", signature)
    assert not is_signed(public_key(keys.report_seed("x")), b"message", signature)
    with pytest.raises(ValueError):
        signatures.is_signed("short", b"message", signature)
