"""The content token: what a site signs about a text, so that a later report proves what the model produced."""

import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from itsdangerous import BadData, BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode, want_bytes
from msgspec import Meta, Struct

from widget_server.rules import registry
from widget_server.rules.marking import Disclosure, Review

SALT = "widget-server content token"
LIFETIME = timedelta(days=400)
"""How long a token is evidence. A page that stands longer is labelled all the same."""
LONGEST = 8000
"""Characters of a token, and bytes of what it says."""
FAST = timedelta(days=1)
"""How far the clock of a host may be ahead of ours."""


class BadToken(Exception):
    """Forged, damaged, expired, or signed by another site. The text says which, and the remedy."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a token says. `reviewed_by` and `publication` are empty where there was no review.

    `prompt`: of which the text was made, by its name in the registry (rules/registry.py); empty if nobody told.
    `edited`: a person has changed the text; `answers`: who answers for it, as readers are told.
    """

    text_sha256: str
    disclosure: Disclosure
    signed_at: datetime
    reviewed_by: str = ""
    publication: str = ""
    prompt: str = ""
    edited: bool = False
    answers: str = ""


_Words = Annotated[str, Meta(pattern="\\A[^\0\ud800-\udfff]*\\Z")]


class _Said(Struct):
    """What a token holds. Whoever has the site's secret key signs what they like, and it is stored and shown."""

    h: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    t: Annotated[int, Meta(ge=0, le=2**36)]
    m: _Words = ""
    p: _Words = ""
    r: Review = "none"
    b: _Words = ""
    u: _Words = ""
    q: Annotated[_Words, Meta(max_length=registry.LONGEST)] = ""
    e: bool | int = False
    w: _Words = ""


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class _Signer(Signer):
    """The library's, but a signature is compared as it is written, not as it is read: a token has one spelling."""

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        return hmac.compare_digest(self.get_signature(value), want_bytes(sig))


@lru_cache(maxsize=256)
def _signer(secret: str) -> Signer:
    """With its key derived once for all tokens."""
    key = Signer(secret, SALT, digest_method=hashlib.sha256).derive_key()
    return _Signer(key, SALT, key_derivation="none", digest_method=hashlib.sha256)


def sign(content: Content, secret: str) -> str:
    """The token, with the site's secret key."""
    fields: dict[str, Any] = {
        "h": content.text_sha256,
        "m": content.disclosure.model,
        "p": content.disclosure.provider,
        "r": content.disclosure.review,
        "b": content.reviewed_by,
        "u": content.publication,
        "q": content.prompt,
        "e": int(content.edited),
        "w": content.answers,
        "t": int(content.signed_at.timestamp()),
    }
    said = _json.encode({name: value for name, value in fields.items() if value})
    return _signer(secret).sign(base64_encode(said)).decode()


def read(token: str, secrets: list[str], *, now: datetime) -> Content:
    """What the token says, if one of the site's secret keys signed it. Raises BadToken."""
    for secret in secrets:
        try:
            payload = _signer(secret).unsign(token)
        except BadSignature:
            continue
        content = _content(payload)
        if now - content.signed_at > LIFETIME:
            raise BadToken(
                f"This token is older than {LIFETIME.days} days. Render the text again, or leave the token out."
            )
        if content.signed_at - now > FAST:
            raise BadToken("This token was signed in the future. Set the clock of the host that signs.")
        return content
    raise BadToken("This site did not sign this token. Send it as render gave it, or leave it out.")


def _content(payload: bytes) -> Content:
    try:
        said = msgspec.json.decode(_inflated(payload), type=_Said)
    except (BadData, ValueError, RecursionError, zlib.error):
        raise BadToken("This token says what no rendering says. Send it as render gave it, or leave it out.") from None
    return Content(
        text_sha256=said.h,
        disclosure=Disclosure(said.m, said.p, said.r),
        signed_at=datetime.fromtimestamp(said.t, UTC),
        reviewed_by=said.b,
        publication=said.u,
        prompt=said.q,
        edited=bool(said.e),
        answers=said.w,
    )


def _inflated(payload: bytes) -> bytes:
    """What was signed, in full. The first version packed it where that is shorter: few bytes may stand for many."""
    if not payload.startswith(b"."):
        return base64_decode(payload)
    unpacking = zlib.decompressobj()
    found = unpacking.decompress(base64_decode(payload[1:]), LONGEST)
    if not unpacking.eof:
        raise ValueError("cut, or longer than any token")
    return found
