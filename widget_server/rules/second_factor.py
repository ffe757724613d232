"""The second factor: codes of an app that change every half minute (TOTP, RFC 6238), and recovery codes."""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
SKEW = 1
"""A clock may be so many steps ahead or behind."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


def address(secret: str, *, account: str, desk: str) -> str:
    """What an app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=desk)


def step_of(code: str, secret: str, *, at: datetime, last: int | None) -> int | None:
    """The half minute whose code this is; None if it is none of now, or (`last`) was used already, or an older one."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    typed, now = "".join(code.split()).encode(), int(at.timestamp()) // STEP_SECONDS
    for step in range(now - SKEW, now + SKEW + 1):
        if hmac.compare_digest(typed, totp.at(step * STEP_SECONDS).encode()):
            return step if last is None or step > last else None
    return None
