"""What proves that a file came from this server, to somebody who has only its public key: Ed25519 (RFC 8032)."""

import base64
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEAL = b"widget-server-seal "
"""Begins what stands in the last line of a file, and signs every byte before that line."""
HTML, PDF = (b"<!-- ", b" -->"), (b"% ", b"")
"""What makes a comment of that line, before the seal and after it: all else that may stand there."""


class Verdict(StrEnum):
    """What a file with a seal turns out to be."""

    GENUINE = "genuine"
    CHANGED = "changed"
    STRANGE = "sealed with another key"
    UNSEALED = "without a seal"


@dataclass(frozen=True, slots=True)
class Verified:
    """`sha256`: of the bytes that the seal speaks for."""

    verdict: Verdict
    key: str = ""
    sha256: str = ""


def canonical(value: Any) -> bytes:
    """JSON that is the same for the same value: names in order, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def public_key(seed: bytes) -> str:
    """The key that verifies, in base64url without padding, as in a JSON Web Key."""
    return _text(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def sign(seed: bytes, message: bytes) -> str:
    return _text(Ed25519PrivateKey.from_private_bytes(seed).sign(message))


def is_signed(key: str, message: bytes, signature: str) -> bool:
    """Whether the owner of this public key has signed exactly this. Raises ValueError if it is no key."""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(key)).verify(_bytes(signature), message)
    except InvalidSignature:
        return False
    return True


def sealed(content: bytes, seed: bytes, *, within: tuple[bytes, bytes]) -> bytes:
    """A file with its seal in a last line. `within`: HTML or PDF."""
    content = content.rstrip(b"\n") + b"\n"
    seal = _seal(public_key(seed), hashlib.sha256(content).hexdigest(), sign(seed, content))
    return content + seal.join(within) + b"\n"


def verify(file: bytes, *, key: str = "") -> Verified:
    """What a file is, by its seal. `key`: whose seal it must be; empty: any."""
    line_at = file.rstrip(b"\n").rfind(b"\n") + 1
    content, line = file[:line_at], file[line_at:].removesuffix(b"\n")
    try:
        told = json.loads(line[line.index(SEAL) + len(SEAL) : line.rindex(b"}") + 1])
        named, digest, signature = (str(told[name]) for name in ("key", "sha256", "signature"))
        signed = is_signed(named, content, signature)
    except (ValueError, KeyError, TypeError):
        return Verified(Verdict.UNSEALED)
    alone = line in map(_seal(named, digest, signature).join, (HTML, PDF))
    if not signed or not alone or digest != hashlib.sha256(content).hexdigest():
        return Verified(Verdict.CHANGED, named, digest)
    return Verified(Verdict.GENUINE if key in ("", named) else Verdict.STRANGE, named, digest)


def _seal(key: str, sha256: str, signature: str) -> bytes:
    return SEAL + canonical({"key": key, "sha256": sha256, "signature": signature})


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
