"""The second factor of the people at the desk: the secret that their app has, and codes for the day it is lost."""

import secrets
from datetime import datetime

import pyotp

from widget_server.rules import keys
from widget_server.rules.keys import Secrets
from widget_server.rules.second_factor import RECOVERY_BYTES, RECOVERY_CODES, step_of
from widget_server.storage import log, seals, ways_in
from widget_server.storage.seals import CannotOpen, Kind
from widget_server.storage.tables import HouseRule, Moderator, RecoveryCode, SignIn, database

REQUIRED = "second factor"


def propose(person: Moderator) -> tuple[str, str]:
    """A new secret for an app, and the same sealed for them alone: `set_up` keeps it, once the app has shown a code."""
    secret = pyotp.random_base32()
    return secret, seals.seal(Kind.PROPOSAL, f"{person.id} {secret}")


def proposed(person: Moderator, sealed: str) -> str | None:
    """The secret that was proposed to them; None if it was not, whoever's it is."""
    try:
        number, _, secret = seals.opened(Kind.PROPOSAL, sealed).partition(" ")
    except CannotOpen:
        return None
    return secret if number == str(person.id) else None


def set_up(session: SignIn, sealed: str, code: str, *, server_secret: str, at: datetime) -> list[str] | None:
    """From now on the app's codes are asked for. The recovery codes; None if the code is not the app's.

    By the owner of this session. Raises ways_in.Changed.
    """
    person = session.moderator
    secret = proposed(person, sealed)
    step = step_of(code, secret, at=at, last=None) if secret else None
    if secret is None or step is None:
        return None
    kept = seals.seal(Kind.SECOND_FACTOR, secret)
    with database.atomic():
        ways_in.hold(person, session)
        Moderator.update(totp_secret=kept, totp_step=step).where(Moderator.id == person.id).execute()
        log.write("set up second factor", person.email, moderator=person.id, at=at)
        return _new_codes(person, server_secret)


def renew_codes(session: SignIn, *, server_secret: str, at: datetime) -> list[str]:
    """New recovery codes for the owner of this session; the old ones open nothing any more. Raises ways_in.Changed."""
    person = session.moderator
    with database.atomic():
        ways_in.hold(person, session)
        log.write("renew recovery codes", person.email, moderator=person.id, at=at)
        return _new_codes(person, server_secret)


def shown(person: Moderator, code: str, *, server_secrets: Secrets, at: datetime) -> bool:
    """Whether this is a code of the person's app, or one of their recovery codes. Each holds once."""
    secret = _kept(person)
    step = step_of(code, secret, at=at, last=person.totp_step) if secret else None
    if step is not None:
        same = (Moderator.id == person.id) & (Moderator.totp_secret == person.totp_secret)
        newer = Moderator.totp_step.is_null() | (Moderator.totp_step < step)
        return bool(Moderator.update(totp_step=step).where(same, newer).execute())
    digests = [keys.recovery_digest(secret, person=person.id, code=code) for secret in server_secrets]
    with database.atomic():
        used = RecoveryCode.delete().where(RecoveryCode.moderator == person, RecoveryCode.code.in_(digests)).execute()
        if used:
            log.write("use recovery code", person.email, moderator=person.id, at=at, left=codes_left(person))
    return bool(used)


def reset(person: Moderator, *, session: SignIn | None = None, by: int | None, at: datetime) -> None:
    """No second factor is asked for any more, until one is set up again.

    `session`: in which its owner wants it so. Raises ways_in.Changed.
    """
    with database.atomic():
        if session is not None:
            ways_in.hold(person, session)
        Moderator.update(totp_secret=None, totp_step=None).where(Moderator.id == person.id).execute()
        RecoveryCode.delete().where(RecoveryCode.moderator == person).execute()
        log.write("reset second factor", person.email, moderator=by, at=at)


def _kept(person: Moderator) -> str | None:
    try:
        return seals.opened(Kind.SECOND_FACTOR, person.totp_secret or "")
    except CannotOpen:
        return None


def codes_left(person: Moderator) -> int:
    return RecoveryCode.select().where(RecoveryCode.moderator == person).count()


def require(holds: bool, *, by: int, at: datetime) -> None:
    """Whether everybody at the desk needs a second factor."""
    with database.atomic():
        HouseRule.insert(name=REQUIRED, holds=holds).on_conflict(
            conflict_target=[HouseRule.name], update={HouseRule.holds: holds}
        ).execute()
        log.write("require second factor", "everybody", moderator=by, at=at, required=holds)


def required() -> bool:
    return HouseRule.select().where(HouseRule.name == REQUIRED, HouseRule.holds).exists()


def _new_codes(person: Moderator, server_secret: str) -> list[str]:
    codes = [keys.recovery_code(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.delete().where(RecoveryCode.moderator == person).execute()
    RecoveryCode.insert_many(
        [
            {"moderator": person, "code": keys.recovery_digest(server_secret, person=person.id, code=code)}
            for code in codes
        ]
    ).execute()
    return codes
