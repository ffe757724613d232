"""Every secret that the server hands out is derived from its own one secret, so that none is stored.

A copy of the database alone opens nothing: neither the API of a site, nor a receipt, nor the identity of a viewer.
"""

import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache

from widget_server.rules import stream_safe

_ALPHABET = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_MISREAD = str.maketrans("OIL", "011", "- ")
RECEIPT_CHARACTERS = 20
Secrets = tuple[str, ...]
"""The server's secret, and after it those that it has taken the place of: they open what they made, and make nothing.
"""


def _derive(secret: str, purpose: str, *parts: str | int) -> bytes:
    return hmac.digest(secret.encode(), json.dumps([purpose, *parts]).encode(), hashlib.sha256)


def _text(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


@lru_cache
def site_secret(server_secret: str, *, site: str, generation: int) -> str:
    """The secret key of a site. It names the site, so that one header tells who asks; rotated: a new generation."""
    proof = _text(_derive(server_secret, "site secret", site, generation))
    return f"wsk_{site}_{proof}"


def site_of(secret: str) -> str | None:
    """The site that a secret key claims to belong to; None if it does not look like one."""
    parts = secret.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "wsk" else None


def same(one: str, other: str) -> bool:
    """Equality in a time that does not tell how much was right."""
    return hmac.compare_digest(one.encode(), other.encode())


def sender(*, site: str, sender_id: str) -> str:
    """What is stored of the id that a report's sender made, by which it is known again: also under another secret of
    the server. Ids are made by chance, so that it does not tell them.
    """
    return digest(json.dumps([site, sender_id]))


def said_with(form: str, said: Mapping[str, object]) -> str:
    """The id of a report by a form that may be sent again after going back: what is said otherwise is another one."""
    return digest(json.dumps([form, said], sort_keys=True))


def receipt(server_secret: str, *, sender: str) -> str:
    """The reporter's secret code: 100 bits, without the letters that people misread, in groups of five."""
    code = (
        base64.b32encode(_derive(server_secret, "receipt", sender)).translate(_ALPHABET)[:RECEIPT_CHARACTERS].decode()
    )
    return "-".join(code[start : start + 5] for start in range(0, RECEIPT_CHARACTERS, 5))


def receipt_digest(receipt: str) -> str:
    """What the database remembers of a receipt. Case, hyphens, spaces and misread letters do not matter."""
    return hashlib.sha256(receipt.upper().translate(_MISREAD).encode()).hexdigest()


def recovery_code(chance: bytes) -> str:
    """A code for the day on which an app is lost, of 10 random bytes: without letters that people misread, in fours."""
    code = base64.b32encode(chance).translate(_ALPHABET).decode()
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def recovery_digest(server_secret: str, *, person: int, code: str) -> str:
    """What is stored of a recovery code. Case, hyphens, spaces and misread letters do not matter."""
    return _derive(server_secret, "recovery code", person, code.upper().translate(_MISREAD)).hex()


def seal(server_secret: str, what: str) -> bytes:
    """The key (for Fernet) under which things of one kind are stored: the database alone does not tell them."""
    return base64.urlsafe_b64encode(_derive(server_secret, what))


def invitation(server_secret: str, *, nonce: str) -> str:
    """The secret part of an invitation's link. It is signed: what was not made here is not even looked up."""
    return f"{nonce}.{_text(_derive(server_secret, 'invitation', nonce))}"


def is_invitation(server_secret: str, token: str) -> bool:
    """Whether this was made here."""
    nonce = token.partition(".")[0]
    return same(token, invitation(server_secret, nonce=nonce))


def digest(token: str) -> str:
    """What the database remembers of a secret that nobody could guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def webhook_secret(server_secret: str, *, webhook: str, generation: int) -> str:
    """What signs the messages to a webhook, in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(_derive(server_secret, "webhook secret", webhook, generation)).decode()


def confirmation(server_secret: str, *, sender: str, email: str) -> str:
    """What only the mail to this address tells: who shows it has read that mail. Another address, another proof."""
    return base64.urlsafe_b64encode(_derive(server_secret, "confirmation", sender, email)[:18]).decode()


def mailbox(server_secret: str, *, email: str) -> str:
    """What is counted of where mail goes: the same for all spellings of an address, whatever stands after a “+”.

    Dots count for nothing in a name, as with the largest of those who keep mail.
    """
    name, _, domain = stream_safe.normal("NFKC", email).strip().casefold().rpartition("@")
    with contextlib.suppress(UnicodeError):  # no domain, so that no mail goes there
        domain = domain.encode("idna").decode()
    return _derive(server_secret, "mailbox", name.partition("+")[0].replace(".", ""), domain).hex()


def work_keys(server_secret: str) -> tuple[bytes, bytes]:
    """What proves that a challenge is ours, and what that its solution is right."""
    return _derive(server_secret, "challenge"), _derive(server_secret, "solution")


def report_seed(server_secret: str) -> bytes:
    """The private key under which reports for auditors are signed (rules/signatures.py)."""
    return _derive(server_secret, "report signature")
