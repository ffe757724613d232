"""The content token: what a site signs about a text, so that a later report proves what the model produced."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from itsdangerous import BadSignature, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode

from widget_server.rules.marking import Disclosure

SALT = "widget-server content token"
LIFETIME = timedelta(days=400)
"""How long a token is evidence. A page that stands longer is labelled all the same."""


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


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class _Serializer(URLSafeSerializer):
    """The library's, but with the key derived once for all tokens, and without trying each whether it compresses."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        key = Signer(secret, SALT, digest_method=hashlib.sha256).derive_key()
        self._signer = Signer(key, SALT, key_derivation="none", digest_method=hashlib.sha256)

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
        except BadSignature:
            continue
        content = Content(
            text_sha256=fields["h"],
            disclosure=Disclosure(fields.get("m", ""), fields.get("p", ""), fields.get("r", "none")),
            signed_at=datetime.fromtimestamp(fields["t"], UTC),
            reviewed_by=fields.get("b", ""),
            publication=fields.get("u", ""),
            prompt=fields.get("q", ""),
            edited=bool(fields.get("e")),
            answers=fields.get("w", ""),
        )
        if now - content.signed_at > LIFETIME:
            raise BadToken(
                f"This token is older than {LIFETIME.days} days. Render the text again, or leave the token out."
            )
        return content
    raise BadToken("This site did not sign this token. Send it as render gave it, or leave it out.")
