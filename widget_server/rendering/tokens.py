"""The content token: what a site signs about a text, so that a later report proves what the model produced."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode, want_bytes
from msgspec import Meta, Struct

from widget_server.rules import registry
from widget_server.rules.marking import Disclosure, Review

SALT = "widget-server content token"
LIFETIME = timedelta(days=400)
"""How long a token is evidence. A page that stands longer is labelled all the same."""
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


class _Serializer(URLSafeSerializer):
    """The library's, but with the key derived once for all tokens, and without trying each whether it compresses."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        key = Signer(secret, SALT, digest_method=hashlib.sha256).derive_key()
        self._signer = _Signer(key, SALT, key_derivation="none", digest_method=hashlib.sha256)

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(_json.encode(obj))


_serializer = lru_cache(maxsize=256)(_Serializer)


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
    return str(_serializer(secret).dumps({name: value for name, value in fields.items() if value}))


def read(token: str, secrets: list[str], *, now: datetime) -> Content:
    """What the token says, if one of the site's secret keys signed it. Raises BadToken."""
    for secret in secrets:
        try:
            fields = _serializer(secret).loads(token)
        except BadData:
            continue
        content = _content(fields)
        if now - content.signed_at > LIFETIME:
            raise BadToken(
                f"This token is older than {LIFETIME.days} days. Render the text again, or leave the token out."
            )
        if content.signed_at - now > FAST:
            raise BadToken("This token was signed in the future. Set the clock of the host that signs.")
        return content
    raise BadToken("This site did not sign this token. Send it as render gave it, or leave it out.")


def _content(fields: Any) -> Content:
    try:
        said = msgspec.convert(fields, _Said)
    except msgspec.ValidationError:
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
